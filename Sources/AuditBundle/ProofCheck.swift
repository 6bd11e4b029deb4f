// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// Inclusion proofs: one for each acceptance, release and end of a job, so that a single fact can leave the bundle.
enum ProofCheck {
    static let directory = "log/proofs/"

    /// - Throws: `proof`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var files = Dictionary(uniqueKeysWithValues: story.bundle.files(in: directory))
        var count = 0
        for read in story.log.entries where needsProof(read.entry.type) {
            let name = "\(read.seq).tlog-proof"
            guard let bytes = files.removeValue(forKey: name) else {
                throw .failed(.proof, "the proof of entry \(read.seq) (\(read.entry.type)) is missing")
            }
            count += 1
            do throws(LogError) {
                let proof = try InclusionProof(bytes: bytes)
                // One checkpoint for everything: a proof against another one would have to be weighed against this.
                guard proof.index == read.seq, proof.extra == nil, proof.checkpoint == story.log.checkpoint,
                    proof.bytes == bytes
                else {
                    throw LogError(.proof, "it is not of this entry and this checkpoint", remedy: "")
                }
                let entry: [UInt8]
                do throws(BaseError) {
                    entry = try CanonicalJSON.encode(read.entry)
                } catch {
                    throw LogError(.entry, error.message, remedy: error.remedy)
                }
                _ = try proof.verify(entry: entry, keys: story.log.keys)
            } catch {
                throw .failed(.proof, "\(directory)\(name): \(error.message)", cause: error)
            }
        }
        if let stray = files.keys.min() { throw .failed(.proof, "\(directory)\(stray) proves nothing that is claimed") }
        return .init(
            says: "\(count) inclusion proofs stand for acceptance, release and end",
            signedBy: ["log \(story.log.verifier.name)"])
    }

    static func needsProof(_ type: String) -> Bool {
        [Event.JobAccepted.type, Event.OutputReleased.type, Event.JobEnded.type].contains(type)
    }
}
