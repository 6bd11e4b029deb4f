// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// Bech32 (BIP 173) of 32-byte values, without its length limit, as c2sp.org/age uses it.
///
/// Decoding goes character by character into secret memory, because the same code reads identities.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let checksumLength = 6
    /// Bytes of a value, and the characters that carry them.
    private static let valueLength = 32
    private static let dataLength = (valueLength * 8 + 4) / 5

    /// Characters of an encoded value after the prefix and its separator.
    static let bodyLength = dataLength + checksumLength

    /// The value of `text`, which must be `hrp`, the separator `1` and the encoding of exactly 32 bytes.
    ///
    /// `hrp` fixes the case: an upper-case one demands upper case throughout, a lower-case one lower case.
    static func decode(_ text: some Collection<UInt8>, hrp: String) -> SecretBytes? {
        let prefix = Array(hrp.utf8) + [0x31]
        guard text.count == prefix.count + bodyLength, text.starts(with: prefix) else { return nil }
        let upper = isUpper(hrp)
        var checksum = Checksum(hrp: hrp)
        var out = SecretBytes(count: valueLength)
        var (bits, held, at) = (0, 0, 0)
        for (index, character) in text.dropFirst(prefix.count).enumerated() {
            if (0x41...0x5a).contains(character) != upper, isLetter(character) { return nil }
            let folded = (0x41...0x5a).contains(character) ? character | 0x20 : character
            guard let value = alphabet.firstIndex(of: folded) else { return nil }
            checksum.add(value)
            guard index < dataLength else { continue }
            bits = (bits << 5 | value) & 0xfff
            held += 5
            if held >= 8 {
                held -= 8
                let byte = UInt8(truncatingIfNeeded: bits >> held)
                // SAFETY: 52 characters of five bits make 32 bytes and four bits, so `at` stays below 32.
                unsafe out.withMutableBytes { unsafe $0[at] = byte }
                at += 1
            }
        }
        // The four bits left over must be zero, else two strings would stand for one value.
        guard checksum.isValid, bits & ((1 << held) - 1) == 0 else { return nil }
        return out
    }

    /// The encoding of 32 bytes under `hrp`, in its case.
    static func encode(_ value: borrowing SecretBytes, hrp: String) -> SecretBytes {
        precondition(value.count == valueLength)
        let prefix = Array(hrp.utf8) + [0x31]
        var out = SecretBytes(count: prefix.count + bodyLength)
        let mask: UInt8 = isUpper(hrp) ? 0x20 : 0
        var checksum = Checksum(hrp: hrp)
        // SAFETY: the sizes are fixed: 52 data characters from 32 bytes, six of checksum, after the prefix.
        unsafe value.withBytes { source in
            unsafe out.withMutableBytes { target in
                unsafe target.copyBytes(from: prefix)
                for index in 0..<dataLength {
                    var value = 0
                    for bit in index * 5..<index * 5 + 5 {
                        let set = unsafe bit < valueLength * 8 && source[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0
                        value = value << 1 | (set ? 1 : 0)
                    }
                    checksum.add(value)
                    unsafe target[prefix.count + index] = cased(alphabet[value], mask)
                }
                for (index, value) in checksum.final().enumerated() {
                    unsafe target[prefix.count + dataLength + index] = cased(alphabet[value], mask)
                }
            }
        }
        return out
    }

    private static func cased(_ character: UInt8, _ mask: UInt8) -> UInt8 {
        isLetter(character) ? character & ~mask : character
    }

    private static func isLetter(_ character: UInt8) -> Bool { (0x61...0x7a).contains(character | 0x20) }

    private static func isUpper(_ hrp: String) -> Bool { hrp.utf8.contains { (0x41...0x5a).contains($0) } }

    /// BIP 173's BCH code, over the lower-case form.
    private struct Checksum {
        private var state: UInt32 = 1
        private static let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]

        init(hrp: String) {
            let lower = hrp.lowercased().utf8
            for character in lower { add(Int(character >> 5)) }
            add(0)
            for character in lower { add(Int(character & 31)) }
        }

        mutating func add(_ value: Int) {
            let top = state >> 25
            state = (state & 0x1ff_ffff) << 5 ^ UInt32(value)
            for (bit, term) in Self.generator.enumerated() where top >> UInt32(bit) & 1 == 1 { state ^= term }
        }

        /// Whether data and checksum together were added.
        var isValid: Bool { state == 1 }

        /// The six checksum values after the data.
        mutating func final() -> [Int] {
            for _ in 0..<checksumLength { add(0) }
            let value = state ^ 1
            return (0..<checksumLength).map { Int(value >> UInt32(5 * (5 - $0)) & 31) }
        }
    }
}
