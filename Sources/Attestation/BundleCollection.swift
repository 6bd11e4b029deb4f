// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import TransparencyLog

/// Gathers the members of a bundle by walking the entries of its range once.
struct BundleCollection {
    private(set) var jobs: Set<String> = []
    private(set) var policySequences: Set<Int64> = []
    private var contents: [String: [UInt8]] = [:]
    private let sources: BundleSources
    private let log: LogReader
    private let range: Range<UInt64>

    init(sources: BundleSources, log: LogReader, range: Range<UInt64>) {
        self.sources = sources
        self.log = log
        self.range = range
    }

    /// What was gathered, in no particular order.
    var members: [CanonicalArchive.Member] { contents.map { .init(name: $0.key, content: $0.value) } }

    /// Puts a member in.
    mutating func add(_ name: String, _ bytes: [UInt8]) { contents[name] = bytes }

    /// Gathers everything that the range names.
    /// - Throws: ``BundleError`` with the code of the claim that lacks its support.
    mutating func collect() throws(BundleError) {
        let entries: [LogEntry]
        do throws(LogError) {
            contents["log/checkpoint"] = log.checkpointNote
            for path in log.paths(covering: range) { contents["log/\(path)"] = try log.contents(of: path) }
            entries = try log.rawEntries(in: range).map { raw throws(LogError) in try LogEntry(bytes: raw) }
        } catch {
            throw Self.logFailure(error)
        }
        for entry in entries { try collect(entry) }
        for sequence in stride(from: 1, through: policySequences.max() ?? 0, by: 1) {
            let digits = String(sequence)
            let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
            contents["policy/\(name).json"] = try fetch(.policy, "policy \(sequence)") { try sources.policy(sequence) }
        }
    }

    private mutating func collect(_ entry: LogEntry) throws(BundleError) {
        if let job = entry.job { jobs.insert(job) }
        if entry.policy > 0 { policySequences.insert(entry.policy) }
        switch entry.type {
        case Event.PolicyAccepted.type:
            policySequences.insert(try read(Event.PolicyAccepted.self, entry).sequence)
        case Event.ModelRegistered.type:
            try addModel(try read(Event.ModelRegistered.self, entry).digest)
        case Event.JobAccepted.type:
            try addJob(try read(Event.JobAccepted.self, entry), entry.seq)
        case Event.JobDecomposed.type:
            try addRecord(try read(Event.JobDecomposed.self, entry).graph)
        case Event.AuctionHeld.type:
            let event = try read(Event.AuctionHeld.self, entry)
            try addRecord(event.record)
            if let plan = event.plan { try addRecord(plan) }
        case Event.JailStarted.type:
            let event = try read(Event.JailStarted.self, entry)
            try addModel(event.digest)
            contents["jails/\(event.measurement.hex).json"] = try blob(.jail, event.measurement)
        case Event.CheckpointCosigned.type:
            try addRecord(try read(Event.CheckpointCosigned.self, entry).note)
        case Event.OutputReleased.type:
            try addProof(entry.seq)
        case Event.JobEnded.type:
            try addProof(entry.seq)
            let receipt = try blob(.receipt, try read(Event.JobEnded.self, entry).receipt)
            contents["receipts/\(entry.job ?? "none").json"] = receipt
        default:
            break
        }
    }

    private mutating func addJob(_ event: Event.JobAccepted, _ seq: UInt64) throws(BundleError) {
        try addProof(seq)
        try addRecord(event.file)
        let bytes = try addRecord(event.inputs.record)
        let inputs: Record.Inputs
        do throws(BaseError) {
            inputs = try CanonicalJSON.decode(Record.Inputs.self, from: bytes)
        } catch {
            throw BundleError(.record, "\(event.inputs.record): \(error.message)", remedy: error.remedy, cause: error)
        }
        for item in inputs.items {
            guard let label = item.label else { continue }
            let bytes = try blob(.label, label)
            let name = "labels/\(item.digest.hex).label"
            // An owner can label a ciphertext again: then a later job's label stands beside that of an earlier one. A name
            // in the archive has at most 100 bytes.
            let isOther = contents[name].map { $0 != bytes } ?? false
            contents[isOther ? "labels/\(item.digest.hex).\(label.hex.prefix(16)).label" : name] = bytes
        }
    }

    private mutating func addModel(_ digest: Digest) throws(BundleError) {
        contents["models/\(digest.hex)/manifest.json"] = try fetch(.model, "the manifest of model \(digest)") {
            try sources.model(digest)
        }
    }

    @discardableResult
    private mutating func addRecord(_ digest: Digest) throws(BundleError) -> [UInt8] {
        let bytes = try blob(.record, digest)
        contents["records/\(digest.hex).json"] = bytes
        return bytes
    }

    private mutating func addProof(_ seq: UInt64) throws(BundleError) {
        do throws(LogError) {
            contents["log/proofs/\(seq).tlog-proof"] = try log.inclusionProof(seq).bytes
        } catch {
            throw Self.logFailure(error)
        }
    }

    private func blob(_ code: BundleError.Code, _ digest: Digest) throws(BundleError) -> [UInt8] {
        let bytes = try fetch(code, "the bytes of \(digest)") { try sources.blob(digest) }
        guard Digest.sha256(bytes) == digest else {
            throw BundleError(
                code, "what the room has as \(digest) is something else",
                remedy: "restore the room's blobs from a copy",
                exit: .unverified)
        }
        return bytes
    }

    private func fetch(
        _ code: BundleError.Code, _ what: String, _ body: () throws -> [UInt8]?
    ) throws(BundleError) -> [UInt8] {
        let found: [UInt8]?
        do {
            found = try body()
        } catch {
            throw BundleError(code, "\(what): \(error)", remedy: "check the room's files", exit: .failed, cause: error)
        }
        guard let found else {
            throw BundleError(code, "the room does not have \(what)", remedy: "restore it from a copy", exit: .failed)
        }
        return found
    }

    private func read<T: EventData>(_ type: T.Type, _ entry: LogEntry) throws(BundleError) -> T {
        do throws(BaseError) {
            return try CanonicalJSON.decodeStrict(type, from: entry.data)
        } catch {
            throw BundleError(
                .log, "entry \(entry.seq) (\(entry.type)): \(error.message)", remedy: error.remedy, cause: error)
        }
    }

    private static func logFailure(_ error: LogError) -> BundleError {
        BundleError(.log, error.message, remedy: error.remedy, exit: error.exit, cause: error)
    }
}
