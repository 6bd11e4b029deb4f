// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// The outcome of an input: every microtask ended in a way that its entries allow, and what left follows from that.
extension InputPathStateMachine {
    mutating func release(_ event: Event.OutputReleased) throws(Illegal) {
        try requireOpen()
        let states = try judge(event.microtasks)
        try requireContributors(event.microtasks, states, event.decisions)
        try requireApproved(event)
        let asked = zip(graph.microtasks, states).contains { $0.review?.always == true && $1 == .answered }
        let review = asked || states.contains { [.unsure, .failed, .denied].contains($0) }
        guard event.review == review else {
            throw Illegal(
                "an answer left \(review ? "as fit for use that needs a review" : "for a review that nothing asks for")"
            )
        }
        guard (event.sidecar == nil) == (event.learn == nil) else {
            throw Illegal("a sidecar without the permission to learn, or the permission without one")
        }
        results = event.microtasks
        outcome = .released(response: event.ciphertext, review: review)
    }

    /// The answer is there, and the policy was asked about each model whose answer is in it.
    func requireContributors(
        _ results: [Event.MicrotaskResult], _ states: [MicrotaskState], _ decisions: [RecordedDecision]
    ) throws(Illegal) {
        let contributors = zip(results, states).compactMap { $1.hasAnswer ? $0.model : nil }
        guard !contributors.isEmpty else { throw Illegal("an answer left although no microtask was answered") }
        guard decisions.count == Set(contributors).count,
            Set(decisions.compactMap(\.request.model)) == Set(contributors)
        else { throw Illegal("the release was not decided once for each model whose answer is in it") }
    }

    mutating func withhold(_ event: Event.OutputWithheld) throws(Illegal) {
        try requireOpen()
        if let airlock { return try withhold(event, from: airlock) }
        let states = try judge(event.microtasks)
        guard !states.contains(where: \.hasAnswer) else {
            throw Illegal("an answer was withheld although a microtask was answered")
        }
        guard let first = states.firstIndex(where: { $0 == .failed || $0 == .denied }),
            event.code == event.microtasks[first].code, event.decision == event.microtasks[first].decision
        else { throw Illegal("an answer was withheld for another reason than that of the first microtask without one") }
        results = event.microtasks
        outcome = .withheld(code: event.code, denied: event.decision != nil)
    }

    /// The record of the auction by which a model answered a microtask of the outcome.
    func record(of id: String, by model: String) -> Digest? {
        guard let place = graph.microtasks.firstIndex(where: { $0.id == id }), results.indices.contains(place),
            MicrotaskState(rawValue: results[place].state)?.hasAnswer == true
        else { return nil }
        let path = microtasks[place]
        return path.valid?.model == model ? path.valid?.record : path.unsure[model] ?? path.tried[model]
    }

    func judge(_ results: [Event.MicrotaskResult]) throws(Illegal) -> [MicrotaskState] {
        guard results.map(\.id) == graph.microtasks.map(\.id) else {
            throw Illegal("the outcome lists other microtasks than the graph")
        }
        var states: [MicrotaskState] = []
        for (place, result) in results.enumerated() {
            guard let state = MicrotaskState(rawValue: result.state) else { throw Illegal("no state \(result.state)") }
            do throws(Illegal) {
                try judge(result, state, place, results)
            } catch {
                throw Illegal("\(result.id) is listed as \(state.rawValue): \(error.reason)")
            }
            states.append(state)
        }
        return states
    }

    private func judge(
        _ result: Event.MicrotaskResult, _ state: MicrotaskState, _ place: Int, _ results: [Event.MicrotaskResult]
    ) throws(Illegal) {
        func require(_ holds: Bool, _ reason: String) throws(Illegal) {
            guard holds else { throw Illegal(reason) }
        }
        let path = microtasks[place]
        let microtask = graph.microtasks[place]
        try require(!path.owesSettlement, "its last call was not settled")
        try require((result.decision != nil) == (state == .denied), "a decision goes with a denial, and only with one")
        try require(
            (result.model != nil) == (state.hasAnswer || result.code == Self.releaseDenied),
            "a model goes with an answer, and only with one")
        let lack = microtask.needs.contains { need in
            results.contains { $0.id == need && Self.isLacking($0) }
        }
        try require(
            lack == (result.code == Self.needsFailed), "whether what it needs has failed is not what its code says")
        switch state {
        case .answered:
            try require(
                path.valid?.model == result.model && result.code == nil, "no valid answer of that model is there")
        case .unsure:
            try require(
                path.valid == nil && result.model.map { path.unsure[$0] != nil } == true
                    && result.code == Verdict.lowConfidence, "no unsure answer of that model is there, or a sure one is"
            )
        case .skipped:
            try require(microtask.when != nil && result.code == nil, "it has no condition, or a reason")
            try require(!path.isBegun, "there was an auction for it")
        case .failed:
            // An answer that makes the whole too large for its class, or tell too much, is left out when everything is there.
            try require(
                path.hasAnswer == (result.code.map { Self.leavesOut.contains($0) } ?? false),
                "it has an answer, or none to leave out")
            try require(
                result.code.map { $0 != Verdict.lowConfidence && $0 != Self.releaseDenied } == true, "for no reason")
            try require(!lack || !path.isBegun, "there was an auction for it")
            if let code = result.code, code.hasPrefix("parse-") {
                var isParser = graph.needsParser(microtask) && parse != .done
                if case .rejected(let reason) = parse { isParser = isParser && code == "parse-" + reason }
                try require(isParser, "the parser did not fail like that, or it does not need one")
            }
        case .denied:
            try judgeDenial(result, path, microtask)
        }
    }

    /// The code and the denied action belong together, and a denied release is one of an answer.
    private func judgeDenial(
        _ result: Event.MicrotaskResult, _ path: MicrotaskPathStateMachine, _ microtask: Record.TaskGraph.Microtask
    ) throws(Illegal) {
        guard let request = result.decision?.request, let code = result.code, code != Self.needsFailed else {
            throw Illegal("for no reason")
        }
        let isFitting: Bool
        switch code {
        case Self.releaseDenied:
            let model = result.model ?? ""
            isFitting =
                request.action == "release" && request.model == result.model
                && (path.valid.map { $0.model == model } ?? (path.unsure[model] != nil))
        case "parser-denied":
            isFitting =
                ["run", "key-release"].contains(request.action) && graph.needsParser(microtask) && parse != .done
                && !path.hasAnswer
        case "run-denied", "key-release-denied":
            isFitting = code == request.action + "-denied" && path.isBegun && !path.hasAnswer
        default:
            isFitting = request.action == "bid" && path.winner == nil && !path.hasAnswer
        }
        guard isFitting else { throw Illegal("the policy denied something else") }
    }

    private static let needsFailed = "needs-failed"
    private static let releaseDenied = "release-denied"
    /// Why a valid answer is left out when everything is there: the whole is too large, or discloses what it must not.
    private static let leavesOut: Set<String> = ["oversize", "canary", "small-cell", "verbatim", "schema-unlisted"]

    /// Whether nothing can build on a result. What is left out of an answer is left out after all microtasks have run.
    private static func isLacking(_ result: Event.MicrotaskResult) -> Bool {
        switch result.state {
        case MicrotaskState.failed.rawValue: result.code.map { !leavesOut.contains($0) } ?? true
        case MicrotaskState.denied.rawValue: result.code != releaseDenied
        default: false
        }
    }
}
