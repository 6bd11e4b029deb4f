// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Lines first, bytes after: what the reader of a header or an armor needs from a source.
///
/// It reads ahead in blocks; what is left of a block after the last line goes to whoever reads bytes next.
struct LineSource<Base: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var base: Base
    private var block: [UInt8] = []
    private var at = 0
    private var ended = false
    private static var blockSize: Int { 16_384 }

    init(_ base: consuming Base) { self.base = base }

    /// The next line without its line feed, nil at the end of the source.
    ///
    /// `terminated` is false for a last line without a line feed.
    /// - Throws: `code` when there is no line feed within `limit` bytes.
    mutating func line(limit: Int, code: SealingError.Code) throws(SealingError) -> (bytes: [UInt8], terminated: Bool)?
    {
        var line: [UInt8] = []
        while true {
            if let feed = block[at...].firstIndex(of: 0x0a) {
                line += block[at..<feed]
                at = feed + 1
                guard line.count <= limit else { break }
                return (line, true)
            }
            line += block[at...]
            at = block.count
            guard line.count <= limit else { break }
            if ended { return line.isEmpty ? nil : (line, false) }
            try refill()
        }
        throw SealingError(code, "a line has more than \(limit) bytes", remedy: AgeRemedy.getItAgain)
    }

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) -> Int {
        let ready = min(buffer.count, block.count - at)
        // SAFETY: `ready` is at most the buffer's size, and the rest of the buffer begins behind it.
        unsafe buffer.copyBytes(from: block[at..<at + ready])
        at += ready
        guard ready < buffer.count, !ended else { return ready }
        // SAFETY: as above.
        return ready + (try unsafe base.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[ready...])))
    }

    /// What is in the present block and looks like whole lines of exactly `columns` bytes, line feeds included.
    /// Nothing is taken: see ``take(_:)``.
    mutating func linesOf(columns: Int) throws(SealingError) -> ArraySlice<UInt8> {
        if at == block.count && !ended { try refill() }
        var end = at
        while end + columns < block.count, block[end + columns] == 0x0a { end += columns + 1 }
        return block[at..<end]
    }

    /// Takes `count` bytes that were looked at before.
    mutating func take(_ count: Int) {
        precondition(count <= block.count - at)
        at += count
    }

    /// The first bytes, without taking them: one block at most, all of the source if it is shorter.
    mutating func peek() throws(SealingError) -> ArraySlice<UInt8> {
        if at == block.count && !ended { try refill() }
        return block[at...]
    }

    var sizeHint: Int? { base.sizeHint.map { $0 + block.count - at } }

    private mutating func refill() throws(SealingError) {
        block = [UInt8](repeating: 0, count: Self.blockSize)
        at = 0
        let count = try block.fill(from: &base)
        block.removeLast(block.count - count)
        ended = count < Self.blockSize
    }
}

/// What people can do about a damaged file.
enum AgeRemedy {
    static let getItAgain = "get the file again from whoever sealed it"
}

extension Array where Element == UInt8 {
    /// Fills the array from a source; the count is smaller than the array's at the end of the source only.
    mutating func fill<Source: ByteSource & ~Copyable>(from source: inout Source) throws(SealingError) -> Int {
        var result: Result<Int, SealingError> = .success(0)
        // SAFETY: the pointer does not leave the closure.
        unsafe withUnsafeMutableBytes { buffer in
            do throws(SealingError) {
                result = .success(try unsafe source.fill(buffer))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
