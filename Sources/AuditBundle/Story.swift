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
        /// The key that signed the checkpoint.
        let verifier: NoteVerifier
        let keys: KeyHistory
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

        /// The input of a step such as `0007/spam` or `0007/parse`, and the step's id, when job and graph have both.
        func step(_ name: String) -> (item: Record.Inputs.Item, id: String)? {
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let index = Int(parts[0]), inputs.items.indices.contains(index),
                case let item = inputs.items[index], name.hasPrefix(Record.Inputs.Item.prefix(item.index)),
                case let id = String(parts[1]),
                Record.TaskGraph.reserved.contains(id) || graph.microtasks.contains(where: { $0.id == id })
            else { return nil }
            return (item, id)
        }

        /// The input with a digest.
        func item(of input: Digest) -> Record.Inputs.Item? { places[input].map { inputs.items[$0] } }

        private let places: [Digest: Int]

        init(
            id: String, accepted: Event.JobAccepted, entry: LogEntry, inputs: Record.Inputs, graph: Record.TaskGraph
        ) {
            self.id = id
            self.accepted = accepted
            self.entry = entry
            self.inputs = inputs
            self.graph = graph
            places = Dictionary(
                inputs.items.enumerated().map { ($1.digest, $0) }, uniquingKeysWith: { first, _ in first })
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
        let members = try LogMembers(bundle)
        var entries: [ReadEntry] = []
        for entry in members.entries { entries.append(ReadEntry(entry: entry, event: try TypedEvent(entry))) }
        let keys = try Self.keys(room, entries)
        try members.verify(keys: keys)
        let verifier: NoteVerifier
        do throws(LogError) {
            verifier = try keys.signer(of: bundle["log/checkpoint"] ?? []).classical
        } catch {
            throw .failed(.log, "log/checkpoint: \(error.message)", cause: error)
        }
        log = Log(verifier: verifier, keys: keys, checkpoint: bundle["log/checkpoint"] ?? [], entries: entries)
    }

    /// The log's keys from those that the reader trusts to those of today, as far as the range of the bundle tells.
    private static func keys(_ room: TrustFile.Room, _ entries: [ReadEntry]) throws(BundleError) -> KeyHistory {
        var keys = KeyHistory(origin: room.origin, trusted: try room.logKeys())
        do throws(LogError) {
            for read in entries { try keys.read(read.entry) }
            try keys.finish()
        } catch {
            throw .failed(.log, error.message, cause: error)
        }
        return keys
    }

    /// The policy in force at an entry.
    func policy(at entry: LogEntry, _ code: BundleError.Code) throws(BundleError) -> Policy {
        guard let policy = policies[entry.policy] else {
            throw .failed(code, "entry \(entry.seq) (\(entry.type)) names policy \(entry.policy), which is not there")
        }
        return policy
    }

    /// The keys of a policy that the reader trusts: a key counts in the role in which he does.
    func trustedKeys(of policy: SovereignPolicy) -> Set<PublicKey> {
        Set(
            policy.authority.keys.filter { member in
                trust.policyKeys.contains { $0.key == member.key && $0.role == member.role }
            }.map(\.key))
    }

    /// The job of an entry.
    func job(of entry: LogEntry, _ code: BundleError.Code) throws(BundleError) -> Job {
        guard let id = entry.job, let job = jobs[id] else {
            throw .failed(code, "entry \(entry.seq) (\(entry.type)) belongs to no job that was accepted")
        }
        return job
    }
}
