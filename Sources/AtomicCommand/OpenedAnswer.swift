// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Sealing

/// A sealed answer, opened for its requester: `NAME.json`, and `NAME.action.json` with its member `action`, which is
/// what a mail system acts on. Each appears whole or not at all, readable by its owner only.
struct OpenedAnswer {
    /// Where the sealed answer lies.
    let directory: String
    let message: String

    /// Writes both files.
    ///
    /// - Throws: ``SealingError`` `no-match` when the identity is not the requester's, `io`.
    func write(with identity: borrowing AgeIdentity) throws {
        let place = "\(directory)/\(message).json"
        // Somebody took the sealed answer away after it was placed: then it arrived.
        guard Files.exists(place + ".age") else { return }
        let plaintext = try Age.decrypt(Files.read(place + ".age"), identity: identity)
        // SAFETY: the copy is what the file gets; it is the requester's own answer.
        let bytes = unsafe plaintext.withBytes { unsafe Array($0) }
        // The action first: whoever acts on NAME.json finds it.
        if let action = try JSONValue.parse(bytes)["action"], action != .null {
            try Self.write(action.canonical + [0x0a], to: "\(directory)/\(message).action.json")
        }
        try Self.write(bytes, to: place)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try WholeFile(path: path, mode: 0o600)
        try Files.write(bytes, to: file.descriptor, named: path)
        try file.commit()
    }
}
