// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Jails: each was measured before it started, and the measured image is the model's.
enum JailCheck {
    /// What a verifier reads of a measurement.
    private struct Measurement: Codable {
        let image: Digest?
        let tier: String
    }

    /// - Throws: `jail`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var files: [Digest: Measurement] = [:]
        for file in story.bundle.files(in: "jails/") {
            let digest = Digest.sha256(file.content)
            guard file.name == "\(digest.hex).json" else {
                throw .failed(.jail, "jails/\(file.name) is not what its name says")
            }
            do throws(BaseError) {
                let tree = try JSONValue.parse(file.content)
                guard tree.canonical == file.content else {
                    throw BaseError(.json, "it is not canonical JSON", remedy: "")
                }
                files[digest] = try CanonicalJSON.decode(Measurement.self, from: tree)
            } catch {
                throw .failed(.jail, "jails/\(file.name): \(error.message)", cause: error)
            }
        }
        var used: Set<Digest> = []
        var count = 0
        for read in story.log.entries {
            guard case .jailStarted(let event) = read.event else { continue }
            guard let measurement = files[event.measurement] else {
                throw .failed(.jail, "entry \(read.seq): the measurement of \(event.jail) is missing")
            }
            guard measurement.image == imageDigest(of: event.digest, story) else {
                throw .failed(.jail, "entry \(read.seq): \(event.jail) held another image than \(event.model)'s")
            }
            used.insert(event.measurement)
            count += 1
        }
        if let stray = files.keys.filter({ !used.contains($0) }).min() {
            throw .failed(.jail, "no jail has the measurement \(stray)")
        }
        return .init(
            says: "\(count) jails, each measured before it started, with the model's image",
            signedBy: ["log \(story.room.origin)"])
    }

    private static func imageDigest(of model: Digest, _ story: Story) -> Digest? {
        guard let bytes = story.bundle["models/\(model.hex)/manifest.json"], let tree = try? JSONValue.parse(bytes),
            case .string(let text)? = tree["image"]?["digest"]
        else { return nil }
        return Digest(string: text)
    }
}
