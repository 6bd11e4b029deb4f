// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import SovereignPolicy
internal import TransparencyLog

/// `atomic audit verify`
struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Reads and checks every byte of the log.",
        discussion:
            "Example: atomic audit verify --vkey room.example+ab12cd34+A… --from last-week.checkpoint --room R\n"
            + "Exits 0, or 4 with the entry and the file that are wrong. Without --vkey the key is taken from the log "
            + "itself: that shows damage, not who wrote the log.")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Option(help: "The log's verifier key, as `atomic audit checkpoint --json` printed it.")
    var vkey: String?
    @Option(help: "The log's ML-DSA-65 verifier key, as `atomic bundle trust` writes it: its line must be there too.")
    var postQuantumVkey: String?
    @Option(name: .customLong("from"), help: "A file with a checkpoint seen earlier: the log must extend it.")
    var earlier: String?

    func run() throws {
        let directory = try room.directory()
        let key = try vkey.map { try NoteVerifier.typed($0) }
        let note = try earlier.map { try Files.read($0, limit: SignedNote.maximumBytes) }
        let second = try postQuantumVkey.map { try PostQuantumNoteVerifier(vkey: $0) }
        let origin = try note == nil ? "" : key?.name ?? room.log().key.name
        let before = try explained {
            try note.map { note in
                let head = try Checkpoint(text: SignedNote(bytes: note).text)
                guard head.origin == origin else {
                    throw LogError(
                        .checkpoint, "the checkpoint is of the log \(head.origin), not of \(origin)", remedy: "",
                        exit: .unverified)
                }
                return head
            }
        }
        func verify(from earlier: Checkpoint?) throws -> VerifiedLog {
            try RoomOptions.explaining(directory) {
                try LogVerification.verify(room: $0, key: key, postQuantum: second, earlier: earlier)
            }
        }
        var log: VerifiedLog
        var restore: (entry: UInt64, statement: RestoreStatement, signers: [String])?
        do {
            log = try verify(from: before)
        } catch {
            // What a quorum says was lost with the history it belonged to is not what somebody cut off.
            guard let before, let found = try? RoomView(directory).restore(thatLost: before) else { throw error }
            log = try verify(from: nil)
            restore = found
        }
        // Its root is that of the log; who signed it was a key of the log then.
        if let note { try explained { _ = try log.keys.checkEarlier(note, published: false) } }
        let rotations = log.keys.tenures.dropFirst()
        if options.json {
            return try Console.show(
                json:
                    JSONValue.object([
                        "verified": .bool(true), "origin": .string(log.key.name), "size": .integer(Int64(log.size)),
                        "root": .string(Base64.encode(log.root.bytes)), "vkey": .string(log.key.vkey),
                        "keyGiven": .bool(key != nil), "published": .integer(Int64(log.publishedSize)),
                        "from": before.map { .integer(Int64($0.size)) } ?? .null,
                        "restored": restore.map(Self.described) ?? .null,
                    ]))
        }
        try Console.show(line: "log       \(log.key.name)")
        try Console.show(line: "entries   \(log.size), each in its place and continuing the one before it")
        try Console.show(line: "root      \(Base64.encode(log.root.bytes)), signed")
        if let before, let restore {
            let size = restore.statement.backup.size
            try Console.show(
                line: "restored  from a copy of \(size) entries by entry \(restore.entry): \(restore.statement.reason)")
            try Console.show(
                line:
                    "lost      entries \(size) to \(before.size - 1) of the checkpoint's history, says the policy's quorum"
            )
        } else if let before {
            try Console.show(line: "extends   the checkpoint of \(before.size) entries")
        }
        if let last = rotations.last {
            try Console.show(line: "rotated   \(rotations.count) times, the last time by entry \(last.first - 1)")
        }
        try Console.show(
            line:
                "key       \(log.key.vkey)" + (key == nil ? " (the log's own word; give --vkey to be sure)" : ""))
        try Console.show(line: "verified")
    }
}

extension AuditVerify {
    private static func described(
        _ restore: (entry: UInt64, statement: RestoreStatement, signers: [String])
    ) -> JSONValue {
        .object([
            "entry": .integer(Int64(restore.entry)), "size": .integer(restore.statement.backup.size),
            "reason": .string(restore.statement.reason), "signers": .array(restore.signers.map { .string($0) }),
        ])
    }

    /// Says which file a checkpoint that does not hold is in.
    fileprivate func explained<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as LogError {
            throw LogError(
                error.code, "\(earlier ?? ""): \(error.message)",
                remedy: "give the file that atomic audit checkpoint wrote for this log, unchanged", exit: .unverified,
                cause: error)
        }
    }
}

/// `atomic audit checkpoint`
struct AuditCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "The signed checkpoint of all acknowledged entries.",
        discussion: "Keep it outside the room: `atomic audit verify --from FILE` later shows that nothing was cut off "
            + "or changed since.\nExample: atomic audit checkpoint --room ward-3 > ward-3.checkpoint")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions

    func run() throws {
        let reader = try room.published()
        guard options.json else { return try Console.show(reader.checkpointNote) }
        try Console.show(
            json:
                JSONValue.object([
                    "origin": .string(reader.checkpoint.origin), "size": .integer(Int64(reader.size)),
                    "root": .string(Base64.encode(reader.checkpoint.root.bytes)), "vkey": .string(reader.key.vkey),
                    "checkpoint": .string(String(decoding: reader.checkpointNote, as: UTF8.self)),
                ]))
    }
}
