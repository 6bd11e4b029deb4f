// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing

@testable import TransparencyLog

/// Two private keys of a log, as texts, so that children of a test can have them.
struct KeyPair: Codable, Sendable {
    let first: [UInt8]
    let second: [UInt8]?

    init(first: [UInt8], second: [UInt8]?) {
        self.first = first
        self.second = second
    }

    init(both: Bool = true) throws {
        // SAFETY: the bytes are copied within the closures.
        first = unsafe try SigningKey.generate(.ed25519).pem().withBytes { unsafe Array($0) }
        // SAFETY: as above.
        second = both ? unsafe try MLDSA65SigningKey.generate().pem().withBytes { unsafe Array($0) } : nil
    }

    func signer(_ origin: String = Room.origin) throws -> NoteSigner {
        guard let second else { return try NoteSigner(name: origin, key: SigningKey(pem: first)) }
        return try NoteSigner(
            name: origin, key: SigningKey(pem: first), postQuantum: MLDSA65SigningKey(pem: SecretBytes(copying: second))
        )
    }

    var keys: LogKeys { get throws { try signer().keys } }
    var key: NoteVerifier { get throws { try keys.classical } }
}

extension PostQuantumRoom {
    static let actor = EntryActor(id: "uid:0", role: "operator")

    var pair: KeyPair { KeyPair(first: room.pem, second: pem) }

    func open(_ pair: KeyPair) throws -> TransparencyLog {
        try TransparencyLog.open(room: path, signer: pair.signer())
    }

    /// Ends the log, and leaves on disk what lay there before it was closed, as a crash would.
    func freeze(_ log: TransparencyLog) throws {
        let copy = path + "-frozen"
        try Tree.copy(path, to: copy)
        try log.close()
        Tree.remove(path)
        try Tree.copy(copy, to: path)
        Tree.remove(copy)
    }

    /// Closed, with `before` entries under the room's keys, the announcement of others, and `after` entries under those.
    func rotated(before: Int = 5, after: Int = 4) throws -> KeyPair {
        let next = try KeyPair()
        let log = try create()
        try room.append(before, to: log)
        _ = try log.rotateKeys(to: next.signer(), by: Self.actor, policy: 0)
        try room.append(after, to: log)
        try log.close()
        return next
    }
}
