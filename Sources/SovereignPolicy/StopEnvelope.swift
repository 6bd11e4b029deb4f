// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// A signed halt or resume: DSSE over a ``StopStatement``.
///
/// Codes: `envelope`, `payload-type`, `payload`, `unknown-signer`, `duplicate-signer`, `signature`, `other-room`, `other-policy`,
/// `replay`, `not-halted`, `may`, `threshold`, `role`.
public enum StopEnvelope {
    public static let payloadType = "application/vnd.atomic.stop.v1+json"
    /// Most bytes of an envelope: it stands in a log entry, escaped.
    public static let maximumBytes = 24 << 10

    /// A statement and who signed it.
    public struct Examined: Sendable {
        public let statement: StopStatement
        /// Of the statement's canonical bytes; the next statement names it as `after`.
        public let digest: Digest
        /// The distinct keys that signed, sorted by key id.
        public let signers: [PublicKey]
    }

    /// Signs a statement.
    /// - Throws: `payload` for a malformed one.
    /// - Returns: the envelope's bytes, canonical JSON.
    public static func sign(_ statement: StopStatement, by key: borrowing SigningKey) throws(PolicyError) -> [UInt8] {
        if let why = statement.malformation { throw malformed(why) }
        let payload: [UInt8]
        do throws(BaseError) {
            payload = try CanonicalJSON.encode(statement)
        } catch {
            throw PolicyError("payload", error.message, remedy: error.remedy, cause: error)
        }
        do throws(SealingError) {
            return try Envelope.sign(payloadType: payloadType, payload: payload, by: key).canonical()
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
    public static func inspect(_ bytes: [UInt8]) throws(PolicyError) -> (statement: StopStatement, digest: Digest) {
        let (envelope, statement) = try open(bytes)
        return (statement, Digest.sha256(envelope.payload))
    }

    /// Checks, in this order: form, signatures, room, policy, place in the course of halts, and whether the signers may.
    ///
    /// A halt may be signed under an earlier policy: what counts is that its keys may under the one that rules, because a halt must
    /// not be lost to a policy that was accepted meanwhile. A resume is about exactly the policy that rules.
    /// - Parameters:
    ///   - room: origin of the room's log.
    ///   - policy: the policy that rules.
    ///   - course: the halts and resumes so far.
    ///   - trusted: of the keys, those that count; by default all of the policy's.
    /// - Throws: `PolicyError` with a code of the list above; exit 4.
    public static func examine(
        _ bytes: [UInt8], room: String, policy: SovereignPolicy, course: StopCourse, trusted: Set<PublicKey>? = nil
    ) throws(PolicyError) -> Examined {
        let (envelope, statement) = try open(bytes)
        let signers = try envelope.distinctSigners(
            of: policy.authority.distinctKeys,
            unknown: ("is not of policy \(policy.sequence)", "sign with a key that the policy names"),
            unverified: "sign the statement again")
        guard statement.room == room else {
            throw PolicyError(
                "other-room", "the \(statement.kind.rawValue) is for the room \(statement.room), this is \(room)",
                remedy: "sign one for this room")
        }
        try checkPolicy(statement, policy)
        try course.check(statement)
        let counted = trusted.map { signers.intersection($0) } ?? signers
        if let lack = lack(of: counted, for: statement.kind, under: policy) { throw lack }
        return Examined(
            statement: statement, digest: Digest.sha256(envelope.payload),
            signers: signers.sorted { $0.keyID < $1.keyID })
    }

    /// Why these signers may not halt or resume under a policy; nil when they may.
    ///
    /// A halt takes as many of its keys as `emergencyStop` asks for where that says `halt`, or the quorum; a resume the quorum.
    public static func lack(
        of signers: Set<PublicKey>, for kind: StopStatement.Kind, under policy: SovereignPolicy
    ) -> PolicyError? {
        let authority = policy.authority
        let whose = "policy \(policy.sequence)"
        guard let lack = authority.lack(of: signers, whose: whose) else { return nil }
        let more = "have more people sign the same statement: give its file with --statement"
        guard kind == .halt else { return PolicyError(lack.code, lack.message, remedy: more) }
        guard let stop = authority.emergencyStop, stop.may.contains("halt") else {
            return PolicyError(
                "may", "the emergency stop of \(whose) may not halt, and the signers are no quorum: \(lack.message)",
                remedy: more)
        }
        let present = Int64(authority.distinctKeys.intersection(signers).count)
        guard stop.threshold >= 1, present >= stop.threshold else {
            return PolicyError(
                "threshold", "\(present) distinct keys of \(whose) signed the halt, \(stop.threshold) must",
                remedy: more)
        }
        return nil
    }

    private static func open(
        _ bytes: [UInt8]
    ) throws(PolicyError) -> (envelope: Envelope, statement: StopStatement) {
        guard bytes.count <= maximumBytes else {
            throw PolicyError(
                "envelope", "the envelope has more than \(maximumBytes) bytes",
                remedy: "begin a new one, with fewer signatures")
        }
        let envelope: Envelope
        do throws(SealingError) {
            envelope = try Envelope(canonical: bytes)
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
        guard envelope.payloadType == payloadType else {
            throw PolicyError(
                "payload-type", "the envelope does not hold a halt or a resume",
                remedy: "give a file of atomic halt --statement or atomic resume --statement")
        }
        let statement: StopStatement
        do throws(BaseError) {
            // Only the canonical form, so that one statement has one digest.
            statement = try CanonicalJSON.decode(StopStatement.self, from: envelope.payload)
        } catch {
            throw PolicyError("payload", error.message, remedy: error.remedy, cause: error)
        }
        if let why = statement.malformation { throw malformed(why) }
        return (envelope, statement)
    }

    private static func malformed(_ why: String) -> PolicyError {
        PolicyError("payload", "the statement cannot be used: \(why)", remedy: "make a new one", exit: .usage)
    }

    private static func checkPolicy(_ statement: StopStatement, _ policy: SovereignPolicy) throws(PolicyError) {
        let stated = statement.policy
        let isEarlierHalt = statement.kind == .halt && stated.sequence >= 1 && stated.sequence < policy.sequence
        if isEarlierHalt { return }
        guard stated.sequence == policy.sequence, stated.digest == (try policy.digest) else {
            throw PolicyError(
                "other-policy",
                "the \(statement.kind.rawValue) was signed under policy \(stated.sequence), and this is not the policy "
                    + "\(policy.sequence) that rules", remedy: "sign a new one under the policy that rules")
        }
    }
}
