// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle
internal import Sealing
internal import TransparencyLog

/// Makes a new room: its keys, an empty log with its birth in it, and a configuration. No policy, so nothing is
/// permitted yet.
public enum RoomCreation {
    /// - Parameters:
    ///   - directory: must not hold a room; created when missing.
    ///   - name: what the room is called; it becomes part of the log's origin.
    ///   - owner: key URI of the data owner, if this machine may label data in the owner's name.
    public static func create(
        at directory: String, name: String, currency: String = "EUR", owner: String? = nil,
        clock: SystemClock = .real
    ) throws -> RoomConfiguration {
        guard isName(name) else {
            throw RoomError(
                .configuration, "“\(name)” cannot name a room",
                remedy: "use 1 to 64 lower-case letters, digits, dots and hyphens", exit: .usage)
        }
        let paths = RoomPaths(directory)
        guard !Files.exists(paths.configuration) else {
            throw RoomError(
                .roomExists, "\(directory) already holds a room", remedy: "choose another directory", exit: .usage)
        }
        // Keys are never written over: without them nothing that was sealed to the room can be opened again.
        guard !Files.exists(paths.keys), !Files.exists(paths.root + "/log") else {
            throw RoomError(
                .roomExists, "\(directory) holds keys or a log, but no room.yaml",
                remedy: "restore room.yaml; or, when an atomic init was interrupted there, remove the directory",
                exit: .usage)
        }
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw RoomError(
                .configuration, "“\(currency)” is not a currency", remedy: "use an ISO 4217 code such as EUR",
                exit: .usage)
        }
        if let owner, owner.unicodeScalars.contains(where: { $0.value < 0x20 || $0 == "\"" || $0 == "\\" }) {
            throw RoomError(
                .configuration, "the owner's key URI has a character that room.yaml cannot hold",
                remedy: "use a path without quotes, backslashes and control characters", exit: .usage)
        }
        for path in [paths.root, paths.keys] { try Files.createDirectory(path, mode: 0o700) }
        for path in [paths.policies, paths.models, paths.tasks, paths.inputs] {
            try Files.createDirectory(path, mode: 0o700)
        }
        let logKey = try newSigningKey(paths.keys + "/log.pem")
        let postQuantumKey = try MLDSA65SigningKey.generate()
        try postQuantumKey.write(to: paths.keys + "/log-mldsa65.pem")
        let statementKey = try newSigningKey(paths.keys + "/statement.pem")
        let identity = try AgeIdentity.generate()
        // SAFETY: the bytes are copied into the file while they are lent; the file is 0600 in a 0700 directory.
        try unsafe identity.file(created: clock.wall()).withBytes { bytes in
            try unsafe Files.writeDurably(Array(bytes), to: paths.keys + "/recipient.age", mode: 0o600)
        }
        let configuration = RoomConfiguration(
            name: name, origin: "atomic-room/\(name)/\(Hex.encode(RandomBytes.make(4)))", currency: currency,
            logKey: "file:keys/log.pem", logPostQuantumKey: "file:keys/log-mldsa65.pem",
            statementKey: "file:keys/statement.pem", recipientKey: "file:keys/recipient.age",
            recipient: identity.recipient.string, owner: owner)
        let publicLogKey = logKey.publicKey.description
        let publicStatementKey = statementKey.publicKey.description
        let publicPostQuantumKey = postQuantumKey.publicKey.description
        let signer = try NoteSigner(name: configuration.origin, key: logKey, postQuantum: postQuantumKey)
        try TransparencyLog.create(room: paths.root, signer: signer)
        let log = try TransparencyLog.open(room: paths.root, signer: signer, clock: clock)
        let room = try Room(paths: paths, configuration: configuration, log: log, clock: clock)
        try room.record(
            Event.RoomCreated(
                name: name, origin: configuration.origin, logKey: publicLogKey, statementKey: publicStatementKey,
                recipient: configuration.recipient, postQuantumLogKey: publicPostQuantumKey),
            Event.KeyCreated(purpose: "log", key: publicLogKey),
            Event.KeyCreated(purpose: "log-post-quantum", key: publicPostQuantumKey),
            Event.KeyCreated(purpose: "statement", key: publicStatementKey),
            Event.KeyCreated(purpose: "recipient", key: configuration.recipient))
        _ = try InputStore(room: room)
        try room.close()
        // Last: a directory without room.yaml is no room, so a crash on the way leaves nothing that looks like one.
        try Files.writeDurably(Array(configuration.yaml.utf8), to: paths.configuration)
        return configuration
    }

    private static func newSigningKey(_ path: String) throws -> SigningKey {
        let key = try SigningKey.generate(.ed25519)
        // SAFETY: as for the identity above.
        try unsafe key.pem().withBytes { bytes in
            try unsafe Files.writeDurably(Array(bytes), to: path, mode: 0o600)
        }
        return key
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e
            }
    }
}
