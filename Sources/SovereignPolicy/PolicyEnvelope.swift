// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// A signed policy: DSSE over the policy's canonical JSON, accepted by the rules of TUF's root metadata.
public enum PolicyEnvelope {
    public static let payloadType = "application/vnd.atomic.policy.v1+json"

    /// A policy and who signed it.
    public struct Accepted: Sendable {
        public let policy: SovereignPolicy
        /// Digest of the policy's canonical bytes, which the next policy names as `previous`.
        public let digest: Digest
        /// The distinct keys that signed, sorted by key id.
        public let signers: [PublicKey]
        /// Whether `problems` was asked and has none.
        let isSound: Bool
    }

    /// Signs a sound policy.
    ///
    /// - Throws: `policy` for one with problems or failing tests, `signer-not-in-policy` for a key that neither this
    ///   policy nor `previous` names.
    /// - Returns: the envelope's bytes, canonical JSON.
    public static func sign(
        _ policy: SovereignPolicy, by key: borrowing SigningKey, previous: SovereignPolicy? = nil
    ) throws(PolicyError) -> [UInt8] {
        try requireSound(policy)
        try requireMember(key.publicKey, of: policy, previous)
        let payload = try policy.canonicalBytes
        do throws(SealingError) {
            return try Envelope.sign(payloadType: payloadType, payload: payload, by: key).canonical()
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
    }

    /// Adds a signature to an envelope of the same policy.
    ///
    /// - Throws: as `sign`; `payload` when the envelope holds another policy; `duplicate-signer`.
    public static func add(
        by key: borrowing SigningKey, to bytes: [UInt8], of policy: SovereignPolicy? = nil,
        previous: SovereignPolicy? = nil
    ) throws(PolicyError) -> [UInt8] {
        var (envelope, signed) = try open(bytes)
        if let policy, policy != signed {
            throw PolicyError(
                "payload", "the envelope holds another policy than the file",
                remedy: "sign the same file, or start a new envelope")
        }
        try requireSound(signed)
        try requireMember(key.publicKey, of: signed, previous)
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

    /// What an envelope holds and which keys of its own policy signed it well: to show it, never to follow it.
    public static func inspect(_ bytes: [UInt8]) throws(PolicyError) -> Accepted {
        let (envelope, policy) = try open(bytes)
        let signers = envelope.verified(by: policy.authority.distinctKeys)
        return Accepted(
            policy: policy, digest: Digest.sha256(envelope.payload), signers: signers.sorted { $0.keyID < $1.keyID },
            isSound: false)
    }

    /// The policy of an envelope that may rule after `previous`; nil for a room's first policy.
    public static func verify(
        _ bytes: [UInt8], previous: SovereignPolicy?, now: WallTime
    ) throws(PolicyError) -> SovereignPolicy {
        try examine(bytes, previous: previous, now: now).policy
    }

    /// Checks, in this order: form, signatures, quorum (of the new policy, and of the old one too, which is what makes a
    /// change of keys safe), chain, validity. In place of a quorum, as many keys as the ruling policy's `emergencyStop` asks
    /// for are enough for a policy that only tightens it. The first policy is its own quorum's word: who it may be is for the
    /// caller (the room's creator, or a verifier's trust file) to say.
    ///
    /// - Throws: `PolicyError` with a code of its list; exit 4.
    public static func examine(
        _ bytes: [UInt8], previous: SovereignPolicy?, now: WallTime
    ) throws(PolicyError) -> Accepted {
        let (envelope, policy) = try open(bytes)
        if let problem = policy.problems.first { throw problem.error }
        try requireInvariants(policy)
        let signers = try envelope.distinctSigners(
            of: policy.authority.distinctKeys.union(previous?.authority.distinctKeys ?? []),
            unknown: ("is in neither the old nor the new policy", "remove its signature"),
            unverified: "sign the policy again")
        if let lack = lack(of: signers, for: policy, after: previous) { throw lack }
        try checkChain(policy, previous)
        guard now >= policy.metadata.notBefore else {
            throw PolicyError(
                "not-yet-valid", "the policy holds from \(policy.metadata.notBefore)", remedy: "accept it then")
        }
        guard now < policy.metadata.expires else {
            throw PolicyError(
                "expired", "the policy held until \(policy.metadata.expires)", remedy: "have a newer policy signed")
        }
        return Accepted(
            policy: policy, digest: Digest.sha256(envelope.payload), signers: signers.sorted { $0.keyID < $1.keyID },
            isSound: true)
    }

    private static func open(_ bytes: [UInt8]) throws(PolicyError) -> (envelope: Envelope, policy: SovereignPolicy) {
        let envelope: Envelope
        do throws(SealingError) {
            envelope = try Envelope(canonical: bytes)
        } catch {
            throw PolicyError("envelope", error.message, remedy: error.remedy, cause: error)
        }
        guard envelope.payloadType == payloadType else {
            throw PolicyError(
                "payload-type", "the envelope does not hold a policy", remedy: "give an envelope of atomic policy sign")
        }
        do throws(BaseError) {
            // Only the canonical form, so that one policy has one digest.
            return (envelope, try CanonicalJSON.decode(SovereignPolicy.self, from: envelope.payload))
        } catch {
            throw PolicyError("payload", error.message, remedy: error.remedy, cause: error)
        }
    }

    private static func checkChain(_ policy: SovereignPolicy, _ previous: SovereignPolicy?) throws(PolicyError) {
        guard let previous else {
            guard policy.sequence == 1, policy.metadata.previous == nil else {
                throw PolicyError(
                    "first", "the first policy of a room has sequence \(policy.sequence)",
                    remedy: "begin with sequence 1 and without previous")
            }
            return
        }
        let digest = try previous.digest
        if policy.sequence == previous.sequence, try policy.digest != digest {
            throw PolicyError(
                "fork", "another policy with sequence \(policy.sequence) rules already",
                remedy: "base the new policy on the one that rules")
        }
        guard policy.sequence > previous.sequence else {
            throw PolicyError(
                "rollback", "policy \(previous.sequence) rules already, this is \(policy.sequence)",
                remedy: "sign it anew with sequence \(previous.sequence + 1)")
        }
        guard policy.sequence == previous.sequence + 1 else {
            throw PolicyError(
                "gap", "policy \(previous.sequence) rules, this is \(policy.sequence)",
                remedy: "accept the policies in between first")
        }
        guard policy.metadata.previous == digest else {
            throw PolicyError(
                "fork", "the policy names another predecessor than the one that rules",
                remedy: "set previous to \(digest) and have it signed again")
        }
    }

    /// Why these signers may not put a policy in force after `previous`, or nil when they may: the quorum of both, or as many
    /// as may stop for a policy that only tightens. For the first policy its own quorum.
    public static func lack(
        of signers: Set<PublicKey>, for policy: SovereignPolicy, after previous: SovereignPolicy?
    ) -> PolicyError? {
        var lack = policy.authority.lack(of: signers, whose: "policy \(policy.sequence)")
        guard let previous else { return lack }
        lack = lack ?? previous.authority.lack(of: signers, whose: "policy \(previous.sequence)")
        return lack.flatMap { previous.lackForTightening(to: policy, by: signers, $0) }
    }

    private static func requireSound(_ policy: SovereignPolicy) throws(PolicyError) {
        if let problem = (policy.problems + policy.chainProblems).first { throw problem.error }
        if let failure = policy.failedTests.first {
            throw PolicyError("test", failure.message, remedy: "correct the rules or the test")
        }
        try requireInvariants(policy)
    }

    private static func requireInvariants(_ policy: SovereignPolicy) throws(PolicyError) {
        if let broken = policy.brokenInvariants.first {
            throw PolicyError("invariant", broken.message, remedy: "correct the rules, or let the quorum give it up")
        }
    }

    private static func requireMember(
        _ key: PublicKey, of policy: SovereignPolicy, _ previous: SovereignPolicy?
    ) throws(PolicyError) {
        let known = policy.authority.distinctKeys.union(previous?.authority.distinctKeys ?? [])
        guard known.contains(key) else {
            throw PolicyError(
                "signer-not-in-policy", "key \(key.keyID.prefix(12)) is not in authority.keys",
                remedy: "sign with a key that the policy names", exit: .usage)
        }
    }
}
