// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import PolicyFile
internal import Sealing

/// `atomic seal`: encrypts a file, and labels it in the owner's name.
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal a file to recipients (age v1), with or without a label.",
        discussion: """
            With --class, --purpose and --owner the label OUT.label is written beside
            OUT: who owns the data, of which class it is, what for and for how long.
            --room takes the recipient from a room, and the label names the room;
            without it the label names the first recipient.

            Example:
              atomic seal -r age1… letter.eml -o letter.eml.age
              atomic seal --room .demo/room --class pii --purpose customer-support \\
                --owner owner.key --owner-id clinic-desk letter.eml -o letter.eml.age
            """)

    @Flag(name: [.short, .long], help: "Write the ASCII armor.")
    var armor = false

    @Option(name: [.short, .long], help: "A recipient age1…; repeatable.")
    var recipient: [String] = []

    @Option(name: .customLong("class"), help: "The data class of the label, as in the room's policy.")
    var dataClass: String?

    @Option(help: "What the data may be used for; repeatable.")
    var purpose: [String] = []

    @Option(help: "The owner's signing key, as a path or file: URI. Default: the owner key of --room.")
    var owner: String?

    @Option(help: "The owner's id in policy and trust file. Default: the key id of the owner's key.")
    var ownerID: String?

    @Option(help: "Counts the labels of one sealed file; rooms never go back to a lower one.")
    var serial: Int64 = 1

    @Option(help: "When the label begins to hold (RFC 3339, UTC). Default: now.")
    var notBefore: String?

    @Option(help: "When the label ends: RFC 3339 in UTC, or a duration from its beginning such as 30d.")
    var expires = "30d"

    @Option(help: "How long what derives from the data may be kept.")
    var retention = "30d"

    @Argument(help: "The file to seal, - for standard input.")
    var input: String

    @Option(name: [.short, .long], help: "The file to write, - for standard output.")
    var output: String

    @OptionGroup var rooms: RoomOptions
    @OptionGroup var options: CommandOptions

    /// What `--json` prints when the output is a file.
    private struct Report: Encodable {
        let output: String
        let digest: Digest
        let label: String?
    }

    private var wantsLabel: Bool { dataClass != nil || !purpose.isEmpty || owner != nil || ownerID != nil }

    func validate() throws {
        guard wantsLabel else { return }
        if dataClass == nil { throw ValidationError("a label needs --class") }
        if purpose.isEmpty { throw ValidationError("a label needs --purpose") }
        if output == "-" { throw ValidationError("a label is a file beside the output: give -o FILE") }
    }

    func run() throws {
        // Without -r it is a room's: the one that --room or the environment names.
        let named = try recipient.isEmpty || rooms.room != nil ? rooms.directory() : nil
        let destination = try named.map { try RoomAddress(directory: $0) }
        var recipients = try recipient.map { text throws(SealingError) in try AgeRecipient(text) }
        if let destination { recipients.insert(destination.recipient, at: 0) }
        let ownerURI = owner ?? destination?.owner
        if wantsLabel, ownerURI == nil {
            throw ValidationError("a label needs --owner KEY, who signs it; room.yaml may name it as owner:")
        }

        let source = try input == "-" ? OwnedFD(adopting: STDIN_FILENO) : Files.open(input, O_RDONLY)
        let sealed = try WholeFile(path: output, mode: 0o644)
        try Age.encrypt(from: source.raw, to: sealed.descriptor, recipients: recipients, armor: armor)
        guard let ownerURI, let dataClass else {
            // Hashing costs more than sealing, so it is done for whoever wants the digest only.
            let digest = options.json && output != "-" ? try sealed.digest() : nil
            try sealed.commit()
            if let digest { try Console.json(Report(output: output, digest: digest, label: nil)) }
            return
        }
        let digest = try sealed.digest()
        let bytes = try label(
            digest, class: dataClass, room: destination?.origin ?? recipients[0].string, ownerURI: ownerURI)
        let label = try WholeFile(path: output + Label.suffix, mode: 0o644)
        try Files.write(bytes, to: label.descriptor, named: output + Label.suffix)
        // The file first: a label without its file misleads nobody, a file without its label is of the top class.
        try sealed.commit()
        try label.commit()
        if options.json { try Console.json(Report(output: output, digest: digest, label: output + Label.suffix)) }
    }

    private func label(_ digest: Digest, class dataClass: String, room: String, ownerURI: String) throws -> [UInt8] {
        let key = try SigningKey(uri: ownerURI)
        let begin = try begins()
        return try Label.sign(
            LabelPredicate(
                class: dataClass, purposes: purpose, owner: ownerID ?? key.publicKey.keyID, serial: serial, room: room,
                notBefore: begin, expires: try ends(after: begin), retention: retention, salt: Label.newSalt()),
            ciphertext: digest, name: Files.name(of: output), by: key)
    }

    /// The label's first moment. "Now" is cut to the second, so that a clock that is behind by less accepts it.
    private func begins() throws -> WallTime {
        guard let notBefore else {
            return WallTime(nanoseconds: SystemClock.real.wall().nanoseconds / 1_000_000_000 * 1_000_000_000)
        }
        guard let time = WallTime(rfc3339: notBefore) else {
            throw ValidationError("--not-before is not RFC 3339 in UTC, such as 2026-11-21T10:00:00Z")
        }
        return time
    }

    private func ends(after begin: WallTime) throws -> WallTime {
        if let time = WallTime(rfc3339: expires) { return time }
        if let duration = Durations.parse(expires) {
            let (sum, overflow) = begin.nanoseconds.addingReportingOverflow(duration)
            if !overflow { return WallTime(nanoseconds: sum) }
        }
        throw ValidationError("--expires is neither RFC 3339 in UTC nor a duration such as 30d")
    }
}

/// What a sealer needs to know of a room: the public part of its `room.yaml`.
private struct RoomAddress {
    let recipient: AgeRecipient
    /// The origin of the room's log, by which labels name the room.
    let origin: String
    /// The owner key that this machine may label with.
    let owner: String?

    init(directory: String) throws {
        let path = directory + "/room.yaml"
        let top = try YAMLNode.read(try Files.read(path, limit: 1 << 20), file: path).mapping()
        recipient = try AgeRecipient(try top.required("recipient").string())
        origin = try top.required("origin").string()
        owner = try top.optional("owner")?.string().ownerURI(in: directory)
    }
}

extension String {
    /// A key URI of `room.yaml`: a relative path is relative to the room.
    fileprivate func ownerURI(in directory: String) throws -> String {
        let path = try KeyURI(self).filePath
        return path.hasPrefix("/") ? path : directory + "/" + path
    }
}
