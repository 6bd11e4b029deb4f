// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import PolicyFile

/// `room.yaml`: names, key URIs and defaults. It holds no secret and decides nothing that the policy decides.
public struct RoomConfiguration: Sendable, Equatable {
    public static let version = "atomic/room/v1"

    public let name: String
    /// The log's origin for life (C2SP tlog-checkpoint).
    public let origin: String
    /// ISO 4217 code of all amounts in this room.
    public let currency: String
    /// Key URIs, relative to the room's directory.
    public let logKey: String
    /// The log's ML-DSA-65 key; rooms that were made before there was one have none.
    public let logPostQuantumKey: String?
    public let statementKey: String
    public let recipientKey: String
    /// What inputs are sealed to.
    public let recipient: String
    /// The data owner's signing key, where this machine may label data in the owner's name.
    public let owner: String?
    /// Who else watches the log.
    public let witnesses: [RoomWitness]
    /// How many of them must have signed the log before an answer leaves; 0 asks nobody.
    public let cosignatures: Int

    public init(
        name: String, origin: String, currency: String, logKey: String, logPostQuantumKey: String? = nil,
        statementKey: String, recipientKey: String, recipient: String, owner: String?, witnesses: [RoomWitness] = [],
        cosignatures: Int = 0
    ) {
        self.name = name
        self.origin = origin
        self.currency = currency
        self.logKey = logKey
        self.logPostQuantumKey = logPostQuantumKey
        self.statementKey = statementKey
        self.recipientKey = recipientKey
        self.recipient = recipient
        self.owner = owner
        self.witnesses = witnesses
        self.cosignatures = cosignatures
    }

    /// Reads `room.yaml`.
    public init(reading path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, limit: 1 << 20)
        } catch {
            // A disk that fails is not a wrong path.
            guard error.code == .notFound else { throw error }
            throw RoomError(
                .noRoom, "there is no room: \(error.message)", remedy: "make one with: atomic init ROOM",
                exit: .usage, cause: error)
        }
        let top = try YAMLNode.read(bytes, file: path).mapping()
        _ = try top.required("apiVersion").oneOf([Self.version])
        name = try top.required("name").string()
        origin = try top.required("origin").string()
        currency = try top.required("currency").string()
        recipient = try top.required("recipient").string()
        let keys = try top.required("keys").mapping()
        logKey = try keys.required("log").string()
        logPostQuantumKey = try keys.optional("logPostQuantum")?.string()
        statementKey = try keys.required("statement").string()
        recipientKey = try keys.required("recipient").string()
        try keys.finish()
        owner = try top.optional("owner")?.string()
        (witnesses, cosignatures) = try RoomWitness.read(top)
        try top.finish()
    }

    /// The file's text.
    public var yaml: String {
        """
        # The room's names and keys. Which models may see which data is in the signed policy, not here.
        apiVersion: \(Self.version)
        name: "\(name)"
        origin: "\(origin)"
        currency: \(currency)
        recipient: \(recipient)
        keys:
          log: "\(logKey)"
        """ + "\n" + (logPostQuantumKey.map { "  logPostQuantum: \"\($0)\"\n" } ?? "") + """
              statement: "\(statementKey)"
              recipient: "\(recipientKey)"

            """ + (owner.map { "owner: \"\($0)\"\n" } ?? "")
    }
}
