// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// What the checks have established so far about a bundle: the log is genuine; policies and records follow.
struct Story {
    /// The signed log of the bundle.
    struct Log {
        let verifier: NoteVerifier
        let checkpoint: [UInt8]
        let entries: [ReadEntry]
    }

    /// A policy that a trusted quorum signed.
    struct Policy {
        let policy: SovereignPolicy
        let evaluator: PolicyEvaluator
        let digest: Digest
        let signers: [PublicKey]
    }

    /// One job as its first entries and its records tell it.
    struct Job {
        let id: String
        let accepted: Event.JobAccepted
        let entry: LogEntry
        let inputs: Record.Inputs
        let graph: Record.TaskGraph

        /// The input that a microtask such as `0007/spam` works on, when job and graph have both.
        func item(of microtask: String) -> Record.Inputs.Item? {
            let parts = microtask.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let index = Int(parts[0]), inputs.items.indices.contains(index),
                Self.prefix(index) == parts[0], graph.microtasks.contains(where: { $0.id == parts[1] })
            else { return nil }
            return inputs.items[index]
        }

        static func prefix(_ index: Int) -> String {
            let digits = String(index)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    let bundle: Bundle
    let trust: TrustFile
    let room: TrustFile.Room
    let signer: PublicKey
    let log: Log
    /// By sequence; filled by ``PolicyCheck``.
    var policies: [Int64: Policy] = [:]
    /// By id; filled by ``RecordCheck``.
    var jobs: [String: Job] = [:]

    /// Establishes the log.
    /// - Throws: `log`.
    init(bundle: Bundle, trust: TrustFile, room: TrustFile.Room, signer: PublicKey) throws(BundleError) {
        self.bundle = bundle
        self.trust = trust
        self.room = room
        self.signer = signer
        let verifier = try room.verifier()
        let members = try LogMembers(bundle)
        try members.verify(key: verifier)
        var entries: [ReadEntry] = []
        for entry in members.entries { entries.append(ReadEntry(entry: entry, event: try TypedEvent(entry))) }
        log = Log(verifier: verifier, checkpoint: bundle["log/checkpoint"] ?? [], entries: entries)
    }

    /// The policy in force at an entry.
    func policy(at entry: LogEntry, _ code: BundleError.Code) throws(BundleError) -> Policy {
        guard let policy = policies[entry.policy] else {
            throw .failed(code, "entry \(entry.seq) (\(entry.type)) names policy \(entry.policy), which is not there")
        }
        return policy
    }

    /// The job of an entry.
    func job(of entry: LogEntry, _ code: BundleError.Code) throws(BundleError) -> Job {
        guard let id = entry.job, let job = jobs[id] else {
            throw .failed(code, "entry \(entry.seq) (\(entry.type)) belongs to no job that was accepted")
        }
        return job
    }
}
