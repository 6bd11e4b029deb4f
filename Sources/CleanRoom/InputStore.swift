// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Sealing

/// Inputs that were sealed on this machine, so that running the same job again finds the same ciphertexts.
///
/// They are filed under a keyed digest of their cleartext, class and purpose: without the room's key nobody can test
/// a guess of the content against a file name.
struct InputStore {
    let directory: String
    private let key: [UInt8]

    init(room: Room) throws {
        directory = room.paths.inputs
        try Files.createDirectory(directory, mode: 0o700)
        let path = room.paths.keys + "/inputs.key"
        if !Files.exists(path) {
            let fresh = RandomBytes.make(32)
            // The log first, as for every key. It is secret and has no public half: its digest stands for it.
            try room.record(Event.KeyCreated(purpose: "inputs", key: Digest.sha256(fresh).description))
            try Files.writeDurably(fresh, to: path, mode: 0o600)
        }
        key = try Files.read(path, limit: 32)
    }

    /// Where the ciphertext of a cleartext lies, sealed or not yet.
    func path(cleartext: [UInt8], context: [String]) -> String {
        directory + "/" + keyed(cleartext, context: context).hex + ".age"
    }

    /// A salt for a record of inputs: the same for the same inputs, so that they are recognised when they come again.
    func salt(of items: [Record.Inputs.Item]) throws -> String {
        keyed(try CanonicalJSON.encode(items), context: ["salt"]).hex
    }

    /// HMAC (RFC 2104) with a key that is shorter than a block.
    private func keyed(_ text: [UInt8], context: [String]) -> Digest {
        var inner = SHA256Hasher()
        inner.update(padded(0x36))
        for part in context {
            inner.update(Array(part.utf8) + [0])
        }
        inner.update(text)
        let digest = inner.finish()
        var outer = SHA256Hasher()
        outer.update(padded(0x5c))
        outer.update(digest.bytes)
        return outer.finish()
    }

    private func padded(_ pad: UInt8) -> [UInt8] {
        (key + [UInt8](repeating: 0, count: 64 - key.count)).map { $0 ^ pad }
    }
}
