// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import COpenSSL
import Glibc

/// The ASCII armor of c2sp.org/age: the strict PEM of RFC 7468 section 3, label `AGE ENCRYPTED FILE`.
enum AgeArmor {
    static let begin = Array("-----BEGIN AGE ENCRYPTED FILE-----".utf8)
    static let end = Array("-----END AGE ENCRYPTED FILE-----".utf8)
    /// Bytes on a full line of 64 columns.
    static let lineBytes = 48
    static let columns = 64
    /// White space tolerated before and after the block, as the reference implementation does.
    static let whiteSpaceLimit = 1024

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    static func bad(_ why: String) -> SealingError {
        SealingError(.armor, "the armor is damaged: \(why)", remedy: AgeRemedy.getItAgain)
    }
}

/// Takes the armor off while reading. Anything but the one strict encoding is an error; only LF or CRLF may vary.
struct ArmorSource<Base: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private enum Place { case before, inside, lastLine, after }

    private var lines: LineSource<Base>
    private var place = Place.before
    private var decoded: [UInt8] = []
    private var at = 0

    init(_ lines: consuming LineSource<Base>) { self.lines = lines }

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) -> Int {
        var done = 0
        while done < buffer.count {
            if at == decoded.count {
                guard try advance() else { break }
                continue
            }
            let count = min(buffer.count - done, decoded.count - at)
            // SAFETY: both ranges are cut to what is there.
            unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
                .copyBytes(from: decoded[at..<at + count])
            at += count
            done += count
        }
        return done
    }

    var sizeHint: Int? { lines.sizeHint }

    /// Decodes the next line; false when the block ended and only white space came after it.
    private mutating func advance() throws(SealingError) -> Bool {
        if place == .after { return false }
        if place == .before { try begin() }
        if place == .inside, try advanceByFullLines() { return true }
        guard let line = try line() else { throw AgeArmor.bad("the END line is missing") }
        if line == AgeArmor.end {
            try finish()
            return false
        }
        guard place == .inside else { throw AgeArmor.bad("a line follows a short one") }
        guard let bytes = Self.decode(line) else { throw AgeArmor.bad("a line is not canonical base64") }
        decoded = bytes
        at = 0
        if bytes.count < AgeArmor.lineBytes { place = .lastLine }
        return true
    }

    /// The quick way through the bulk of a file: as many full lines as lie ready, without an allocation for each.
    /// False when the next line is not a plain full one, which is then looked at by itself.
    private mutating func advanceByFullLines() throws(SealingError) -> Bool {
        let text = try lines.linesOf(columns: AgeArmor.columns)
        let count = text.count / (AgeArmor.columns + 1)
        var bytes = [UInt8](repeating: 0, count: count * AgeArmor.lineBytes)
        var again = [UInt8](repeating: 0, count: AgeArmor.columns + 1)
        var good = 0
        // SAFETY: `text` has `count` lines of 65 bytes and `bytes` 48 for each; `again` has room for one encoded line
        // and the NUL that EVP_EncodeBlock appends.
        unsafe text.withUnsafeBufferPointer { source in
            unsafe bytes.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                while good < count {
                    let line = unsafe from.advanced(by: good * (AgeArmor.columns + 1))
                    let out = unsafe to.advanced(by: good * AgeArmor.lineBytes)
                    let decoded = unsafe EVP_DecodeBlock(out, line, Int32(AgeArmor.columns))
                    guard decoded == AgeArmor.lineBytes else { return }
                    _ = unsafe EVP_EncodeBlock(&again, out, Int32(AgeArmor.lineBytes))
                    guard unsafe memcmp(again, line, AgeArmor.columns) == 0 else { return }
                    good += 1
                }
            }
        }
        guard good > 0 else { return false }
        lines.take(good * (AgeArmor.columns + 1))
        bytes.removeLast((count - good) * AgeArmor.lineBytes)
        decoded = bytes
        at = 0
        return true
    }

    private mutating func begin() throws(SealingError) {
        var skipped = 0
        while skipped <= AgeArmor.whiteSpaceLimit {
            guard let line = try line() else { throw AgeArmor.bad("the BEGIN line is missing") }
            if line.allSatisfy(AgeArmor.isSpace) {
                skipped += line.count + 1
                continue
            }
            guard line == AgeArmor.begin else { throw AgeArmor.bad("it does not start with the BEGIN line") }
            place = .inside
            return
        }
        throw AgeArmor.bad("there is too much white space before it")
    }

    private mutating func finish() throws(SealingError) {
        place = .after
        var trailing = 0
        while let (line, _) = try lines.line(limit: AgeArmor.whiteSpaceLimit, code: .armor) {
            trailing += line.count + 1
            guard line.allSatisfy(AgeArmor.isSpace) else { throw AgeArmor.bad("something follows the END line") }
            guard trailing <= AgeArmor.whiteSpaceLimit else {
                throw AgeArmor.bad("there is too much white space after it")
            }
        }
    }

    private mutating func line() throws(SealingError) -> [UInt8]? {
        guard let found = try lines.line(limit: AgeArmor.whiteSpaceLimit, code: .armor) else { return nil }
        return found.terminated && found.bytes.last == 0x0d ? Array(found.bytes.dropLast()) : found.bytes
    }

    /// The bytes of one line, nil unless encoding them gives the very same line.
    private static func decode(_ line: [UInt8]) -> [UInt8]? {
        guard !line.isEmpty, line.count <= AgeArmor.columns, line.count.isMultiple(of: 4) else { return nil }
        var bytes = [UInt8](repeating: 0, count: line.count / 4 * 3)
        // SAFETY: EVP_DecodeBlock writes three bytes for four characters, which is the size of `bytes`.
        guard unsafe EVP_DecodeBlock(&bytes, line, Int32(line.count)) == bytes.count else { return nil }
        bytes.removeLast(line.suffix(2).count { $0 == 0x3d })
        return ArmorSink<ArraySink>.encode(bytes) == line ? bytes : nil
    }
}

