// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing

@testable import TransparencyLog

/// A directory that is removed at the end of the test, with a log key.
final class Room: Sendable {
    let path: String
    let pem: [UInt8]
    let verifier: NoteVerifier
    static let origin = "rooms.example/test"

    init() throws {
        path = "/tmp/atomic-log-test-" + Hex.encode(RandomBytes.make(8))
        try Files.createDirectory(path)
        let key = try SigningKey.generate(.ed25519)
        // SAFETY: the bytes are copied within the closure.
        pem = unsafe try key.pem().withBytes { unsafe Array($0) }
        verifier = try NoteVerifier(name: Self.origin, publicKey: key.publicKey)
    }

    deinit { Tree.remove(path) }

    func signer() throws -> NoteSigner { try NoteSigner(name: Self.origin, key: SigningKey(pem: pem)) }

    func create() throws { try TransparencyLog.create(room: path, signer: signer()) }

    func open() throws -> TransparencyLog { try TransparencyLog.open(room: path, signer: signer()) }

    /// A closed log with `count` entries, appended in batches of `batch`.
    func fill(_ count: Int, batch: Int = 7) throws {
        try create()
        let log = try open()
        try append(count, batch: batch, to: log)
        try log.close()
    }

    func append(_ count: Int, batch: Int = 7, to log: TransparencyLog) throws {
        var done = 0
        while done < count {
            let some = min(batch, count - done)
            _ = try log.append((0..<some).map { Draft.numbered(done + $0) })
            done += some
        }
    }
}

enum Draft {
    static func numbered(_ number: Int) -> EntryDraft {
        EntryDraft(
            type: "x.test", actor: EntryActor(id: "uid:1000", role: "test"), policy: 0,
            data: .object(["n": .integer(Int64(number))]))
    }
}

/// Directory trees in tests.
enum Tree {
    /// Paths of all regular files below a directory, relative to it, sorted.
    static func files(_ root: String, below prefix: String = "") throws -> [String] {
        try Files.list(prefix.isEmpty ? root : "\(root)/\(prefix)").flatMap { name -> [String] in
            let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
            return Files.isDirectory("\(root)/\(path)") ? try files(root, below: path) : [path]
        }
    }

    static func copy(_ source: String, to target: String) throws {
        try Files.createDirectory(target)
        for file in try files(source) {
            try Files.createDirectory(Files.parent(of: "\(target)/\(file)"))
            try write(Files.read("\(source)/\(file)"), to: "\(target)/\(file)")
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        try Files.write(bytes, to: file.raw, named: path)
    }

    static func remove(_ path: String) {
        if Files.isDirectory(path) {
            for name in (try? Files.list(path)) ?? [] { remove("\(path)/\(name)") }
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(path)
        } else {
            try? Files.remove(path)
        }
    }
}

extension PreparedEntry {
    /// The entry's bytes.
    func bytes(seq: UInt64, prev: Digest, wall: String, mono: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        write(seq: seq, prev: prev, wall: Array(wall.utf8), mono: Array(String(mono).utf8), to: &bytes)
        return bytes
    }
}
