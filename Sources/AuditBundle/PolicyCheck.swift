// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// The policies: from the room's first one on an unbroken chain, each signed by a quorum of trusted keys, or, where it only
/// tightens the one before, by as many of them as that one says.
enum PolicyCheck {
    /// Fills `story.policies`.
    /// - Throws: `policy`.
    static func verify(_ story: inout Story) throws(BundleError) -> Examination.Finding {
        let accepted = story.log.entries.compactMap { read in
            if case .policyAccepted(let event) = read.event { (read.entry, event) } else { nil }
        }
        var used = Set(story.log.entries.map(\.entry.policy).filter { $0 > 0 })
        used.formUnion(accepted.map(\.1.sequence))
        guard story.bundle.predicate.policySequences == used.sorted() else {
            throw .failed(.policy, "the manifest does not list the policies that the entries name")
        }
        let files = story.bundle.files(in: "policy/")
        guard Int64(files.count) == used.max() ?? 0 else {
            throw .failed(.policy, "there are \(files.count) policies where \(used.max() ?? 0) lead to the newest one")
        }
        var previous: SovereignPolicy?
        var tightened = 0
        for (position, file) in files.enumerated() {
            let sequence = Int64(position + 1)
            guard file.name == name(of: sequence) else {
                throw .failed(.policy, "policy/\(file.name) stands where policy \(sequence) belongs")
            }
            let event = accepted.first { $0.1.sequence == sequence }
            let (policy, isByQuorum) = try read(file.content, after: previous, at: event?.0.wall, story)
            if !isByQuorum { tightened += 1 }
            guard policy.policy.sequence == sequence else {
                throw .failed(.policy, "policy/\(file.name) is policy \(policy.policy.sequence)")
            }
            if let (entry, event) = event { try compare(event, entry, policy, file.content) }
            story.policies[sequence] = policy
            previous = policy.policy
        }
        try checkCourse(story)
        let halts = try StopCheck.signatures(story)
        let restores = try RestoreCheck.signatures(story)
        let signers = Set(story.policies.values.flatMap(\.signers))
        return .init(
            says:
                "\(files.count == 1 ? "the policy is" : "\(files.count) policies are a chain") signed by a trusted quorum"
                + (tightened == 0 ? "" : ", but for \(tightened) that only tighten, by trusted keys that may")
                + (halts == 0 ? "" : "; \(halts) halts by trusted keys that may")
                + (restores == 0 ? "" : "; restored from a copy \(restores) times, by a trusted quorum"),
            signedBy: story.trust.policyKeys.filter { signers.contains($0.key) }
                .map { "\($0.role) \($0.key.keyID.prefix(16))" }.sorted())
    }

    static func name(of sequence: Int64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".json"
    }

    /// - Parameter time: when the room accepted it; without its entry in the range, the start of its validity.
    private static func read(
        _ bytes: [UInt8], after previous: SovereignPolicy?, at time: WallTime?, _ story: Story
    ) throws(BundleError) -> (policy: Story.Policy, isByQuorum: Bool) {
        do throws(PolicyError) {
            let now: WallTime
            if let time { now = time } else { now = try PolicyEnvelope.inspect(bytes).policy.metadata.notBefore }
            let accepted = try PolicyEnvelope.examine(bytes, previous: previous, now: now)
            let policy = accepted.policy
            // A key counts in the role in which the reader trusts it, whatever the policy says of itself.
            let trusted = Set(
                accepted.signers.filter { signer in
                    policy.authority.keys.contains { member in
                        member.key == signer
                            && story.trust.policyKeys.contains { $0.key == member.key && $0.role == member.role }
                    }
                })
            let lack = policy.authority.lack(of: trusted, whose: "the trusted keys of policy \(policy.sequence)")
            // Fewer may be enough for a policy that only tightens; then the keys that may are those that are trusted.
            if lack != nil, let why = PolicyEnvelope.lack(of: trusted, for: policy, after: previous) {
                throw PolicyError(why.code, "of the keys that are trusted, \(why.message)", remedy: why.remedy)
            }
            return (
                Story.Policy(
                    policy: policy, evaluator: PolicyEvaluator(accepted), digest: accepted.digest,
                    signers: accepted.signers), lack == nil
            )
        } catch {
            throw .failed(.policy, error.message, cause: error)
        }
    }

    private static func compare(
        _ event: Event.PolicyAccepted, _ entry: LogEntry, _ policy: Story.Policy, _ bytes: [UInt8]
    ) throws(BundleError) {
        guard event.digest == policy.digest, event.envelope == Digest.sha256(bytes),
            event.signers == policy.signers.map(\.keyID).sorted()
        else {
            throw .failed(.policy, "entry \(entry.seq) accepted another policy \(event.sequence), or by other signers")
        }
    }

    /// The policy in force only ever moves to the next one, and only by an entry that says so.
    private static func checkCourse(_ story: Story) throws(BundleError) {
        var current: Int64?
        for read in story.log.entries {
            if case .policyAccepted(let event) = read.event {
                if let current, event.sequence != current + 1 {
                    throw .failed(.policy, "entry \(read.seq) accepts policy \(event.sequence) after \(current)")
                }
                current = event.sequence
            } else if let current {
                guard read.entry.policy == current else {
                    throw .failed(.policy, "entry \(read.seq) names policy \(read.entry.policy) while \(current) rules")
                }
            } else if read.entry.policy > 0 || read.seq == 0 {
                current = read.entry.policy
            }
        }
    }
}
