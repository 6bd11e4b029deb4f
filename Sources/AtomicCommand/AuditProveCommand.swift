// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import TransparencyLog

/// `atomic audit prove`
struct AuditProve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "One entry with the proof that it is in the log, as one file.",
        discussion: "Example: atomic audit prove 12 --room ward-3 > entry-12.tlog-proof\n"
            + "         atomic audit prove --check entry-12.tlog-proof --vkey ward-3+ab12cd34+A…\n"
            + "The file is a c2sp.org/tlog-proof@v1 whose extra data is the entry. Checking needs the file and the log's "
            + "verifier key, no room; it prints the entry, or exits 4. Where witnesses have signed the log since the entry, the "
            + "proof leads to that checkpoint; --witness then demands the signature of one.")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions
    @Option(help: ArgumentHelp("Check this file instead of making one.", valueName: "file"))
    var check: String?
    @Option(help: "The log's verifier key, as `atomic audit checkpoint --json` printed it; for --check.")
    var vkey: String?
    @Option(help: "A witness's verifier key, which must have signed the checkpoint; several are possible; for --check.")
    var witness: [String] = []
    @Option(help: "The log's ML-DSA-65 verifier key: its line must be there too; for --check.")
    var postQuantumVkey: String?
    @Option(
        help: ArgumentHelp(
            "An entry key.rotated, as `atomic audit show` prints it with --json or as a proof, where --vkey is a key of before; "
                + "once for each, the oldest first.", valueName: "file"))
    var rotation: [String] = []
    @Option(help: ArgumentHelp("The entry's stored bytes, when the proof does not hold them.", valueName: "file"))
    var entry: String?
    @Argument(help: "The entry's number, from 0.", transform: EntryNumber.read)
    var index: UInt64?

    func validate() throws {
        switch (check, index) {
        case (nil, nil): throw ValidationError("name an entry by its number, or a proof with --check")
        case (.some, .some): throw ValidationError("--check takes its entry from the proof; name no number")
        case (.some, nil) where vkey == nil: throw ValidationError("--check wants the log's verifier key: --vkey KEY")
        case (nil, .some)
        where vkey != nil || entry != nil || postQuantumVkey != nil || !rotation.isEmpty || !witness.isEmpty:
            throw ValidationError("--vkey, --post-quantum-vkey, --rotation, --witness and --entry belong to --check")
        default: break
        }
    }

    func run() throws {
        if let check, let vkey { return try verify(check, key: .typed(vkey)) }
        guard let index else { return }
        let reader = try room.published()
        let bytes = try reader.rawEntry(index)
        let proof = try Self.cosigned(index, reader, room.directory()) ?? reader.inclusionProof(index)
        let whole = InclusionProof(index: index, path: proof.path, checkpoint: proof.checkpoint, extra: bytes).bytes
        guard options.json else { return try Console.show(whole) }
        try Console.show(
            json:
                JSONValue.object([
                    "origin": .string(reader.checkpoint.origin), "size": .integer(Int64(try Self.size(proof))),
                    "index": .integer(Int64(index)), "entry": .string(String(decoding: bytes, as: UTF8.self)),
                    "proof": .string(String(decoding: whole, as: UTF8.self)), "vkey": .string(reader.key.vkey),
                ]))
    }

    /// A proof under the newest checkpoint that witnesses have signed, where the entry is in it.
    private static func cosigned(_ index: UInt64, _ reader: LogReader, _ room: String) throws -> InclusionProof? {
        guard let note = try RoomView.cosignedCheckpoint(in: room),
            try Checkpoint(text: note.text).size > index
        else { return nil }
        // Where it is of no use, for example signed by an earlier key, the newest checkpoint proves as much.
        return try? reader.inclusionProof(index, under: note)
    }

    private static func size(_ proof: InclusionProof) throws -> UInt64 {
        try Checkpoint(text: SignedNote(bytes: proof.checkpoint).text).size
    }

    /// The log's keys from the given ones on, as the announcements at hand tell; the proved entry may be one of them.
    private func keys(from key: NoteVerifier, proving entry: [UInt8]) throws -> KeyHistory {
        let second = try postQuantumVkey.map { try PostQuantumNoteVerifier(vkey: $0) }
        var keys = KeyHistory(origin: key.name, trusted: try LogKeys(key, second))
        var entries: [LogEntry] = []
        for file in rotation {
            var bytes = try Files.read(file, limit: 4 * LogEntry.maximumBytes)
            if bytes.starts(with: Array(InclusionProof.header.utf8)) {
                bytes = try InclusionProof(bytes: bytes).extra ?? []
            } else if bytes.last == 0x0a {
                bytes.removeLast()
            }
            entries.append(try LogEntry(bytes: bytes))
        }
        if let last = try? LogEntry(bytes: entry), !entries.contains(where: { $0.seq == last.seq }) {
            entries.append(last)
        }
        for entry in entries where entry.type == KeyRotation.entryType { try keys.read(entry) }
        try keys.finish()
        return keys
    }

    private func verify(_ file: String, key: NoteVerifier) throws {
        // The longest entry in base64, 64 hashes, a note.
        let proof = try InclusionProof(bytes: Files.read(file, limit: 4 * LogEntry.maximumBytes))
        let bytes: [UInt8]
        if let entry {
            bytes = try Files.read(entry, limit: LogEntry.maximumBytes)
        } else if let extra = proof.extra {
            bytes = extra
        } else {
            throw ValidationError("the proof does not hold its entry: give the stored bytes with --entry FILE")
        }
        let head = try proof.verify(entry: bytes, keys: keys(from: key, proving: bytes))
        let cosignatures = try cosignatures(under: proof)
        guard options.json else {
            try Console.show(line: EntryText(LogEntry(bytes: bytes)).paragraph)
            try Console.show(line: "is entry \(proof.index) of \(head.size) in the log \(head.origin)")
            for each in cosignatures {
                try Console.show(line: "signed by the witness \(each.witness.name) at \(each.timestamp) s after 1970")
            }
            return try Console.show(line: "verified")
        }
        try Console.show(
            json:
                JSONValue.object([
                    "verified": .bool(true), "origin": .string(head.origin), "size": .integer(Int64(head.size)),
                    "index": .integer(Int64(proof.index)), "entry": .string(String(decoding: bytes, as: UTF8.self)),
                ]))
    }

    /// The signatures of the witnesses that were named, of each one.
    private func cosignatures(under proof: InclusionProof) throws -> [Cosignature] {
        let known = try witness.map { try CosignatureVerifier(vkey: $0) }
        let found = try SignedNote(bytes: proof.checkpoint).cosignatures(by: known)
        if let missing = known.first(where: { key in !found.contains { $0.witness.publicKey == key.publicKey } }) {
            throw LogError(
                .signature, "the witness \(missing.name) has not signed the checkpoint of the proof",
                remedy: "ask the room for a proof under a checkpoint that it has signed", exit: .unverified)
        }
        return found
    }
}
