// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// age v1 files (c2sp.org/age) with X25519 recipients: the stock `age` opens what this seals and the other way round.
///
/// Both directions stream with about one megabyte of memory, whatever the size of the file.
public enum Age {
    // MARK: Descriptors

    /// Encrypts everything from a descriptor into another, from their present positions.
    /// - Parameter armor: write the ASCII armor.
    /// - Throws: `key` without recipients; `io`, `crypto`.
    public static func encrypt(
        from input: Int32, to output: Int32, recipients: [AgeRecipient], armor: Bool = false
    ) throws(SealingError) {
        var source = DescriptorSource(descriptor: input)
        if armor {
            var sink = try ArmorSink(DescriptorSink(descriptor: output))
            try seal(&source, into: &sink, recipients)
        } else {
            var sink = DescriptorSink(descriptor: output)
            try seal(&source, into: &sink, recipients)
        }
    }

    /// Decrypts everything from a descriptor into another; armor is recognised.
    ///
    /// Chunks are written as they authenticate, so on an error `output` may hold a part of the plaintext that the
    /// caller must discard: use ``decryptToMemfd(from:identity:name:limit:)`` where that cannot be done.
    /// - Throws: `header`, `hmac`, `no-match`, `payload`, `armor`; `io`, `crypto`, `too-large` above `limit` bytes.
    public static func decrypt(
        from input: Int32, to output: Int32, identity: borrowing AgeIdentity, limit: UInt64 = .max
    ) throws(SealingError) {
        var sink = DescriptorSink(descriptor: output, limit: limit)
        try open(DescriptorSource(descriptor: input), into: &sink, identity)
    }

    /// Decrypts into a memory file that is sealed against every change and exists only if the whole age file
    /// authenticated.
    /// - Parameters:
    ///   - name: shows in `/proc/PID/fd`; never derived from content.
    ///   - limit: the largest plaintext in bytes.
    /// - Throws: as ``decrypt(from:to:identity:limit:)``.
    public static func decryptToMemfd(
        from input: Int32, identity: borrowing AgeIdentity, name: String = "atomic-input", limit: UInt64 = .max
    ) throws(SealingError) -> SealedMemory {
        let memory = try MemoryFile(name: name)
        try decrypt(from: input, to: memory.descriptor, identity: identity, limit: limit)
        return try memory.seal()
    }

    // MARK: Memory

    /// Encrypts bytes that need no protection here.
    public static func encrypt(_ bytes: [UInt8], recipients: [AgeRecipient], armor: Bool = false) throws(SealingError)
        -> [UInt8]
    {
        try encrypt(SecretBytes(copying: bytes), recipients: recipients, armor: armor)
    }

    /// Encrypts a plaintext.
    public static func encrypt(_ plaintext: borrowing SecretBytes, recipients: [AgeRecipient], armor: Bool = false)
        throws(SealingError) -> [UInt8]
    {
        // SAFETY: the source lives inside the closure that lends it its memory.
        try unsafe plaintext.withBytes { (bytes: UnsafeRawBufferPointer) throws(SealingError) in
            var source = unsafe MemorySource(bytes)
            if armor {
                var sink = try ArmorSink(ArraySink())
                try seal(&source, into: &sink, recipients)
                return sink.unwrapped().bytes
            }
            var sink = ArraySink()
            try seal(&source, into: &sink, recipients)
            return sink.bytes
        }
    }

    /// Decrypts a whole age file, armored or not.
    /// - Throws: `header`, `hmac`, `no-match`, `payload`, `armor`; nothing of the plaintext survives an error.
    public static func decrypt(_ file: [UInt8], identity: borrowing AgeIdentity) throws(SealingError) -> SecretBytes {
        // The plaintext is smaller than the file, always.
        var sink = SecretSink(capacity: file.count)
        var failure: SealingError?
        // SAFETY: the source lives inside the closure that lends it its memory.
        unsafe file.withUnsafeBytes { bytes in
            do throws(SealingError) {
                try unsafe open(MemorySource(bytes), into: &sink, identity)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return sink.collected()
    }

    // MARK: The format

    private static func seal<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: inout Source, into sink: inout Sink, _ recipients: [AgeRecipient]
    ) throws(SealingError) {
        guard !recipients.isEmpty else {
            throw SealingError(.key, "no recipient was given", remedy: "give one with -r", exit: .usage)
        }
        let fileKey = try SecretBytes.random(count: X25519Stanza.fileKeyLength)
        var stanzas: [AgeHeader.Stanza] = []
        for recipient in recipients { stanzas.append(try recipient.wrap(fileKey)) }
        let header = AgeHeader.authenticatedBytes(stanzas)
        let mac = try headerMAC(header, fileKey)
        // SAFETY: the MAC, which is public, is copied while it is lent.
        let macText = unsafe mac.withBytes { unsafe RawBase64.encode(Array($0)) }
        let nonce = RandomBytes.make(AgeStream.nonceLength)
        try sink.put(header + Array(" \(macText)\n".utf8) + nonce)
        var stream = try AgeStream(fileKey: fileKey, nonce: nonce)
        try stream.seal(&source, into: &sink)
    }

    /// Takes the armor off if there is one, then opens.
    ///
    /// A binary file begins with the version line. Anything else with a PEM-like mark near its beginning is read as
    /// armor, strictly, so that a damaged BEGIN line is named for what it is.
    private static func open<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: consuming Source, into sink: inout Sink, _ identity: borrowing AgeIdentity
    ) throws(SealingError) {
        var lines = LineSource(source)
        let start = try lines.peek()
        let binary = start.starts(with: Array(AgeHeader.version.utf8.prefix(while: { $0 != 0x2f })))
        let mark = [UInt8](repeating: 0x2d, count: 5)
        if !binary, start.indices.contains(where: { start[$0...].starts(with: mark) }) {
            var inner = LineSource(ArmorSource(lines))
            try openBinary(&inner, into: &sink, identity)
        } else {
            try openBinary(&lines, into: &sink, identity)
        }
    }

    private static func openBinary<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ lines: inout LineSource<Source>, into sink: inout Sink, _ identity: borrowing AgeIdentity
    ) throws(SealingError) {
        let header = try AgeHeader(from: &lines)
        // A passphrase stanza promises that whoever knows it made the file, so it may not have company.
        guard header.stanzas.count == 1 || !header.stanzas.contains(where: { $0.arguments[0] == "scrypt" }) else {
            throw AgeHeader.bad("a passphrase stanza is not alone")
        }
        guard let fileKey = try identity.unwrap(header) else {
            throw SealingError(
                .noMatch, "the file is not sealed to this identity", remedy: "use the identity of its recipient")
        }
        guard try headerMAC(header.authenticated, fileKey).matches(header.mac) else {
            throw SealingError(
                .hmac, "the header was changed after sealing", remedy: AgeRemedy.getItAgain)
        }
        var nonce = [UInt8](repeating: 0, count: AgeStream.nonceLength)
        guard try nonce.fill(from: &lines) == AgeStream.nonceLength else {
            throw AgeHeader.bad("the file ends before the payload's nonce")
        }
        var stream = try AgeStream(fileKey: fileKey, nonce: nonce)
        try stream.open(&lines, into: &sink)
    }

    private static func headerMAC(_ header: [UInt8], _ fileKey: borrowing SecretBytes) throws(SealingError)
        -> SecretBytes
    {
        try KeyDerivation.hmac(key: KeyDerivation.hkdf(fileKey, salt: [], info: "header"), header)
    }
}
