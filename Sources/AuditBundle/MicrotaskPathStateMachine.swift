// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The way of one microtask within one attempt on its input, as its entries may tell it.
///
/// ```
/// auctioned -> validated -> settled -> outcome of the input
///     ^                        |
///     +------- takeover -------+   (rejected, unsure, or no answer at all)
/// ```
/// Beside a valid answer newcomers may be tried, by auctions of their own; the answer stays what it is.
/// What it cost stays when a supervisor dies; everything else begins anew with the next attempt.
struct MicrotaskPathStateMachine {
    private struct Award {
        let record: Digest
        let winner: String?
        var verdict: Verdict?
        var code: String?
        var isSettled = false
        /// Of newcomers, beside the valid answer that is there.
        let isTrial: Bool
    }

    private(set) var cost: Int64 = 0
    private(set) var latencyNs = "0"
    /// Records by model: a valid answer, and answers that were good but not sure enough.
    private(set) var valid: (model: String, record: Digest)?
    private(set) var unsure: [String: Digest] = [:]
    /// Valid answers of newcomers, that stay.
    private(set) var tried: [String: Digest] = [:]
    private var award: Award?
    private var hadTurn: Set<String> = []
    /// A later microtask was begun on what this one gave.
    private var isClosed = false

    /// Whether there was an auction in this attempt.
    var isBegun: Bool { award != nil }
    /// Whether an answer is there, sure or not.
    var hasAnswer: Bool { valid != nil || !unsure.isEmpty }
    /// Who won the last auction and has not been judged yet.
    var runner: String? { award?.verdict == nil ? award?.winner : nil }
    /// Who won the last auction.
    var winner: String? { award?.winner }
    /// Whether a judged call has no bill yet.
    var owesSettlement: Bool { award?.verdict != nil && award?.isSettled == false }

    /// - Throws: the reason why the event cannot happen now.
    mutating func auction(record: Digest, winner: String?, isTrial: Bool) throws(Illegal) {
        guard !isClosed else { throw Illegal("an auction after a later microtask had begun on its answer") }
        guard isTrial == (valid != nil) else {
            throw Illegal(isTrial ? "a trial without a valid answer" : "an auction after a valid answer")
        }
        guard award == nil || award?.winner != nil else { throw Illegal("an auction after one that nobody could win") }
        guard !owesSettlement else { throw Illegal("an auction before the last one was settled") }
        if let winner {
            guard hadTurn.insert(winner).inserted else {
                throw Illegal("\(winner) won again after it had had its turn")
            }
        }
        award = Award(record: record, winner: winner, isTrial: isTrial)
    }

    mutating func validate(model: String, verdict: Verdict, code: String?) throws(Illegal) {
        guard !isClosed else { throw Illegal("an output was judged after a later microtask had begun on the answer") }
        guard let current = award, current.winner == model else {
            throw Illegal("an output of \(model) was judged, who did not win")
        }
        guard current.verdict == nil else { throw Illegal("an output was judged twice") }
        award?.verdict = verdict
        award?.code = code
        switch verdict {
        case .valid where current.isTrial, .unsure where current.isTrial: tried[model] = current.record
        case .valid: valid = (model, current.record)
        case .unsure: unsure[model] = current.record
        case .rejected: break
        }
    }

    mutating func settle(_ event: Event.AuctionSettled) throws(Illegal) {
        guard let current = award, current.winner == event.model, current.record == event.record else {
            throw Illegal("\(event.model) was paid without having won")
        }
        guard !current.isSettled else { throw Illegal("\(event.model) was paid twice for one award") }
        let expected = current.verdict == .valid ? "valid" : current.code
        guard current.verdict == nil ? event.outcome != "valid" : event.outcome == expected else {
            throw Illegal("\(event.model) was paid for another outcome than its output had")
        }
        let sum = cost.addingReportingOverflow(event.cost)
        guard event.cost >= 0, !sum.overflow else { throw Illegal("the cost cannot be") }
        cost = sum.partialValue
        if !current.isTrial { latencyNs = event.latencyNs }
        award?.isSettled = true
    }

    /// A later microtask builds on the answer: it changes no more.
    mutating func close() { isClosed = true }

    /// A supervisor took the room: what was not in an outcome never happened, except that it was paid for.
    mutating func interrupt() {
        award = nil
        valid = nil
        unsure = [:]
        tried = [:]
        hadTurn = []
        isClosed = false
    }
}

/// Why an event cannot follow what came before it.
struct Illegal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
