// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Entries one behind the other in one piece of memory, each behind its length as a big-endian uint16: the bytes of an entry
/// bundle (C2SP tlog-tiles), and of a batch in a write-ahead file.
struct EntryRun: Sendable {
    /// All entries with their lengths.
    private(set) var bytes: [UInt8]
    /// Where in `bytes` each entry ends.
    private var ends: [Int]

    /// No entries, with room for some.
    init(entries: Int = 0, bytes count: Int = 0) {
        bytes = []
        ends = []
        bytes.reserveCapacity(count)
        ends.reserveCapacity(entries)
    }

    /// The entries of a bundle, or nil when a length points past the end.
    init?(_ bytes: consuming [UInt8]) {
        var ends: [Int] = []
        let text = bytes.span
        var place = 0
        while place < text.count {
            guard place + 2 <= text.count else { return nil }
            place += 2 + (Int(text[place]) << 8 | Int(text[place + 1]))
            guard place <= text.count else { return nil }
            ends.append(place)
        }
        self.bytes = bytes
        self.ends = ends
    }

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }

    /// Where in `bytes` the entry lies, without its length.
    func place(_ position: Int) -> Range<Int> { start(position) + 2..<ends[position] }

    /// A copy of the entry.
    subscript(position: Int) -> [UInt8] { Array(bytes[place(position)]) }

    /// Copies of the entries.
    var entries: [[UInt8]] { (0..<count).map { self[$0] } }

    /// The bytes of some of the entries, with their lengths.
    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        range.isEmpty ? [] : bytes[start(range.lowerBound)..<ends[range.upperBound - 1]]
    }

    private func start(_ position: Int) -> Int { position == 0 ? 0 : ends[position - 1] }

    /// Adds an entry that `write` appends to the bytes. One of more than 65,535 bytes has no length that says so: the
    /// caller looks at what it gets, and takes the entry back.
    /// - Returns: where it lies.
    mutating func append(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = bytes.count
        bytes.append(0)
        bytes.append(0)
        write(&bytes)
        let length = bytes.count - start - 2
        bytes[start] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[start + 1] = UInt8(truncatingIfNeeded: length)
        ends.append(bytes.count)
        return start + 2..<bytes.count
    }

    /// Adds an entry.
    mutating func append(_ entry: [UInt8]) { _ = append { $0 += entry } }

    /// Keeps the first entries only.
    mutating func removeEntries(from position: Int) {
        bytes.removeSubrange(start(position)...)
        ends.removeSubrange(position...)
    }
}
