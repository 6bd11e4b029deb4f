// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// The airlock on the way of an input: an answer waits once, each reviewer decides once, and what was rejected or has too few
/// approvals does not leave.
extension InputPathStateMachine {
    mutating func queue(_ event: Event.AirlockQueued) throws(Illegal) {
        try requireOpen()
        guard airlock == nil else { throw Illegal("an answer was put into the airlock twice") }
        let states = try judge(event.microtasks)
        try requireContributors(event.microtasks, states, event.decisions)
        guard ["pass", "fail"].contains(event.canaries), event.approvals >= 1, event.bytes >= 1 else {
            throw Illegal("an answer waits for nobody, or was not checked")
        }
        airlock = Airlock(event: event)
    }

    mutating func decide(_ event: Event.AirlockDecided) throws(Illegal) {
        try requireOpen()
        guard var airlock, airlock.event.held == event.held else {
            throw Illegal("a decision about an answer that does not wait")
        }
        guard !airlock.isRejected else { throw Illegal("a decision about an answer that was rejected") }
        guard airlock.reviewers.insert(event.reviewer).inserted else {
            throw Illegal("\(event.reviewer) decided twice about one answer")
        }
        guard AirlockStatement.isReason(event.reason) else { throw Illegal("a decision without a reason") }
        switch event.verdict {
        case "approve": airlock.approvals += 1
        case "reject": airlock.isRejected = true
        default: throw Illegal("no verdict \(event.verdict)")
        }
        self.airlock = airlock
    }

    /// What left is what was approved.
    func requireApproved(_ event: Event.OutputReleased) throws(Illegal) {
        guard let airlock else { return }
        guard !airlock.isRejected else { throw Illegal("an answer left that a reviewer rejected") }
        guard airlock.approvals >= airlock.event.approvals else {
            throw Illegal("an answer left with \(airlock.approvals) of \(airlock.event.approvals) approvals")
        }
        guard event.microtasks == airlock.event.microtasks, event.sidecar == nil else {
            throw Illegal("another answer left than was reviewed, or the room learns from it")
        }
    }

    /// After a review an answer stays whole or leaves whole.
    mutating func withhold(_ event: Event.OutputWithheld, from airlock: Airlock) throws(Illegal) {
        guard event.microtasks == airlock.event.microtasks else {
            throw Illegal("another answer was withheld than was reviewed")
        }
        let isEnough = airlock.approvals >= airlock.event.approvals
        let isFitting =
            switch event.code {
            case Event.OutputWithheld.rejected: airlock.isRejected && event.decision == nil
            case Event.OutputWithheld.outdated: !airlock.isRejected && isEnough && event.decision == nil
            case "release-denied": !airlock.isRejected && isEnough && event.decision?.request.action == "release"
            default: false
            }
        guard isFitting else { throw Illegal("an answer was withheld for another reason than its review gave") }
        results = event.microtasks
        outcome = .withheld(code: event.code, denied: event.isDenied)
    }
}
