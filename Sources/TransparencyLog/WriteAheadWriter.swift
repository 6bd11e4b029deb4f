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
    /// Batches of fewer bytes are put together and written at once.
    private static let smallBatch = 64 << 10
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
        let header = WriteAheadSegment.header(vkey: vkey, base: base)
        let path = directory.segment(number)
        try LogError.wrapping { () throws(BaseError) in try Files.writeDurably(header, to: path, mode: 0o600) }
        FaultInjection.reach("wal-created")
        return try WriteAheadWriter(path: path, number: number, end: header.count, start: header.count)
    }

    /// Continues a file whose frames end at `end`.
    init(path: String, number: UInt64, end: Int, start: Int) throws(LogError) {
        self.path = path
        self.number = number
        file = try LogError.wrapping { () throws(BaseError) in try Files.open(path, O_WRONLY) }
        offset = end
        self.start = start
    }

    /// Appends a frame and returns when it is on disk.
    func append(_ entries: EntryRun, indices: Range<UInt64>, note: [UInt8]) throws(LogError) {
        var pieces = [WriteAheadSegment.frameHead(first: indices.lowerBound, entries: entries, note: note)]
        var tail: [UInt8] = []
        tail.appendPrefixed(note)
        if entries.bytes.count < Self.smallBatch {
            pieces[0] += entries.bytes
            pieces[0] += tail
        } else {
            pieces += [entries.bytes, tail]
        }
        let count = pieces.reduce(0) { $0 + $1.count }
        guard offset + count < Int(UInt32.max) else {
            throw LogError(.entry, "a batch of \(count) bytes", remedy: "append fewer entries at once")
        }
        do throws(LogError) {
            FaultInjection.batch(indices, durable: false)
            if let torn = FaultInjection.tornWrite(count) {
                try write(Array(pieces.joined().prefix(torn)), at: offset)
                kill(getpid(), SIGKILL)
            }
            var place = offset
            for piece in pieces {
                try write(piece, at: place)
                place += piece.count
            }
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
            // What was written must not look like a batch after a crash; if it cannot be cut off, start anew.
            if ftruncate(file.raw, off_t(offset)) != 0 { isSpoilt = true }
            throw error
        }
        offset += count
        // Not synced: the next batch's sync takes it along, and until then the page cache survives our own death.
        // Losing it can only make an acknowledged batch look unmarked, never the reverse.
        try? write(WriteAheadSegment.markBytes(offset), at: WriteAheadSegment.markOffset)
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
