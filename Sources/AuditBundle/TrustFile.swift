// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing
internal import TransparencyLog

/// Whom the reader of a bundle trusts: `trust.json`. What is signed by a key that is not in it fails.
public struct TrustFile: Codable, Equatable, Sendable {
    /// A room whose log and statements are believed.
    public struct Room: Codable, Equatable, Sendable {
        /// The log's origin.
        public var origin: String
        /// The log's C2SP verifier key; its name is the origin.
        public var vkey: String
        /// Keys that sign bundles.
        public var statementKeys: [PublicKey]
        /// The verifier key of the log's ML-DSA-65 key. Where it stands, no checkpoint is believed without that key's line.
        public var postQuantumVkey: String?
        /// C2SP verifier keys of the witnesses whose cosignatures count.
        public var witnesses: [String]?

        public init(
            origin: String, vkey: String, statementKeys: [PublicKey], postQuantumVkey: String? = nil,
            witnesses: [String]? = nil
        ) {
            self.origin = origin
            self.vkey = vkey
            self.statementKeys = statementKeys
            self.postQuantumVkey = postQuantumVkey
            self.witnesses = witnesses
        }
    }

    /// A member of the policy quorum, in the role in which it is trusted.
    public struct PolicyKey: Codable, Equatable, Sendable {
        public var id: String
        public var role: String
        public var key: PublicKey

        public init(id: String, role: String, key: PublicKey) {
            self.id = id
            self.role = role
            self.key = key
        }
    }

    /// A key under the id of its holder: a data owner or a model owner.
    public struct NamedKey: Codable, Equatable, Sendable {
        public var id: String
        public var key: PublicKey

        public init(id: String, key: PublicKey) {
            self.id = id
            self.key = key
        }
    }

    public var rooms: [Room]
    public var policyKeys: [PolicyKey]
    public var owners: [NamedKey]
    public var models: [NamedKey]
    /// PEM certificates of time stamping authorities; no claim uses them yet.
    public var timestampRoots: [String]

    public init(
        rooms: [Room], policyKeys: [PolicyKey], owners: [NamedKey], models: [NamedKey] = [],
        timestampRoots: [String] = []
    ) {
        self.rooms = rooms
        self.policyKeys = policyKeys
        self.owners = owners
        self.models = models
        self.timestampRoots = timestampRoots
    }

    /// Reads a trust file in any JSON layout; unknown fields are refused.
    /// - Throws: `trust`.
    public init(json bytes: [UInt8]) throws(BundleError) {
        do throws(BaseError) {
            self = try CanonicalJSON.decodeRelaxed(TrustFile.self, from: bytes)
        } catch {
            throw Self.malformed(error.message, cause: error)
        }
        guard !rooms.isEmpty else { throw Self.malformed("it names no room") }
        guard Set(rooms.map(\.origin)).count == rooms.count else { throw Self.malformed("a room comes twice") }
        guard Set(owners.map(\.id)).count == owners.count else { throw Self.malformed("an owner comes twice") }
        for room in rooms {
            _ = try room.logKeys()
            _ = try room.witnessKeys()
        }
    }

    /// The room with this origin.
    func room(_ origin: String) throws(BundleError) -> Room {
        guard let room = rooms.first(where: { $0.origin == origin }) else {
            throw BundleError(
                .trust, "the trust file does not know the room \(origin)",
                remedy: "give the trust file of the room, from somebody you trust")
        }
        return room
    }

    private static func malformed(_ why: String, cause: (any Error)? = nil) -> BundleError {
        BundleError(
            .trust, "not a usable trust file: \(why)", remedy: "get it from somebody you trust, not with the bundle",
            cause: cause)
    }
}

extension TrustFile.Room {
    /// The keys that the log's checkpoints are verified with.
    func logKeys() throws(BundleError) -> LogKeys {
        let keys: LogKeys
        do throws(LogError) {
            let key = try NoteVerifier(vkey: vkey)
            keys =
                if let postQuantumVkey {
                    try LogKeys(key, PostQuantumNoteVerifier(vkey: postQuantumVkey))
                } else {
                    try LogKeys(key)
                }
        } catch {
            throw BundleError(
                .trust, "the room \(origin) has no usable vkey: \(error.message)", remedy: "correct the trust file")
        }
        guard keys.classical.name == origin else {
            throw BundleError(
                .trust, "the vkey of the room \(origin) is of \(keys.classical.name)", remedy: "correct the trust file")
        }
        return keys
    }

    /// The keys that cosignatures are verified with, each once.
    func witnessKeys() throws(BundleError) -> [CosignatureVerifier] {
        var keys: [CosignatureVerifier] = []
        for text in witnesses ?? [] {
            let key: CosignatureVerifier
            do throws(LogError) {
                key = try CosignatureVerifier(vkey: text)
            } catch {
                throw BundleError(
                    .trust, "the room \(origin) has an unusable witness: \(error.message)",
                    remedy: "correct the trust file")
            }
            guard !keys.contains(where: { $0.publicKey == key.publicKey }) else {
                throw BundleError(
                    .trust, "the room \(origin) has two witnesses with the key of \(key.name)",
                    remedy: "correct the trust file")
            }
            keys.append(key)
        }
        return keys
    }
}
