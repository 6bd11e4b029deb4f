// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// `attestation/room.json`: who the room says it is, and how much of that it can show.
public struct RoomStatement: Codable, Equatable, Sendable {
    public static let memberName = "attestation/room.json"

    public var kind = "room"
    public var v: Int64 = 1
    public var name: String
    /// Origin of the log.
    public var origin: String
    /// C2SP verifier key of the log.
    public var vkey: String
    /// The key that signs the bundle, as `ed25519:…` or `p384:…`.
    public var statementKey: String
    /// The age recipient that inputs are sealed to.
    public var recipient: String
    /// The level truly reached: `process`, `measured-boot` or `tee`.
    public var assurance: String

    public init(
        name: String, origin: String, vkey: String, statementKey: String, recipient: String,
        assurance: String = "process"
    ) {
        self.name = name
        self.origin = origin
        self.vkey = vkey
        self.statementKey = statementKey
        self.recipient = recipient
        self.assurance = assurance
    }
}
