// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One write-ahead file as bytes: its header and its frames, structure only. See `docs/audit-format.md`.
struct WriteAheadSegment: Sendable {
    /// One batch: its entries and the checkpoint signed over them.
    struct Frame: Sendable {
        /// Where the frame begins and ends in the file.
        let place: Range<Int>
        /// Index of the first entry.
        let first: UInt64
        let entries: EntryRun
        /// The signed checkpoint of the tree that ends with this batch.
        let note: [UInt8]

        var range: Range<UInt64> { first..<first + UInt64(entries.count) }
    }

    static let magic: [UInt8] = Array("atomwal2".utf8)
    /// That of files that end with their last frame; they are read, not written.
    private static let firstMagic: [UInt8] = Array("atomwal1".utf8)
    /// Where the acknowledgement mark lies: aligned, so that it is written whole.
    static let markOffset = 8
    /// Frames begin at multiples of so many bytes, which is what the head of one has.
    private static let alignment = 16
    /// What fills up to such a multiple: no zeros, so that what a torn batch leaves differs from space that was never used.
    static let filler: UInt8 = 0x20
    /// Largest write-ahead file that is read.
    static let maximumBytes = 1 << 30

    /// Name within the room, for messages.
    let file: String
    /// Whether it is of the kind that is written to.
    let isCurrent: Bool
    /// The log's verifier key.
    let vkey: String
    /// Signed checkpoint of the tree before the first frame.
    let base: [UInt8]
    /// Everything before this offset was acknowledged.
    let mark: Int
    /// Where the first frame begins.
    let start: Int
    let frames: [Frame]
    /// Where the last structurally sound frame ends.
    let end: Int
    /// What follows `end` but zeros at the end, which are space that was not used.
    private let rest: [UInt8]

    /// Whether behind `end` there is more than space.
    var hasMore: Bool { isCurrent ? !isSpace : !rest.isEmpty }

    init(bytes: [UInt8], file: String) throws(LogError) {
        self.file = file
        var reader = ByteReader(bytes[...])
        let magic = reader.take(8).map(Array.init)
        isCurrent = magic == Self.magic
        guard isCurrent || magic == Self.firstMagic else { throw .damaged("not a write-ahead file", file: file) }
        guard let mark = reader.number(UInt32.self), let check = reader.number(UInt32.self), mark == ~check else {
            throw .damaged("the acknowledgement mark is broken", file: file)
        }
        guard let key = reader.prefixed(), let vkey = String(validating: key, as: UTF8.self),
            let base = reader.prefixed(), !isCurrent || Self.skipFiller(&reader)
        else { throw .damaged("the header is cut short", file: file) }
        self.vkey = vkey
        self.base = Array(base)
        self.mark = Int(mark)
        start = reader.position
        var frames: [Frame] = []
        var end = start
        while let frame = Self.frame(&reader, isCurrent: isCurrent) {
            frames.append(frame)
            end = frame.place.upperBound
        }
        self.frames = frames
        self.end = end
        rest = Array(bytes[end..<(isCurrent ? max(end, Self.usedBytes(bytes)) : bytes.count)])
    }

    // MARK: - Reading

    private static func skipFiller(_ reader: inout ByteReader) -> Bool {
        reader.take(fillerCount(after: reader.position)).map { $0.allSatisfy { $0 == filler } } ?? false
    }

    private static func frame(_ reader: inout ByteReader, isCurrent: Bool) -> Frame? {
        let start = reader.position
        guard let length = reader.number(UInt32.self), let body = reader.take(Int(length)) else { return nil }
        var inner = ByteReader(body)
        guard let first = inner.number(UInt64.self), let count = inner.number(UInt32.self), count > 0,
            first <= UInt64.max - UInt64(count), Int(count) <= body.count
        else { return nil }
        var bytes = 0
        var ahead = inner
        for _ in 0..<count {
            guard let entry = ahead.prefixed() else { return nil }
            bytes += 2 + entry.count
        }
        guard let text = inner.take(bytes), let entries = EntryRun(Array(text)) else { return nil }
        guard let note = inner.prefixed(), inner.isAtEnd, !isCurrent || skipFiller(&reader) else { return nil }
        return Frame(place: start..<reader.position, first: first, entries: entries, note: Array(note))
    }

