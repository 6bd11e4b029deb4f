// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The write-ahead file that is being appended to. Used by one thread at a time.
final class WriteAheadWriter {
    let number: UInt64
    private let path: String
    private let file: OwnedFD
    /// Where the next frame goes.
    private(set) var offset: Int
    /// Where the space for frames ends, behind which the mark of the end stands. To write before it changes no size, and a sync
    /// need not write what the file system knows of the file.
    private var spaceEnd: Int
    /// Smaller frames make space when they find none.
    private static let smallBatch = 64 << 10
    private static let space = 64 << 10
    /// Where the first frame goes.
    private let start: Int
    /// A write failed and what it left could not be taken back: the next batch needs a new file.
    private(set) var isSpoilt = false

    /// Whether nothing was appended yet.
    var isEmpty: Bool { offset == start }

    /// Creates the file with its header, durable under its name.
    static func create(_ directory: LogDirectory, number: UInt64, vkey: String, base: [UInt8]) throws(LogError)
        -> WriteAheadWriter
    {
        var header = WriteAheadSegment.header(vkey: vkey, base: base)
        let start = header.count
        header += Self.space(from: start, atLeast: 0)
        let path = directory.segment(number)
        try LogError.wrapping { () throws(BaseError) in try Files.writeDurably(header, to: path, mode: 0o600) }
        FaultInjection.reach("wal-created")
        return try WriteAheadWriter(path: path, number: number, start: start)
    }

    /// Begins behind the header of a file that has no frames.
    init(path: String, number: UInt64, start: Int) throws(LogError) {
        self.path = path
        self.number = number
        file = try LogError.wrapping { () throws(BaseError) in try Files.open(path, O_WRONLY) }
        offset = start
        spaceEnd = WriteAheadSegment.endMarkPlace(after: start, space: 0)
        self.start = start
    }

    /// Appends a frame and returns when it is on disk.
    func append(_ entries: EntryRun, indices: Range<UInt64>, note: [UInt8]) throws(LogError) {
        let frame = frame(entries, first: indices.lowerBound, note: note)
        let count = frame.count
        guard offset + count < Int(UInt32.max) else {
            throw LogError(.entry, "a batch of \(count) bytes", remedy: "append fewer entries at once")
        }
        let before = spaceEnd
        do throws(LogError) {
            FaultInjection.batch(indices, durable: false)
            if let torn = FaultInjection.tornWrite(count) {
                try write(Array(frame.bytes.prefix(torn)), at: offset)
                kill(getpid(), SIGKILL)
            }
            try write(frame)
            FaultInjection.reach("wal-written")
            guard fdatasync(file.raw) == 0, !FaultInjection.fails("wal-sync") else {
                // After a failed sync the kernel may drop the pages and report success later; the file is not to be
                // trusted any more.
                isSpoilt = true
                throw LogError(.system("fdatasync", path))
            }
            FaultInjection.batch(indices, durable: true)
            FaultInjection.reach("wal-synced")
        } catch {
            // What was written must not look like a batch after a crash; if it cannot be taken back, start anew.
            if !takeBack(count, spaceEnd: before) { isSpoilt = true }
            throw error
        }
        offset += count
        // Not synced: the next batch's sync takes it along, and until then the page cache survives our own death.
        // Losing it can only make an acknowledged batch look unmarked, never the reverse.
        try? write(WriteAheadSegment.markBytes(offset), at: WriteAheadSegment.markOffset)
    }

    /// The bytes of a frame.
    private struct Frame {
        let head: [UInt8]
        let entries: [UInt8]
        /// The checkpoint and the filler.
        var tail: [UInt8]

        var count: Int { head.count + entries.count + tail.count }
        var bytes: [UInt8] { head + entries + tail }
    }

    private func frame(_ entries: EntryRun, first: UInt64, note: [UInt8]) -> Frame {
        var frame = Frame(
            head: WriteAheadSegment.frameHead(first: first, entries: entries, note: note), entries: entries.bytes,
            tail: [])
        frame.tail.reserveCapacity(note.count + 32)
        frame.tail.appendPrefixed(note)
        let filler = WriteAheadSegment.fillerCount(after: offset + frame.count)
        frame.tail += repeatElement(WriteAheadSegment.filler, count: filler)
        return frame
    }

    /// Writes a frame, and behind it space where there is too little.
    private func write(_ frame: Frame) throws(LogError) {
        let end = offset + frame.count
        guard end > spaceEnd else { return try write(frame, []) }
        if frame.count < Self.smallBatch {
            do throws(LogError) {
                return try write(frame, Self.space(from: end, atLeast: Self.space))
            } catch {
                // On a full disk there may still be room for the frame alone.
                guard error.code == .diskFull else { throw error }
            }
        }
        try write(frame, Self.space(from: end, atLeast: 0))
        guard ftruncate(file.raw, off_t(spaceEnd + WriteAheadSegment.endMarkSize)) == 0 else {
            throw LogError(.system("ftruncate", path))
        }
    }

    private func write(_ frame: Frame, _ space: [UInt8]) throws(LogError) {
        try write(frame.head, frame.entries, frame.tail, space, at: offset)
        if !space.isEmpty { spaceEnd = offset + frame.count + space.count - WriteAheadSegment.endMarkSize }
    }

    /// Space that begins at an offset, with the mark of its end.
    private static func space(from start: Int, atLeast count: Int) -> [UInt8] {
        let mark = WriteAheadSegment.endMarkPlace(after: start, space: count)
        return [UInt8](repeating: 0, count: mark - start) + WriteAheadSegment.endMark(at: mark)
    }

    /// Makes space again of what a frame was written to.
    private func takeBack(_ count: Int, spaceEnd before: Int) -> Bool {
        spaceEnd = before
        do throws(LogError) {
            try write([UInt8](repeating: 0, count: min(count, before - offset)), at: offset)
            guard offset + count > before else { return true }
            try write(WriteAheadSegment.endMark(at: before), at: before)
        } catch {
            return false
        }
        return ftruncate(file.raw, off_t(before + WriteAheadSegment.endMarkSize)) == 0
    }

    /// One write for all, so that no sector gets a part of it before another.
    private func write(
        _ first: [UInt8], _ second: [UInt8], _ third: [UInt8], _ fourth: [UInt8], at position: Int
    ) throws(LogError) {
        // SAFETY: the buffers live until the call has returned, and it only reads them.
        let wrote = unsafe first.withUnsafeBytes { a in
            unsafe second.withUnsafeBytes { b in
                unsafe third.withUnsafeBytes { c in
                    unsafe fourth.withUnsafeBytes { d in
                        let parts = unsafe [a, b, c, d].map {
                            unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
                        }
                        return unsafe pwritev(file.raw, parts, Int32(parts.count), off_t(position))
                    }
                }
            }
        }
        if wrote == first.count + second.count + third.count + fourth.count { return }
        guard wrote >= 0 || errno == EINTR else { throw LogError(.system("pwritev", path)) }
        // Interrupted, or out of room in the middle, which the next write says.
        let done = max(0, wrote)
        try write(Array((first + second + third + fourth).dropFirst(done)), at: position + done)
    }

    private func write(_ bytes: [UInt8], at position: Int) throws(LogError) {
        var done = 0
        while done < bytes.count {
            // SAFETY: the range from `done` lies within `bytes`.
            let wrote = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    file.raw, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(position + done))
            }
            if wrote < 0 {
                if errno == EINTR { continue }
                throw LogError(.system("pwrite", path))
            }
            done += wrote
        }
    }
}
