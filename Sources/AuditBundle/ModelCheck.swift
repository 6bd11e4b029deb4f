// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// Models: their manifests, as registered and as the policy names them.
enum ModelCheck {
    /// What a verifier needs of a model's `manifest.json`; the rest is the executor's business.
    struct Manifest: Codable {
        struct Inner: Codable {
            let name: String
            let `protocol`: String
            let tasks: [Offer]
        }
        struct Offer: Codable {
            let type: String
        }
        struct Image: Codable {
            let digest: Digest
        }
        let v: Int64
        let manifest: Inner
        let image: Image
    }

    /// - Throws: `model`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var known: [Digest: Manifest] = [:]
        for file in story.bundle.files(in: "models/") { try read(file.name, file.content, into: &known) }
        var named: Set<Digest> = []
        var ran: Set<String> = []
        var protocols: [String: String] = [:]
        var served: Set<String> = []
        for read in story.log.entries {
            switch read.event {
            case .modelRegistered(let event):
                named.insert(event.digest)
                guard let manifest = known[event.digest], manifest.manifest.name == event.name,
                    manifest.image.digest == event.image
                else {
                    throw .failed(.model, "entry \(read.seq): the manifest of \(event.name) is missing or of another")
                }
            case .jailStarted(let event):
                protocols[event.jail] = known[event.digest]?.manifest.protocol
                named.insert(event.digest)
                ran.insert(event.model)
                let policy = try story.policy(at: read.entry, .model)
                guard policy.policy.models[event.model]?.digest == event.digest else {
                    throw .failed(
                        .model,
                        "entry \(read.seq): \(event.model) ran as \(event.digest), which the policy does not name")
                }
                guard let manifest = known[event.digest]?.manifest, manifest.name == event.model else {
                    throw .failed(.model, "entry \(read.seq): the manifest of \(event.model) is missing or of another")
                }
                let offer: String? =
                    switch JailRole(rawValue: event.role) {
                    case .parser: TaskStep.parse
                    case .featurizer: TaskStep.features
                    default: nil
                    }
                guard offer.map({ type in manifest.tasks.contains { $0.type == type } }) ?? true else {
                    throw .failed(.model, "entry \(read.seq): \(event.model) ran as a \(event.role), which it is not")
                }
            case .inputDelivered(let event):
                // A process that lives for one input and answers once.
                guard protocols[event.jail] != "oneshot" || served.insert(event.jail + " input").inserted else {
                    throw .failed(.model, "entry \(read.seq): \(event.jail) of \(event.model) took a second input")
                }
            case .outputValidated(let event):
                guard protocols[event.jail] != "oneshot" || served.insert(event.jail + " output").inserted else {
                    throw .failed(.model, "entry \(read.seq): \(event.jail) of \(event.model) gave a second answer")
                }
            default: break
            }
        }
        if let stray = known.keys.filter({ !named.contains($0) }).min() {
            throw .failed(.model, "no entry names the model \(stray)")
        }
        let names = ran.sorted().joined(separator: ", ")
        return .init(
            says:
                "\(known.count) models by their manifests; \(names.isEmpty ? "none" : names) ran, as the policy names them",
            signedBy: ["policy"])
    }

    private static func read(
        _ name: String, _ bytes: [UInt8], into known: inout [Digest: Manifest]
    ) throws(BundleError) {
        let digest = Digest.sha256(bytes)
        guard name == "\(digest.hex)/manifest.json" else {
            throw .failed(.model, "models/\(name) is not what its name says")
        }
        do throws(BaseError) {
            let tree = try JSONValue.parse(bytes)
            guard tree.canonical == bytes else {
                throw BaseError(.json, "it is not canonical JSON", remedy: "")
            }
            known[digest] = try CanonicalJSON.decode(Manifest.self, from: tree)
        } catch {
            throw .failed(.model, "models/\(name): \(error.message)", cause: error)
        }
    }
}
