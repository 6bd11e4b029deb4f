// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Private age keys: what an identity file holds. Zeroed when the value ends.
public struct AgeIdentity: ~Copyable, Sendable {
    private static let hrp = "AGE-SECRET-KEY-"
    /// An identity file larger than this is none.
    private static let fileLimit = 1 << 20

    /// Scalars of 32 bytes each, one after the other.
    private let scalars: SecretBytes
    /// The recipients that this identity opens files for, in the order of the file; at least one.
    public let recipients: [AgeRecipient]

    /// The first recipient.
    public var recipient: AgeRecipient { recipients[0] }

    /// A fresh key from the system's random generator.
    public static func generate() throws(SealingError) -> AgeIdentity {
        try AgeIdentity(scalars: SecretBytes.random(count: X25519.length))
    }

    /// Reads an identity file as `age-keygen` writes it.
    /// - Throws: `key-uri`, `io`, `key`.
    public init(uri: String) throws(SealingError) {
        let path = try KeyURI(uri).filePath
        try self.init(file: SecretFile.read(path, limit: Self.fileLimit), named: path)
    }

    /// Reads several identity files into one identity, which opens what any of them opens.
    public init(uris: [String]) throws(SealingError) {
        guard let first = uris.first else {
            throw SealingError(.key, "no identity was given", remedy: "give one with -i", exit: .usage)
        }
        var all = try AgeIdentity(uri: first)
        for uri in uris.dropFirst() { all = try AgeIdentity(all, and: AgeIdentity(uri: uri)) }
        self = all
    }

    /// Reads the content of an identity file: lines of `AGE-SECRET-KEY-1…`, comments that begin with `#`, blank lines.
    /// - Throws: `key`, naming the line, for anything else: SSH keys, plugins, passphrase-protected files.
    public init(file text: borrowing SecretBytes, named name: String = "the identity") throws(SealingError) {
        var found: [(start: Int, end: Int)] = []
        // SAFETY: the pointer does not leave the closure; lines are kept as offsets.
        unsafe text.withBytes { bytes in
            var start = 0
            while start < bytes.count {
                var end = unsafe bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
                let next = end + 1
                // SAFETY: `start <= end <= bytes.count`.
                if unsafe end > start && bytes[end - 1] == 0x0d { end -= 1 }
                if unsafe end > start && bytes[start] != 0x23 { found.append((start, end)) }
                start = next
            }
        }
        guard !found.isEmpty else {
            throw SealingError(
                .key, "\(name) holds no identity", remedy: "make one with 'atomic keygen -o FILE'")
        }
        var scalars = SecretBytes(count: found.count * X25519.length)
        for (index, line) in found.enumerated() {
            // SAFETY: the offsets were taken from the same bytes.
            guard let scalar = unsafe text.withBytes({ unsafe Bech32.decode($0[line.start..<line.end], hrp: Self.hrp) })
            else {
                throw SealingError(
                    .key, "key \(index + 1) of \(name) is not an age X25519 identity",
                    remedy: "use an unprotected identity file of lines AGE-SECRET-KEY-1…")
            }
            Self.copy(scalar, into: &scalars, at: index * X25519.length)
        }
        try self.init(scalars: scalars)
    }

    /// Reads the content of an identity file that is not worth protecting (a test's).
    public init(file contents: [UInt8]) throws(SealingError) {
        try self.init(file: SecretBytes(copying: contents))
    }

    private init(_ first: consuming AgeIdentity, and second: consuming AgeIdentity) throws(SealingError) {
        var scalars = SecretBytes(count: first.scalars.count + second.scalars.count)
        Self.copy(first.scalars, into: &scalars, at: 0)
        Self.copy(second.scalars, into: &scalars, at: first.scalars.count)
        try self.init(scalars: scalars)
    }