/// Puts the armor on while writing.
struct ArmorSink<Base: ByteSink & ~Copyable>: ByteSink, ~Copyable {
    private var base: Base
    private var held: [UInt8] = []

    init(_ base: consuming Base) throws(SealingError) {
        self.base = base
        try self.base.put(AgeArmor.begin + [0x0a])
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) throws(SealingError) {
        // SAFETY: the buffer is the caller's and is copied during the call.
        unsafe held.append(contentsOf: bytes)
        let whole = held.count / AgeArmor.lineBytes * AgeArmor.lineBytes
        guard whole > 0 else { return }
        try write(held[..<whole])
        held.removeFirst(whole)
    }

    mutating func end() throws(SealingError) {
        if !held.isEmpty { try write(held[...]) }
        try base.put(AgeArmor.end + [0x0a])
        try base.end()
    }

    /// What lies under the armor, after the end.
    consuming func unwrapped() -> Base { base }

    private mutating func write(_ bytes: ArraySlice<UInt8>) throws(SealingError) {
        let lines = (bytes.count + AgeArmor.lineBytes - 1) / AgeArmor.lineBytes
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + lines)
        // SAFETY: a line of n bytes takes (n + 2) / 3 * 4 characters and a line feed, and only the last may be short.
        // EVP_EncodeBlock writes a NUL behind each line, which the line feed then replaces.
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe text.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                var at = 0
                for start in stride(from: 0, to: source.count, by: AgeArmor.lineBytes) {
                    let size = Int32(min(AgeArmor.lineBytes, source.count - start))
                    at += Int(unsafe EVP_EncodeBlock(to.advanced(by: at), from.advanced(by: start), size))
                    unsafe target[at] = 0x0a
                    at += 1
                }
            }
        }
        try base.put(text)
    }

    /// One line of padded base64.
    fileprivate static func encode(_ bytes: [UInt8]) -> [UInt8] {
        // EVP_EncodeBlock writes four characters for three bytes and a NUL behind them.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        // SAFETY: the array has the size described above.
        _ = unsafe EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        text.removeLast()
        return text
    }
}
