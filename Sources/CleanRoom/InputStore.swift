// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// Inputs that were sealed on this machine, so that running the same job again finds the same ciphertexts.
///
/// They are filed under a keyed digest of their cleartext, class and purpose: without the room's key nobody can test
/// a guess of the content against a file name.
struct InputStore {
    let directory: String
    private let key: [UInt8]

    init(paths: RoomPaths) throws {
        directory = paths.inputs
        try Files.createDirectory(directory, mode: 0o700)
        let path = paths.keys + "/inputs.key"
        if !Files.exists(path) { try Files.writeDurably(RandomBytes.make(32), to: path, mode: 0o600) }
        key = try Files.read(path, limit: 32)
    }

    /// Where the ciphertext of a cleartext lies, sealed or not yet.
    func path(cleartext: [UInt8], context: [String]) -> String {
        // HMAC (RFC 2104) with a key that is shorter than a block.
        var inner = SHA256Hasher()
        inner.update(padded(0x36))
        for part in context {
            inner.update(Array(part.utf8) + [0])
        }
        inner.update(cleartext)
        let digest = inner.finish()
        var outer = SHA256Hasher()
        outer.update(padded(0x5c))
        outer.update(digest.bytes)
        return directory + "/" + outer.finish().hex + ".age"
    }

    private func padded(_ pad: UInt8) -> [UInt8] {
        (key + [UInt8](repeating: 0, count: 64 - key.count)).map { $0 ^ pad }
    }
}
