// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Counts how a job's microtasks ended and derives the job's state and exit code.
public struct JobTally: Equatable, Sendable {
    public private(set) var released = 0
    public private(set) var failed = 0
    public private(set) var denied = 0
    private var reasons: Set<ExitStatus> = []

    public init() {}

    public mutating func count(_ outcome: MicrotaskOutcome) {
        switch outcome {
        case .released: released += 1
        case .denied:
            denied += 1
            reasons.insert(.denied)
        case .failed(let code):
            failed += 1
            reasons.insert(Self.exit(for: code))
        }
    }

    /// `released` when everything was, else the reason that comes first in ``exit``.
    public var state: String {
        if reasons.isEmpty { return "released" }
        return failed == 0 ? "denied" : "failed"
    }

    /// The first that applies of 8, 5, 3, 7, 6, 1; 0 when every answer was released.
    public var exit: ExitStatus {
        [.halted, .jail, .denied, .budget, .model, .failed].first { reasons.contains($0) } ?? .done
    }

    private static func exit(for code: String) -> ExitStatus {
        switch code {
        case "jail": .jail
        case "over-budget", "wall-budget", "day-budget": .budget
        case "input", "label", "below-reserve", "too-few-bids": .failed
        default: .model
        }
    }
}
