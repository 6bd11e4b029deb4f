// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The hash chain that runs through the entries beside the Merkle tree: each names its position and its predecessor.
public struct EntryChain: Sendable {
    /// `prev` of the first entry of a log.
    public static let start = Digest.zero

    /// Index that the next entry must have.
    public private(set) var next: UInt64
    /// SHA-256 of the last entry; nil when the chain begins in the middle of a log and has seen none.
    public private(set) var previous: Digest?

    /// A chain from the beginning of a log.
    public init() {
        next = 0
        previous = Self.start
    }

    /// A chain from the middle of a log: the first entry's `prev` is taken on trust.
    public init(from index: UInt64) {
        next = index
        previous = index == 0 ? Self.start : nil
    }

    /// Checks one more entry.
    /// - Parameter file: the file that holds it, for the message.
    /// - Returns: the entry, decoded.
    /// - Throws: `entry` when it is malformed, `damaged` when its number or its `prev` does not follow.
    public mutating func add(_ bytes: [UInt8], file: String = "the log") throws(LogError) -> LogEntry {
        let entry = try LogEntry(bytes: bytes)
        guard entry.seq == next else { throw .damaged("it says it is entry \(entry.seq)", file: file, entry: next) }
        guard previous == nil || entry.prev == previous else {
            throw .damaged("it does not continue the entry before it", file: file, entry: next)
        }
        next += 1
        previous = Digest.sha256(bytes)
        return entry
    }

    /// Checks one more entry, as ``add(_:file:)`` does, and decodes it only if it must.
    mutating func advance(_ run: EntryRun, _ position: Int, file: String, engine: inout SHA256Engine) throws(LogError) {
        let bytes = run.bytes.span.extracting(run.place(position))
        guard let scan = EntryScan(bytes, previous: previous), scan.seq == next else {
            _ = try add(run[position], file: file)
            return
        }
        next += 1
        previous = engine.hash(bytes)
    }

    /// The first entry of a run that cannot be read, has the wrong number or is not what its successor points back
    /// to; the run's first when all of that is in order.
    static func firstBroken(_ run: EntryRun, from first: UInt64) -> UInt64 {
        var previous: (index: UInt64, digest: Digest)?
        for (offset, bytes) in run.entries.enumerated() {
            let index = first + UInt64(offset)
            guard let entry = try? LogEntry(bytes: bytes), entry.seq == index else { return index }
            if let previous, previous.digest != entry.prev { return previous.index }
            previous = (index, Digest.sha256(bytes))
        }
        return first
    }
}
