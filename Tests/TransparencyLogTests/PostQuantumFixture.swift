// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing

@testable import TransparencyLog

/// A log whose room has an ML-DSA-65 key beside the Ed25519 one, and names both in its first entry.
final class PostQuantumRoom: Sendable {
    let room: Room
    let pem: [UInt8]
    let verifier: PostQuantumNoteVerifier

    init() throws {
        room = try Room()
        let key = try MLDSA65SigningKey.generate()
        // SAFETY: the bytes are copied within the closure.
        pem = unsafe key.pem().withBytes { unsafe Array($0) }
        verifier = try PostQuantumNoteVerifier(name: Room.origin, publicKey: key.publicKey)
    }

    var path: String { room.path }
    var keys: LogKeys { get throws { try LogKeys(room.verifier, verifier) } }

    func signer() throws -> NoteSigner { try Self.signer(room.pem, pem) }

    static func signer(_ first: [UInt8], _ second: [UInt8]) throws -> NoteSigner {
        try NoteSigner(
            name: Room.origin, key: SigningKey(pem: first),
            postQuantum: MLDSA65SigningKey(pem: SecretBytes(copying: second)))
    }

    /// An open log with its first entry.
    func create(naming second: PostQuantumNoteVerifier? = nil) throws -> TransparencyLog {
        try TransparencyLog.create(room: path, signer: signer())
        let log = try TransparencyLog.open(room: path, signer: signer())
        _ = try log.append([Self.birth(room.verifier, second ?? verifier)])
        return log
    }

    static func birth(_ first: NoteVerifier, _ second: PostQuantumNoteVerifier?) -> EntryDraft {
        var data: [String: JSONValue] = [
            "name": .string("test"), "origin": .string(Room.origin), "logKey": .string(first.publicKey.description),
            "statementKey": .string(first.publicKey.description), "recipient": .string("age1"),
        ]
        if let second { data["postQuantumLogKey"] = .string(second.publicKey.description) }
        return EntryDraft(
            type: "room.created", actor: EntryActor(id: "room", role: "supervisor"), policy: 0, data: .object(data))
    }

    /// The published checkpoint.
    func published() throws -> [UInt8] { try Files.read(path + "/log/checkpoint") }
    func publish(_ note: [UInt8]) throws { try Tree.write(note, to: path + "/log/checkpoint") }
}

/// A note taken apart into its lines, to be put together wrongly.
struct NoteText {
    var text: String
    var lines: [String]

    init(_ bytes: [UInt8]) throws {
        let note = try SignedNote(bytes: bytes)
        text = String(decoding: note.text, as: UTF8.self)
        lines = String(decoding: bytes.dropFirst(note.text.count + 1), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    var bytes: [UInt8] { Array((text + "\n" + lines.map { $0 + "\n" }.joined()).utf8) }

    /// Key id and signature of a line.
    func blob(_ line: Int) -> [UInt8] {
        Base64.decode(String(lines[line].split(separator: " ").last ?? "")) ?? []
    }

    func with(_ line: Int, _ blob: [UInt8], name: String = Room.origin) -> NoteText {
        var copy = self
        copy.lines[line] = "\u{2014} \(name) \(Base64.encode(blob))"
        return copy
    }

    func with(lines: [String]) -> NoteText {
        var copy = self
        copy.lines = lines
        return copy
    }
}
