// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// What people with keys of a policy sign about a room, beside policies.
///
/// Its canonical JSON (RFC 8785) is the payload of a ``StatementEnvelope``.
public protocol PolicyStatement: Codable, Equatable, Sendable {
    /// DSSE payload type.
    static var payloadType: String { get }
    /// What it is, with its article, and what makes one.
    static var description: (what: String, madeBy: String) { get }
    /// The reason in it.
    var stated: String? { get }
    /// Why a statement cannot be used, whoever signed it; nil when it can.
    var malformation: String? { get }
}

/// A signed statement: DSSE (github.com/secure-systems-lab/dsse), the envelope in canonical JSON.
///
/// Codes: `envelope`, `payload-type`, `payload`, `duplicate-signer`.
public enum StatementEnvelope<Content: PolicyStatement> {
    /// A statement and who signed it.
    public struct Examined: Sendable {
        public let statement: Content
        /// Of the statement's canonical bytes: its name, however many have signed it.
        public let digest: Digest
        /// The distinct keys that signed, sorted by key id.
        public let signers: [PublicKey]

        init(_ statement: Content, in envelope: Envelope, signers: Set<PublicKey>) {
            self.statement = statement
            digest = Digest.sha256(envelope.payload)
            self.signers = signers.sorted { $0.keyID < $1.keyID }
        }
    }

    /// Signs a statement.
    /// - Throws: `payload` for a malformed one.
    /// - Returns: the envelope's bytes, canonical JSON.
    public static func sign(_ statement: Content, by key: borrowing SigningKey) throws(PolicyError) -> [UInt8] {
        if let why = statement.malformation { throw malformed(why) }
        let payload: [UInt8]
        do throws(BaseError) {
            payload = try CanonicalJSON.encode(statement)
        } catch {
            throw PolicyError("payload", error.message, remedy: error.remedy, cause: error)
        }
        do throws(SealingError) {
            return try Envelope.sign(payloadType: Content.payloadType, payload: payload, by: key).canonical()
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
    }

    /// Adds a signature to the statement that an envelope holds.
    /// - Throws: `duplicate-signer`; what is wrong with the envelope.
    public static func add(by key: borrowing SigningKey, to bytes: [UInt8]) throws(PolicyError) -> [UInt8] {
        var (envelope, _) = try open(bytes)
        let keyID = key.publicKey.keyID
        if envelope.signatures.contains(where: { $0.keyid == keyID }) {
            throw PolicyError(
                "duplicate-signer", "key \(keyID.prefix(12)) has signed already", remedy: "sign with another key",
                exit: .usage)
        }
        do throws(SealingError) {
            try envelope.addSignature(by: key)
            return try envelope.canonical()
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
    }

    /// What an envelope says, signatures unseen: to show it and to file it, never to follow it.
    public static func inspect(_ bytes: [UInt8]) throws(PolicyError) -> (statement: Content, digest: Digest) {
        let (envelope, statement) = try open(bytes)
        return (statement, Digest.sha256(envelope.payload))
    }

    static func open(_ bytes: [UInt8]) throws(PolicyError) -> (envelope: Envelope, statement: Content) {
        guard bytes.count <= SignedStatement.maximumBytes else {
            throw PolicyError(
                "envelope", "the envelope has more than \(SignedStatement.maximumBytes) bytes",
                remedy: "begin a new one, with fewer signatures")
        }
        let envelope: Envelope
        do throws(SealingError) {
            envelope = try Envelope(canonical: bytes)
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
        let (what, madeBy) = Content.description
        guard envelope.payloadType == Content.payloadType else {
            throw PolicyError(
                "payload-type", "the envelope does not hold \(what)", remedy: "give a file of \(madeBy)")
        }
        let statement: Content
        do throws(BaseError) {
            // Only the canonical form, so that one statement has one digest.
            statement = try CanonicalJSON.decode(Content.self, from: envelope.payload)
        } catch {
            throw PolicyError("payload", error.message, remedy: error.remedy, cause: error)
        }
        if let why = statement.malformation { throw malformed(why) }
        return (envelope, statement)
    }

    /// Who signed: distinct keys of the policy.
    static func signers(of envelope: Envelope, under policy: SovereignPolicy) throws(PolicyError) -> Set<PublicKey> {
        try envelope.distinctSigners(
            of: policy.authority.distinctKeys,
            unknown: ("is not of policy \(policy.sequence)", "sign with a key that the policy names"),
            unverified: "sign the statement again")
    }

    private static func malformed(_ why: String) -> PolicyError {
        PolicyError("payload", "the statement cannot be used: \(why)", remedy: "make a new one", exit: .usage)
    }
}

/// What all statements have in common.
public enum SignedStatement {
    /// Most bytes of an envelope: it stands in a log entry, escaped.
    public static let maximumBytes = 24 << 10
    /// Most characters of a reason.
    public static let longestReason = 500

    static func malformation(v: Int64, nonce: String, reason: String?) -> String? {
        if v != 1 { return "it is of version \(v)" }
        if nonce.utf8.count != 32 || Hex.decode(nonce) == nil { return "its nonce is not 32 hexadecimal digits" }
        if let reason, reason.isEmpty || reason.count > longestReason {
            return "its reason has not 1 to \(longestReason) characters"
        }
        return nil
    }

    /// What remains to be done where too few have signed.
    static let more = "have more people sign the same statement: give its file with --statement"
}

/// The policy that ruled when a statement was made.
public struct StatedPolicy: Codable, Equatable, Sendable {
    public let sequence: Int64
    /// Of the canonical policy.
    public let digest: Digest

    public init(sequence: Int64, digest: Digest) {
        self.sequence = sequence
        self.digest = digest
    }

    public init(_ policy: SovereignPolicy) throws(PolicyError) {
        sequence = policy.sequence
        digest = try policy.digest
    }
}
