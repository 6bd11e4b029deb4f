// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Entry bundles of C2SP tlog-tiles: entries one after the other, each behind its length as a big-endian uint16.
public enum EntryBundle {
    /// The bytes of a bundle.
    public static func encode(_ entries: some Collection<[UInt8]>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + $1.count + 2 })
        for entry in entries { append(entry, to: &bytes) }
        return bytes
    }

    static func append(_ entry: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: entry.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: entry.count))
        bytes += entry
    }

    /// The entries of a bundle, or nil when a length prefix points past the end.
    public static func decode(_ bytes: [UInt8]) -> [[UInt8]]? {
        var entries: [[UInt8]] = []
        var reader = ByteReader(bytes[...])
        while !reader.isAtEnd {
            guard let entry = reader.prefixed() else { return nil }
            entries.append(Array(entry))
        }
        return entries
    }
}

/// Takes big-endian numbers and length-prefixed runs from the front of some bytes; nil when there are not enough.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    /// Index, in the array read from, of the next byte.
    var position: Int { rest.startIndex }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        take(Integer.bitWidth / 8)?.reduce(0) { $0 << 8 | Integer($1) }
    }

    mutating func prefixed() -> ArraySlice<UInt8>? {
        guard let count = number(UInt16.self) else { return nil }
        return take(Int(count))
    }
}

extension [UInt8] {
    mutating func appendBigEndian<Integer: FixedWidthInteger>(_ number: Integer) {
        for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> Integer(shift)))
        }
    }

    mutating func appendPrefixed(_ bytes: [UInt8]) {
        appendBigEndian(UInt16(truncatingIfNeeded: bytes.count))
        self += bytes
    }
}
