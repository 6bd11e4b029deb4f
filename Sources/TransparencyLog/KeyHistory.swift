// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The keys of one log in their order, as its own entries tell: the first entry names the first keys, and each `key.rotated`
/// the next ones, signed by those before them.
///
/// Whoever trusts any of them can follow to all later ones. Feed it entries in their order, from the first of the log where they
/// are at hand, then ask it about notes.
public struct KeyHistory: Sendable {
    /// Keys and the sizes of the checkpoints that they may sign.
    public struct Tenure: Hashable, Sendable {
        public let keys: LogKeys
        /// Smallest size.
        public let first: UInt64
        /// Largest size; nil for the keys of today.
        public fileprivate(set) var last: UInt64?

        fileprivate func covers(_ size: UInt64) -> Bool { size >= first && size <= last ?? .max }
    }

    /// The log.
    public let origin: String
    /// In their order; never empty once an entry named a key or one is trusted.
    public private(set) var tenures: [Tenure] = []
    private let trusted: LogKeys?

    /// - Parameter trusted: keys that the reader has from somebody he trusts: those of any time of the log.
    public init(origin: String, trusted: LogKeys? = nil) {
        self.origin = origin
        self.trusted = trusted
    }

    /// The keys of today; nil when nothing is known.
    public var current: LogKeys? { tenures.last?.keys ?? trusted }

    /// Reads an entry by its stored bytes and decodes it only if it must.
    /// - Throws: `key` (exit 4) for an announcement that does not hold.
    mutating func read(_ bytes: [UInt8], index: UInt64) throws(LogError) {
        guard index == 0 || KeyRotation.isIn(bytes[...]) else { return }
        try read(LogEntry(bytes: bytes))
    }

    /// Reads an entry; all but the first and rotations say nothing of keys.
    /// - Throws: `key` (exit 4) for an announcement that does not hold: not signed by the keys before it, for another log or
    ///   place, of a key that the log had before, or without the ML-DSA-65 key that the log has.
    public mutating func read(_ entry: LogEntry) throws(LogError) {
        if entry.seq == 0, entry.type == "room.created", let key = entry.data["logKey"]?.stringValue {
            let keys = try LogKeys(
                name: origin, classical: key, postQuantum: entry.data["postQuantumLogKey"]?.stringValue)
            tenures = [Tenure(keys: try agreed(keys), first: 0)]
        } else if entry.type == KeyRotation.entryType {
            let (rotation, statement) = try KeyRotation.read(entry)
            guard rotation.origin == origin else {
                throw KeyRotation.refused("entry \(entry.seq) announces a key of \(rotation.origin)")
            }
            if tenures.isEmpty {
                // The beginning of the log is not at hand. What retires here is believed for what lies before, as far as the
                // reader trusts a key of this or a later time.
                let keys: LogKeys
                if let trusted, trusted.classical == rotation.old {
                    keys = trusted
                } else {
                    keys = try LogKeys(rotation.old)
                }
                tenures = [Tenure(keys: keys, first: 0)]
            }
            let before = tenures[tenures.count - 1].keys
            do throws(LogError) {
                try rotation.verify(statement, by: before)
            } catch {
                throw KeyRotation.refused("entry \(entry.seq): \(error.message)")
            }
            guard !tenures.contains(where: { $0.keys.classical == rotation.new.classical }) else {
                throw KeyRotation.refused("entry \(entry.seq) announces a key that the log had before")
            }
            tenures[tenures.count - 1].last = rotation.position + 1
            tenures.append(Tenure(keys: try agreed(rotation.new), first: rotation.position + 1))
        }
    }

    /// What the log says of keys that the reader trusts must be what he knows of them.
    private func agreed(_ keys: LogKeys) throws(LogError) -> LogKeys {
        guard let trusted, trusted.classical == keys.classical else { return keys }
        guard trusted.postQuantum == nil || trusted.postQuantum == keys.postQuantum else {
            throw KeyRotation.refused("the log names another ML-DSA-65 key than the one that is trusted, or none")
        }
        return keys
    }

    /// Demands that the trusted keys are among those of the log; call it when all entries were read.
    /// - Throws: `key` (exit 4).
    public mutating func finish() throws(LogError) { try finish(today: nil) }

    /// - Parameter today: the key that a log signs with whose entries name none.
    mutating func finish(today: NoteVerifier?) throws(LogError) {
        guard let trusted else { return }
        if tenures.isEmpty {
            let isOther = today != nil && today != trusted.classical
            tenures = [Tenure(keys: isOther ? try LogKeys(today ?? trusted.classical) : trusted, first: 0)]
        }
        guard tenures.contains(where: { $0.keys.classical == trusted.classical }) else {
            throw LogError(
                .key, "the log is signed by \(current?.classical.vkey ?? ""), not by \(trusted.classical.vkey)",
                remedy: "give the key of this log, or the log of this key", exit: .unverified)
        }
    }

