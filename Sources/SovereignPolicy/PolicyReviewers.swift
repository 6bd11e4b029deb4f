// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Who may review an answer.
extension SovereignPolicy {
    /// A reviewer, for an answer that somebody asked for; nil for whoever may not review it.
    /// - Parameters:
    ///   - requester: the name of the one who asked, at the time of asking.
    ///   - recipient: to whom the answer is sealed.
    public func reviewer(_ name: String, of requester: String, _ recipient: String) -> PolicyRequester? {
        guard let reviewer = requesters[name], reviewer.roles.contains("reviewer"), name != requester,
            reviewer.recipient != recipient, !isSamePerson(name, requester)
        else { return nil }
        return reviewer
    }

    /// All of them, by name.
    public func reviewers(of requester: String, _ recipient: String) -> [String: PolicyRequester] {
        requesters.filter { reviewer($0.key, of: requester, recipient) != nil }
    }

    /// Whether two names are one person: the same name, user id, key or recipient.
    public func isSamePerson(_ one: String, _ other: String) -> Bool {
        guard one != other, let one = requesters[one], let other = requesters[other] else { return one == other }
        return (one.uid != nil && one.uid == other.uid) || (one.key != nil && one.key == other.key)
            || one.recipient == other.recipient
    }
}
