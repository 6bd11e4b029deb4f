// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The one way in which a bundle is written as a ustar archive (POSIX.1-1988).
///
/// A tar file has many bytes that carry nothing: of 10,240 single-byte flips in one, 8,911 left its content identical. So
/// there is one canonical encoding, and reading accepts nothing else: names in the order of their bytes with the manifest
/// last, mode 0644, ids and times 0, device numbers `0000000\0`, no extensions, zero padding, two zero blocks at the end.
public enum CanonicalArchive {
    /// The member that is always last, because it is made last.
    public static let manifestName = "manifest.dsse"
    /// Largest bundle that is read, in bytes.
    public static let maximumBytes = 1 << 30

    static let block = 512
    private static let nameLimit = 100

    /// One file of a bundle.
    public struct Member: Equatable, Sendable {
        /// Path with `/` between its parts; relative, at most 100 bytes of ASCII.
        public let name: String
        public let content: [UInt8]

        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    /// The archive of these members.
    /// - Throws: `archive` for a name that has no place in one, or one that comes twice.
    public static func encode(_ members: [Member]) throws(BundleError) -> [UInt8] {
        let sorted = members.sorted { precedes($0.name, $1.name) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sorted.reduce(2 * block) { $0 + 2 * block + $1.content.count })
        var previous: String?
        for member in sorted {
            guard isName(member.name) else {
                throw .failed(.archive, "“\(member.name)” cannot be the name of a member")
            }
            guard previous != member.name else { throw .failed(.archive, "the member \(member.name) comes twice") }
            previous = member.name
            bytes += try header(member.name, size: member.content.count)
            bytes += member.content
            bytes.append(contentsOf: repeatElement(0, count: padding(member.content.count)))
        }
        bytes.append(contentsOf: repeatElement(0, count: 2 * block))
        return bytes
    }

    /// The members of a canonical archive.
    /// - Throws: `archive` when the bytes differ in any place from what ``encode(_:)`` makes of the members.
    public static func decode(_ bytes: [UInt8]) throws(BundleError) -> [Member] {
        guard bytes.count <= maximumBytes else {
            throw .failed(.archive, "the file has more than \(maximumBytes) bytes")
        }
        guard bytes.count.isMultiple(of: block), bytes.count >= 3 * block else {
            throw .failed(.archive, "the file is not a whole number of blocks of \(block) bytes, three or more")
        }
        var members: [Member] = []
        var offset = 0
        while offset + 2 * block < bytes.count {
            let fields = bytes[offset..<offset + block]
            guard let name = name(in: fields), let size = size(in: fields) else {
                throw .failed(.archive, "the block at byte \(offset) is not the header of a member")
            }
            let start = offset + block
            // Compared without adding, so that a huge size cannot overflow.
            guard size <= bytes.count - start, padding(size) <= bytes.count - start - size else {
                throw .failed(.archive, "the member \(name) ends after the file")
            }
            members.append(Member(name: name, content: Array(bytes[start..<start + size])))
            offset = start + size + padding(size)
        }
        // The decisive check: whatever the reading above let pass, the file is the only spelling of its content.
        guard try encode(members) == bytes else {
            throw .failed(.archive, "the archive is not in canonical form: some of its bytes carry nothing")
        }
        return members
    }

    /// Order of members: by the bytes of their names, the manifest after everything.
    static func precedes(_ left: String, _ right: String) -> Bool {
        if left == manifestName || right == manifestName { return right == manifestName && left != manifestName }
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Letters, digits, `.`, `-`, `_` and `/` between parts that are neither empty nor dots.
    static func isName(_ name: String) -> Bool {
        guard (1...nameLimit).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                && part.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                        || byte == 0x2d || byte == 0x2e || byte == 0x5f
                }
        }
    }

    private static func padding(_ size: Int) -> Int { (block - size % block) % block }

    private static func name(in header: ArraySlice<UInt8>) -> String? {
        let field = header.prefix(nameLimit)
        let text = String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        return isName(text) ? text : nil
    }

    private static func size(in header: ArraySlice<UInt8>) -> Int? {
        let digits = header.dropFirst(124).prefix(11)
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }

    /// Fields by POSIX.1-1988: name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1, link 100, magic 6,
    /// version 2, user 32, group 32, device numbers 8 and 8, prefix 155.
    private static func header(_ name: String, size: Int) throws(BundleError) -> [UInt8] {
        guard size < 1 << 33 else { throw .failed(.archive, "the member \(name) has more bytes than ustar can say") }
        var fields = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            fields.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(size, 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put("0000000", at: 329)
        put("0000000", at: 337)
        let checksum = fields.reduce(0) { $0 + Int($1) }
        put(octal(checksum, 6) + "\0 ", at: 148)
        return fields
    }

    private static func octal(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
