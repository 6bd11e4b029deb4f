// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// The payload of an age file: the STREAM construction of c2sp.org/age over ChaCha20-Poly1305.
///
/// Chunks of 64 KiB; the nonce is an 11-byte big-endian counter and a byte that is 1 for the last chunk only, so that a
/// chunk can be neither moved nor cut off. The last chunk is empty only if the whole payload is.
struct AgeStream: ~Copyable {
    /// Plaintext bytes of a full chunk.
    static let chunk = 64 << 10
    /// Bytes of the nonce that begins the payload.
    static let nonceLength = 16
    /// Chunks that are read at once.
    private static let batch = 8

    private var cipher: ChaChaPoly
    private var counter: UInt64 = 0
    private var nonce = [UInt8](repeating: 0, count: ChaChaPoly.nonceLength)

    /// The cipher of one payload.
    /// - Parameter nonce: the 16 bytes that begin the payload.
    init(fileKey: borrowing SecretBytes, nonce: [UInt8]) throws(SealingError) {
        cipher = try ChaChaPoly(key: KeyDerivation.hkdf(fileKey, salt: nonce, info: "payload"))
    }

    /// Encrypts everything from `source` into `sink`.
    mutating func seal<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: inout Source, into sink: inout Sink
    ) throws(SealingError) {
        try transform(&source, &sink, from: Self.chunk, to: Self.chunk + ChaChaPoly.tagLength, sealing: true)
    }

    /// Decrypts everything from `source` into `sink`, chunk by chunk as each one authenticates.
    ///
    /// What arrives in `sink` before an error is authentic but not the whole: callers discard it.
    /// - Throws: `payload`.
    mutating func open<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: inout Source, into sink: inout Sink
    ) throws(SealingError) {
        try transform(&source, &sink, from: Self.chunk + ChaChaPoly.tagLength, to: Self.chunk, sealing: false)
    }

    /// Reads batches of chunks, always holding one back: only at the end is it known which chunk is the last.
    private mutating func transform<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: inout Source, _ sink: inout Sink, from inSize: Int, to outSize: Int, sealing: Bool
    ) throws(SealingError) {
        let wanted = source.sizeHint.map { min(Self.batch, $0 / inSize + 1) } ?? Self.batch
        var input = SecretBytes(count: (wanted + 1) * inSize)
        var output = SecretBytes(count: (wanted + 1) * outSize)
        var held = 0
        while true {
            let start = held
            // SAFETY: `start` is at most one chunk, less than the buffer's size; rebasing is bounds-checked.
            held += try unsafe input.withMutableBytes { (buffer: UnsafeMutableRawBufferPointer) throws(SealingError) in
                try unsafe source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            }
            let atEnd = held < input.count
            let lastSize = atEnd ? (held == 0 ? 0 : (held - 1) % inSize + 1) : 0
            let ready = atEnd ? (held - lastSize) / inSize : wanted
            // SAFETY: slices are bounds-checked; each of `ready` chunks reads `inSize` bytes that were filled and
            // writes `outSize` bytes, for which `output` was made.
            try unsafe input.withMutableBytes { (source: UnsafeMutableRawBufferPointer) throws(SealingError) in
                try unsafe output.withMutableBytes { (target: UnsafeMutableRawBufferPointer) throws(SealingError) in
                    for index in 0..<ready {
                        try unsafe step(
                            UnsafeRawBufferPointer(rebasing: source[index * inSize..<(index + 1) * inSize]),
                            UnsafeMutableRawBufferPointer(
                                rebasing: target[index * outSize..<(index + 1) * outSize]),
                            last: false, sealing: sealing)
                    }
                    var size = ready * outSize
                    if atEnd {
                        let tail = sealing ? lastSize + ChaChaPoly.tagLength : lastSize - ChaChaPoly.tagLength
                        guard tail >= 0 else { throw AgeStream.bad("the last chunk is missing or cut off") }
                        guard tail > 0 || counter == 0 else { throw AgeStream.bad("the last chunk is empty") }
                        try unsafe step(
                            UnsafeRawBufferPointer(rebasing: source[ready * inSize..<held]),
                            UnsafeMutableRawBufferPointer(rebasing: target[size..<size + tail]),
                            last: true, sealing: sealing)
                        size += tail
                    }
                    try unsafe sink.put(UnsafeRawBufferPointer(rebasing: target[..<size]))
                    if !atEnd { unsafe source.copyBytes(from: source[ready * inSize..<held]) }
                }
            }
            if atEnd { break }
            held -= ready * inSize
        }
        try sink.end()
    }

    private mutating func step(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, last: Bool, sealing: Bool
    ) throws(SealingError) {
        for byte in 0..<8 { nonce[3 + byte] = UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * byte)) }
        nonce[11] = last ? 1 : 0
        counter += 1
        // SAFETY: the caller's buffers, whose sizes differ by the tag.
        if sealing {
            guard unsafe cipher.seal(nonce: nonce, source, into: target) else {
                throw SealingError(.crypto, "OpenSSL could not encrypt: \(CryptoTrouble.take())", remedy: "retry")
            }
        } else {
            // SAFETY: as above.
            guard unsafe cipher.open(nonce: nonce, source, into: target) else {
                throw Self.bad("chunk \(counter - 1) does not authenticate\(last ? " as the last one" : "")")
            }
        }
    }

    static func bad(_ why: String) -> SealingError {
        SealingError(.payload, "the age payload is damaged: \(why)", remedy: AgeRemedy.getItAgain)
    }
}