    /// Checks a checkpoint by the keys that may have signed one of its size: the trusted ones and those after them.
    ///
    /// Those before them are not enough: what a log says of its past, anybody can invent up to a key that he does not have.
    /// - Parameter published: whether it left the room: then the ML-DSA-65 line must be there, if the log has such a key.
    /// - Throws: `signature`, `checkpoint`, `note` (exit 4).
    @discardableResult
    public func check(_ note: [UInt8], published: Bool) throws(LogError) -> Checkpoint {
        let keys = try signer(of: note, among: accepted)
        return try Checkpoint(note: note, signedBy: published ? keys : LogKeys(keys.classical))
    }

    /// Checks an earlier checkpoint of which the caller shows that the log extends it: any of the log's keys may have signed it.
    /// - Throws: as ``check(_:published:)``.
    @discardableResult
    public func checkEarlier(_ note: [UInt8], published: Bool) throws(LogError) -> Checkpoint {
        let keys = try signer(of: note, among: tenures[...])
        return try Checkpoint(note: note, signedBy: published ? keys : LogKeys(keys.classical))
    }

    /// The keys that have a line under a checkpoint of their time, trusted ones or later; whether it holds, ``check(_:published:)`` says.
    /// - Throws: `signature` (exit 4).
    public func signer(of note: [UInt8]) throws(LogError) -> LogKeys { try signer(of: note, among: accepted) }

    /// The trusted keys and those after them; all, when none is trusted.
    private var accepted: ArraySlice<Tenure> {
        guard let trusted else { return tenures[...] }
        let start = tenures.firstIndex { $0.keys.classical == trusted.classical }
        return tenures[(start ?? tenures.endIndex)...]
    }

    private func signer(of note: [UInt8], among accepted: ArraySlice<Tenure>) throws(LogError) -> LogKeys {
        let signed = try SignedNote(bytes: note)
        let size = try Checkpoint(text: signed.text).size
        func hasSigned(_ tenure: Tenure) -> Bool {
            signed.signatures.contains {
                $0.name == tenure.keys.classical.name && $0.keyID == tenure.keys.classical.keyID
            }
        }
        // Two tenures share the size at which one hands over to the other.
        if let tenure = accepted.last(where: { $0.covers(size) && hasSigned($0) }) { return tenure.keys }
        if let other = tenures.first(where: hasSigned) {
            let when = other.last.map { "retired at entry \($0 - 1)" } ?? "announced at entry \(other.first - 1)"
            throw LogError(
                .signature, "the checkpoint of \(size) entries is signed by a key that was \(when)",
                remedy: "do not rely on it: a retired key may have been stolen", exit: .unverified)
        }
        throw LogError(
            .signature,
            "no trusted key signed the checkpoint of \(size) entries, nor one that such a key has announced here",
            remedy: "check that the verifier key is one of this log; if the log has changed its keys since, give the "
                + "entries that announce them too", exit: .unverified)
    }
}

extension LogReader {
    /// The keys of this log up to this view, from its entries; reads them all.
    /// - Parameter trusted: keys that must be among them.
    /// - Throws: `key`, `signature` (exit 4), `damaged`.
    public func keyHistory(trusted: LogKeys? = nil) throws(LogError) -> KeyHistory {
        var history = KeyHistory(origin: key.name, trusted: trusted)
        var next: UInt64 = 0
        while next < size {
            let end = min(size, next + 1_024)
            for (offset, bytes) in try rawEntries(in: next..<end).enumerated() {
                try history.read(bytes, index: next + UInt64(offset))
            }
            next = end
        }
        if trusted == nil, history.tenures.isEmpty {
            history = KeyHistory(origin: key.name, trusted: try LogKeys(key))
        }
        try history.finish(today: key)
        try history.check(checkpointNote, published: false)
        return history
    }
}

extension InclusionProof {
    /// Checks that `entry` is at `index` of a log, by the key that may have signed a checkpoint of that size.
    /// - Returns: the checkpoint the proof leads to.
    public func verify(entry: [UInt8], keys: KeyHistory) throws(LogError) -> Checkpoint {
        let head = try keys.check(checkpoint, published: true)
        let leaf = MerkleTree.leafHash(entry)
        guard MerkleTree.verifyInclusion(leaf: leaf, index: index, size: head.size, root: head.root, proof: path) else {
            throw .proof("the hashes do not lead from entry \(index) to the root of the checkpoint")
        }
        return head
    }
}
