// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// Cosignatures: answers whose policy demands them left under enough of witnesses whom the reader trusts.
///
/// What has left before a job's end is known to be covered when the job ended: an answer is placed between the cosigned
/// checkpoint that covers its release and `job.ended`.
enum WitnessCheck {
    /// A checkpoint that trusted witnesses signed.
    private struct Cosigned {
        let entry: UInt64
        /// Entries that it covers.
        let size: Int64
        let signers: Set<CosignatureVerifier>
    }

    /// - Throws: `witness`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        let known = try story.room.witnessKeys()
        let (cosigned, signers) = try cosigned(story, known)
        var ends: [String: UInt64] = [:]
        for read in story.log.entries {
            if case .jobEnded = read.event, let id = read.entry.job { ends[id] = read.seq }
        }
        var demanded = 0
        for read in story.log.entries {
            guard case .outputReleased = read.event else { continue }
            let job = try story.job(of: read.entry, .witness)
            let policy = try story.policy(at: read.entry, .witness).policy
            let required = policy.cosignatures(of: job.entry.label?.class ?? "")
            // A job without an end may still be waiting for its witnesses.
            guard required > 0, let end = ends[job.id] else { continue }
            demanded += 1
            let counted = policy.countedWitnesses
            let most =
                cosigned.filter { $0.entry < end && UInt64(clamping: $0.size) > read.seq }
                .map { counted.map($0.signers.intersection)?.count ?? $0.signers.count }.max() ?? 0
            guard most >= required else {
                let listed = counted == nil ? "" : " and the policy lists"
                let trusted = listed + (known.isEmpty ? ", and the trust file names no witness of the room" : "")
                throw .failed(
                    .witness,
                    "entry \(read.seq): policy \(read.entry.policy) demands \(required) cosignatures, and \(job.id) ended "
                        + "under \(most) of witnesses that the reader trusts\(trusted)")
            }
        }
        let names = signers.map { "witness \($0.name)+\(Examination.hex($0.keyID))" }
        guard demanded > 0 else {
            let count = cosigned.count { !$0.signers.isEmpty }
            return .init(
                says: "no policy demands cosignatures; trusted witnesses signed \(count) checkpoints", signedBy: names)
        }
        return .init(
            says: "\(demanded) answers left under as many cosignatures as their policy demands", signedBy: names)
    }

    private static func cosigned(
        _ story: Story, _ known: [CosignatureVerifier]
    ) throws(BundleError) -> ([Cosigned], [CosignatureVerifier]) {
        var found: [Cosigned] = []
        var signers: [CosignatureVerifier] = []
        for read in story.log.entries {
            guard case .checkpointCosigned(let event) = read.event else { continue }
            let record = try RecordCheck.cosignedCheckpoint(event, read.entry, story)
            let signed: [Cosignature]
            do throws(LogError) {
                signed = try SignedNote(bytes: Array(record.note.utf8)).cosignatures(by: known)
            } catch {
                throw .failed(
                    .witness, "the cosigned checkpoint of entry \(read.seq): \(error.message)", cause: error)
            }
            found.append(Cosigned(entry: read.seq, size: event.size, signers: Set(signed.map(\.witness))))
            for each in signed where !signers.contains(each.witness) { signers.append(each.witness) }
        }
        return (found, signers)
    }
}