    private init(scalars: consuming SecretBytes) throws(SealingError) {
        var recipients: [AgeRecipient] = []
        for index in 0..<scalars.count / X25519.length {
            // SAFETY: the slice lies within the bytes, whose count is a multiple of the length.
            let point = unsafe scalars.withBytes { unsafe X25519.point(of: Self.scalar(index, of: $0)) }
            guard let point else {
                throw SealingError(.crypto, "OpenSSL could not compute a recipient", remedy: "retry")
            }
            recipients.append(try AgeRecipient(point: point))
        }
        self.scalars = scalars
        self.recipients = recipients
    }

    /// The identity file, as `age-keygen` writes it: two comments, then the key.
    /// - Parameter created: what the `# created:` comment says, to the second.
    public borrowing func file(created: WallTime) -> SecretBytes {
        let second = WallTime(nanoseconds: created.nanoseconds / 1_000_000_000 * 1_000_000_000)
        let stamp = second.rfc3339.prefix(19) + "Z"
        var head = Array("# created: \(stamp)\n".utf8)
        for recipient in recipients { head += Array("# public key: \(recipient.string)\n".utf8) }
        let lineLength = Self.hrp.utf8.count + 1 + Bech32.bodyLength + 1
        var text = SecretBytes(count: head.count + recipients.count * lineLength)
        Self.copy(SecretBytes(copying: head), into: &text, at: 0)
        for index in recipients.indices {
            // SAFETY: the slice lies within the bytes.
            let scalar = unsafe scalars.withBytes { unsafe SecretBytes(copying: Self.scalar(index, of: $0)) }
            let at = head.count + index * lineLength
            Self.copy(Bech32.encode(scalar, hrp: Self.hrp), into: &text, at: at)
            Self.copy(SecretBytes(copying: [0x0a]), into: &text, at: at + lineLength - 1)
        }
        return text
    }

    /// Makes a new identity file of mode 0600.
    /// - Throws: `io`, also when the file exists: keys are never overwritten.
    public borrowing func write(to path: String, created: WallTime) throws(SealingError) {
        try SecretFile.create(path, file(created: created))
    }

    /// The file key of a header, or nil when no stanza is for this identity.
    /// - Throws: `header` when a stanza of type X25519 is malformed or carries a point of small order.
    borrowing func unwrap(_ header: AgeHeader) throws(SealingError) -> SecretBytes? {
        let stanzas = header.stanzas.filter { $0.arguments[0] == X25519Stanza.type }
        var shares: [[UInt8]] = []
        // All are checked before one is tried: a malformed header is one, whichever recipient looks at it.
        for stanza in stanzas { shares.append(try X25519Stanza.share(of: stanza)) }
        for (stanza, share) in zip(stanzas, shares) {
            for index in recipients.indices {
                // SAFETY: the slice lies within the bytes, and the pointer does not leave the closure.
                let shared = unsafe scalars.withBytes { bytes in
                    unsafe X25519.sharedSecret(Self.scalar(index, of: bytes), with: share)
                }
                guard let shared else { throw AgeHeader.bad("an X25519 stanza carries a point of small order") }
                var cipher = try X25519Stanza.wrapCipher(
                    shared: shared, share: share, recipient: recipients[index].point)
                var key = SecretBytes(count: X25519Stanza.fileKeyLength)
                // SAFETY: the body's length was checked: a key and a tag.
                let opened = unsafe stanza.body.withUnsafeBytes { body in
                    unsafe key.withMutableBytes { unsafe cipher.open(nonce: X25519Stanza.nonce, body, into: $0) }
                }
                if opened { return key }
            }
        }
        return nil
    }

    private static func scalar(_ index: Int, of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        // SAFETY: rebasing is bounds-checked against the buffer that the caller lends.
        unsafe UnsafeRawBufferPointer(rebasing: bytes[index * X25519.length..<(index + 1) * X25519.length])
    }

    private static func copy(_ source: borrowing SecretBytes, into target: inout SecretBytes, at start: Int) {
        // SAFETY: rebasing and copyBytes are bounds-checked.
        unsafe source.withBytes { from in
            unsafe target.withMutableBytes { to in
                unsafe UnsafeMutableRawBufferPointer(rebasing: to[start..<start + from.count]).copyMemory(from: from)
            }
        }
    }
}
