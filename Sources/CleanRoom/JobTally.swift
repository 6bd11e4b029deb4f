// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle

/// Counts how a job's inputs ended and derives the job's state and exit code.
public struct JobTally: Equatable, Sendable {
    /// Inputs whose answer left.
    public private(set) var released = 0
    /// How many of those a person should look at.
    public private(set) var review = 0
    public private(set) var failed = 0
    public private(set) var denied = 0
    /// Inputs whose answer waits for reviewers.
    public private(set) var inReview = 0
    private var reasons: Set<ExitStatus> = []

    public init() {}

    /// - Parameter items: the microtasks of the input.
    public mutating func count(_ message: JobMessage, _ items: [JobItem]) {
        switch InputState(rawValue: message.state) {
        case .released: released += 1
        case .needsReview:
            released += 1
            review += 1
        case .denied:
            denied += 1
            reasons.insert(.denied)
        case .failed, nil:
            failed += 1
            if message.code == Event.OutputWithheld.outdated { reasons.insert(.failed) }
        case .inReview: inReview += 1
        }
        for item in items {
            switch MicrotaskState(rawValue: item.state) {
            // An answer that is not sure enough is one for a person, not a failure.
            case .answered, .unsure, .skipped: break
            case .denied: reasons.insert(.denied)
            case .failed, nil:
                // What a failed need took along has its reason there.
                if item.code != "needs-failed" { reasons.insert(Self.exit(for: item.code ?? "")) }
            }
        }
    }

    /// `released` when an answer to every input left, `denied` when all the others were denied, else `failed`.
    public var state: String {
        if inReview > 0 { return InputState.inReview.rawValue }
        if failed + denied == 0 { return "released" }
        return failed == 0 ? "denied" : "failed"
    }

    /// The first that applies of 8, 5, 3, 7, 6, 1; else 75 while an answer waits for reviewers; 0 when every microtask has an answer or was skipped.
    public var exit: ExitStatus {
        [.halted, .jail, .denied, .budget, .model, .failed].first { reasons.contains($0) }
            ?? (inReview > 0 ? .tryAgain : .done)
    }

    private static func exit(for code: String) -> ExitStatus {
        switch code.hasPrefix("parse-") ? String(code.dropFirst(6)) : code {
        case "jail": .jail
        case Compartment.halted: .halted
        case "over-budget", "wall-budget", "day-budget": .budget
        case "input", "label", GraphProgress.End.policyChanged, "below-reserve", "too-few-bids": .failed
        default: .model
        }
    }
}