    /// How many bytes there are up to the last that is not zero.
    private static func usedBytes(_ bytes: [UInt8]) -> Int {
        // SAFETY: the words lie within the bytes.
        unsafe bytes.withUnsafeBytes { bytes in
            var end = bytes.count
            while end >= 8, unsafe bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 { end -= 8 }
            while end > 0, unsafe bytes[end - 1] == 0 { end -= 1 }
            return end
        }
    }

    // MARK: - Writing

    static func header(vkey: String, base: [UInt8]) -> [UInt8] {
        var bytes = magic
        bytes += [UInt8](repeating: 0, count: 8)
        bytes.appendPrefixed(Array(vkey.utf8))
        bytes.appendPrefixed(base)
        bytes += repeatElement(filler, count: fillerCount(after: bytes.count))
        bytes.replaceSubrange(markOffset..<markOffset + 8, with: markBytes(bytes.count))
        return bytes
    }

    /// The mark: an offset and its complement, so that no flipped bit goes unseen.
    static func markBytes(_ offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8)
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: offset))
        bytes.appendBigEndian(~UInt32(truncatingIfNeeded: offset))
        return bytes
    }

    /// How many bytes fill up to where something may begin.
    static func fillerCount(after offset: Int) -> Int { -offset & (alignment - 1) }

    /// What stands before the entries of a frame.
    static func frameHead(first: UInt64, entries: EntryRun, note: [UInt8]) -> [UInt8] {
        let length = 12 + entries.bytes.count + 2 + note.count
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: length))
        bytes.appendBigEndian(first)
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: entries.count))
        return bytes
    }
}

extension WriteAheadSegment {
    /// What stands at the end of the space behind the frames: its own place in the file, as hexadecimal digits. Who cuts the
    /// file takes it away; a crash takes it away only by writing a batch over it.
    static func endMark(at place: Int) -> [UInt8] {
        let digits = Array(String(UInt32(truncatingIfNeeded: place), radix: 16).utf8)
        return Array(repeating: 0x30, count: 8 - digits.count) + digits
    }

    /// Where the mark of the end stands behind at least so much space after `end`: it ends a sector, and the file.
    static func endMarkPlace(after end: Int, space: Int) -> Int {
        (end + space + endMarkSize + sector - 1) / sector * sector - endMarkSize
    }

    static let endMarkSize = 8
    /// A disk writes so many bytes whole.
    private static let sector = 512
    /// A sector with fewer bytes that are not zero holds no part of a batch: of its aligned bytes only lengths have zeros.
    private static let fewest = 12

    /// The first byte behind the frames that neither space nor a torn batch explains: somebody has been there, or has cut the
    /// file. Nothing that was ever acknowledged lies there, so only a full verification asks.
    /// - Parameter next: index of the entry with which the next batch would begin.
    func strayByte(next: UInt64) -> Int? {
        guard isCurrent, !isSpace else { return nil }
        // A crash within a write may leave the whole batch and nothing behind it.
        guard let first = rest.firstIndex(where: { $0 != 0 }) else { return end > mark ? nil : end }
        var place = 0
        if first < Self.sector - end % Self.sector {
            if let length = tornFrame(next: next) {
                place = length
            } else if !isEndMark(first) {
                return end + first
            }
        }
        while place < rest.count {
            let sector = place..<min(rest.count, place + Self.sector - (end + place) % Self.sector)
            var used = sector.filter { rest[$0] != 0 }[...]
            if let first = used.first, isEndMark(first) { used = used.dropFirst(Self.endMarkSize) }
            if let stray = used.first, used.count < Self.fewest { return end + stray }
            place = sector.upperBound
        }
        return nil
    }

    /// The rest is nothing but zeros and, somewhere, the mark of the end. It is not at the very end when a crash let the file grow.
    private var isSpace: Bool {
        guard let first = rest.firstIndex(where: { $0 != 0 }) else { return false }
        return first + Self.endMarkSize == rest.count && isEndMark(first)
    }

    private func isEndMark(_ place: Int) -> Bool {
        rest[place..<min(place + Self.endMarkSize, rest.count)].elementsEqual(Self.endMark(at: end + place))
    }

    /// Bytes of the frame whose head begins the rest; nil when it is none. A head lies within one sector, so all of it is there.
    private func tornFrame(next: UInt64) -> Int? {
        var head = ByteReader(rest.prefix(Self.alignment))
        guard let length = head.number(UInt32.self), length > 0, head.number(UInt64.self) == next,
            let count = head.number(UInt32.self), count > 0
        else { return nil }
        return 4 + Int(length) + Self.fillerCount(after: 4 + Int(length))
    }
}
