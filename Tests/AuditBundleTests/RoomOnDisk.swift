// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Attestation
import AuditBundle
import Sealing
import Testing
import TransparencyLog

/// A directory that goes away with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/atomic-bundle-test-" + Hex.encode(RandomBytes.make(8))
        try Files.createDirectory(path, mode: 0o700)
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        if Files.isDirectory(path), let names = try? Files.list(path) { names.forEach { remove(path + "/" + $0) } }
        try? Files.remove(path)
    }
}

/// The fixed keys of the vectors (`Tests/Vectors/generator/keys.py`).
enum VectorKeys {
    static func signing(_ name: String) throws -> SigningKey {
        let seed = Digest.sha256(Array("atomic test vector key: \(name)".utf8)).bytes
        let body = Base64.encode(
            [0x30, 0x2e, 0x02, 0x01, 0, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20] + seed)
        return try SigningKey(pem: Array("-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n".utf8))
    }
}

/// The room whose story the golden bundle tells, laid out as a room writes it.
struct RoomOnDisk {
    let directory: TemporaryDirectory
    let bundle: Bundle
    let statement: RoomStatement
    let log: LogReader

    init() throws {
        directory = try TemporaryDirectory()
        bundle = try Bundle(bytes: try BundleVectors().good)
        statement = try CanonicalJSON.decode(RoomStatement.self, from: try #require(bundle[RoomStatement.memberName]))
        for member in bundle.members where member.name.hasPrefix("log/") && !member.name.contains("/proofs/") {
            let path = directory.path + "/" + member.name
            try Files.createDirectory(Files.parent(of: path))
            try Files.writeVisibly(member.content, to: path)
        }
        // A write-ahead file without a batch: magic, mark and its complement, verifier key, base checkpoint.
        let vkey = Array(statement.vkey.utf8)
        let base = try #require(bundle["log/checkpoint"])
        func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
            (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(T.bitWidth - 8 - 8 * $0)) }
        }
        let length = UInt32(8 + 8 + 2 + vkey.count + 2 + base.count)
        let header =
            Array("atomwal1".utf8) + number(length) + number(~length) + number(UInt16(vkey.count)) + vkey
            + number(UInt16(base.count)) + base
        try Files.createDirectory(directory.path + "/log-wal")
        try Files.writeVisibly(header, to: directory.path + "/log-wal/00000000.wal")
        log = try LogReader(room: directory.path, key: NoteVerifier(vkey: statement.vkey))
    }

    /// The sources as a room has them: everything by the digest of its bytes.
    var sources: BundleSources {
        var blobs: [Digest: [UInt8]] = [:]
        for member in bundle.members { blobs[Digest.sha256(member.content)] = member.content }
        return BundleSources(
            blob: { [blobs] in blobs[$0] },
            policy: { [bundle] sequence in sequence == 1 ? bundle["policy/000001.json"] : nil },
            model: { [bundle] digest in bundle["models/\(digest.hex)/manifest.json"] })
    }
}

/// The smallest bundle there is: a room that was created, and nothing more.
struct SmallBundle {
    let bytes: [UInt8]
    let trust: [UInt8]

    init() throws {
        let directory = try TemporaryDirectory()
        let origin = "atomic.example/small"
        let key = try VectorKeys.signing("room statement")
        let logKey = try VectorKeys.signing("log")
        let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
        let created = Event.RoomCreated(
            name: "small", origin: origin, logKey: logKey.publicKey.description,
            statementKey: key.publicKey.description, recipient: recipient)
        try TransparencyLog.create(
            room: directory.path, signer: NoteSigner(name: origin, key: VectorKeys.signing("log")))
        let log = try TransparencyLog.open(room: directory.path, signer: NoteSigner(name: origin, key: logKey))
        _ = try log.append([
            EntryDraft(
                type: Event.RoomCreated.type, actor: EntryActor(id: "room", role: "supervisor"), policy: 0,
                data: CanonicalJSON.value(created))
        ])
        let reader = log.reader()
        let statement = RoomStatement(
            name: "small", origin: origin, vkey: reader.key.vkey, statementKey: key.publicKey.description,
            recipient: recipient)
        let nothing = BundleSources(blob: { _ in nil }, policy: { _ in nil }, model: { _ in nil })
        bytes = try BundleWriter.encode(log: reader, room: statement, sources: nothing, key: key)
        trust = try CanonicalJSON.encode(
            TrustFile(
                rooms: [.init(origin: origin, vkey: reader.key.vkey, statementKeys: [key.publicKey])], policyKeys: [],
                owners: []))
        try log.close()
    }
}
