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

    static let magic: [UInt8] = Array("atomwal1".utf8)
    /// Where the acknowledgement mark lies: aligned, so that it is written whole.
    static let markOffset = 8
    /// Largest write-ahead file that is read.
    static let maximumBytes = 1 << 30

    /// Name within the room, for messages.
    let file: String
    /// The log's verifier key.
    let vkey: String
    /// Signed checkpoint of the tree before the first frame.
    let base: [UInt8]
    /// Everything before this offset was acknowledged.
    let mark: Int
    let frames: [Frame]
    /// Where the last structurally sound frame ends.
    let end: Int
    /// Bytes after `end`, not a frame.
    let trailing: Int

    init(bytes: [UInt8], file: String) throws(LogError) {
        self.file = file
        var reader = ByteReader(bytes[...])
        guard reader.take(8).map(Array.init) == Self.magic else { throw .damaged("not a write-ahead file", file: file) }
        guard let mark = reader.number(UInt32.self), let check = reader.number(UInt32.self), mark == ~check else {
            throw .damaged("the acknowledgement mark is broken", file: file)
        }
        guard let key = reader.prefixed(), let vkey = String(validating: key, as: UTF8.self),
            let base = reader.prefixed()
        else { throw .damaged("the header is cut short", file: file) }
        self.vkey = vkey
        self.base = Array(base)
        self.mark = Int(mark)
        var frames: [Frame] = []
        var end = reader.position
        while let frame = Self.frame(&reader) {
            frames.append(frame)
            end = frame.place.upperBound
        }
        self.frames = frames
        self.end = end
        trailing = bytes.count - end
    }

    private static func frame(_ reader: inout ByteReader) -> Frame? {
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
        guard let note = inner.prefixed(), inner.isAtEnd else { return nil }
        return Frame(place: start..<body.endIndex, first: first, entries: entries, note: Array(note))
    }

    static func header(vkey: String, base: [UInt8]) -> [UInt8] {
        var bytes = magic
        bytes += [UInt8](repeating: 0, count: 8)
        bytes.appendPrefixed(Array(vkey.utf8))
        bytes.appendPrefixed(base)
        bytes.replaceSubrange(markOffset..<markOffset + 8, with: markBytes(bytes.count))
        return bytes
    }

    /// The mark: an offset and its complement, so that no flipped bit goes unseen.
    static func markBytes(_ offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: offset))
        bytes.appendBigEndian(~UInt32(truncatingIfNeeded: offset))
        return bytes
    }

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
