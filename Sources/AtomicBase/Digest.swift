// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
///
/// The 32 bytes lie in the value itself: a log of a million entries has three million digests, and an array for each
/// would cost more than the hashing.
public struct Digest: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The bytes as they lie in memory, eight to a word.
    private var words: Words

    private struct Words: Hashable, Sendable, BitwiseCopyable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0

        /// A quarter is enough to tell digests apart in a table, and takes a third of the time.
        func hash(into hasher: inout Hasher) { hasher.combine(a) }
    }

    /// Bytes of a digest.
    public static let count = 32

    /// 32 zero bytes.
    public static let zero = Digest()

    private init() { words = Words() }

    /// What a function writes into the 32 bytes it is given.
    init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
        words = Words()
        // SAFETY: the words are 32 bytes without padding, and the pointer does not leave the call.
        unsafe withUnsafeMutableBytes(of: &words) { unsafe body($0) }
    }

    /// The 32 bytes of `span` that begin at `offset`; traps when there are fewer.
    public init(_ span: Span<UInt8>, at offset: Int = 0) {
        precondition(offset >= 0 && span.count - offset >= Self.count, "a digest has 32 bytes")
        words = Words()
        // SAFETY: both have 32 bytes there, and neither pointer leaves the call.
        unsafe withUnsafeMutableBytes(of: &words) { out in
            unsafe span.withUnsafeBufferPointer { bytes in
                unsafe out.copyBytes(from: bytes[offset..<offset + Self.count])
            }
        }
    }

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.count else { return nil }
        self.init(Array(bytes).span)
    }

    /// From 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        guard hex.utf8.count == 2 * Self.count, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes.span)
    }

    /// From the written form `sha256:…`.
    public init?(string: String) {
        guard string.hasPrefix("sha256:") else { return nil }
        self.init(hex: String(string.dropFirst(7)))
    }

    /// Exactly 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// The first eight bytes as a big-endian number.
    public var leadingWord: UInt64 { words.a.bigEndian }

    /// Appends the 32 bytes.
    public func append(to bytes: inout [UInt8]) {
        // SAFETY: the pointer does not leave the call.
        unsafe withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends the 64 hexadecimal digits.
    public func appendHex(to text: inout [UInt8]) {
        // SAFETY: the digits are 64 bytes without padding, and the pointer does not leave the call.
        unsafe Swift.withUnsafeBytes(of: digits) { unsafe text.append(contentsOf: $0) }
    }

    /// Appends the 64 hexadecimal digits; traps when there is no room for them.
    public func appendHex(to span: inout OutputSpan<UInt8>) {
        precondition(span.freeCapacity >= 2 * Self.count)
        let digits = digits
        // SAFETY: there is room for 64 bytes, and neither pointer leaves the call.
        unsafe span.withUnsafeMutableBufferPointer { buffer, count in
            unsafe Swift.withUnsafeBytes(of: digits) { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    .copyMemory(from: bytes)
            }
            count += 2 * Self.count
        }
    }

    /// Whether `text` has the 64 hexadecimal digits of this digest at `offset`.
    public func isHex(_ text: Span<UInt8>, at offset: Int) -> Bool {
        guard offset >= 0, text.count - offset >= 2 * Self.count else { return false }
        let digits = digits
        // SAFETY: there are 64 bytes from the offset on, and the pointer does not leave the call.
        return unsafe text.withUnsafeBytes { text in
            func differ(_ word: UInt64, _ place: Int) -> UInt64 {
                unsafe word ^ text.loadUnaligned(fromByteOffset: offset + 8 * place, as: UInt64.self)
            }
            return differ(digits.0, 0) | differ(digits.1, 1) | differ(digits.2, 2) | differ(digits.3, 3)
                | differ(digits.4, 4) | differ(digits.5, 5) | differ(digits.6, 6) | differ(digits.7, 7) == 0
        }
    }

    /// The 64 hexadecimal digits as they lie in memory, eight to a word.
    private var digits: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        let (a, b) = (Self.digits(words.a), Self.digits(words.b))
        let (c, d) = (Self.digits(words.c), Self.digits(words.d))
        return (a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1)
    }

    private static func digits(_ word: UInt64) -> (UInt64, UInt64) {
        let number = word.bigEndian
        return (digits(UInt32(truncatingIfNeeded: number >> 32)), digits(UInt32(truncatingIfNeeded: number)))
    }

    /// Eight digits at once: each half byte gets a byte of its own, then the letters are moved to where they begin.
    private static func digits(_ number: UInt32) -> UInt64 {
        var word = UInt64(number)
        word = (word & 0xffff_0000) << 16 | word & 0xffff
        word = (word << 8 | word) & 0x00ff_00ff_00ff_00ff
        word = (word << 4 | word) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (word &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
    }

    func withUnsafeBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        // SAFETY: the words are 32 bytes without padding; the caller keeps the pointer within its call.
        unsafe Swift.withUnsafeBytes(of: words) { unsafe body($0) }
    }

    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.count)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    public var description: String { "sha256:" + hex }

    public static func sha256(_ bytes: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    public static func sha256(_ bytes: some Collection<UInt8>) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(string: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a digest is sha256: and 64 lower-case hexadecimal digits")
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public static func < (left: Digest, right: Digest) -> Bool {
        let (one, other) = (left.words, right.words)
        return (one.a.bigEndian, one.b.bigEndian, one.c.bigEndian, one.d.bigEndian)
            < (other.a.bigEndian, other.b.bigEndian, other.c.bigEndian, other.d.bigEndian)
    }
}
