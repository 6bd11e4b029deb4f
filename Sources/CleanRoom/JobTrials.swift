// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// How often newcomers were tried in one job: their outcomes are verified later, or never.
final class JobTrials: Sendable {
    private let counts = Shared<[[String]: Int64]>([:])

    /// Those whom a thread may try once more on a type, each counted as tried from now on.
    ///
    /// - Parameters:
    ///   - verified: how many outcomes of a model are known.
    ///   - limit: verified ones and those of this job together.
    func take(_ models: [String], type: String, limit: Int64, verified: (String) -> Int64) -> Set<String> {
        counts.locked { counts in
            let due = models.filter { verified($0) + counts[[$0, type], default: 0] < limit }
            for model in due { counts[[model, type], default: 0] += 1 }
            return Set(due)
        }
    }

    /// They did not have their turn after all.
    func giveBack(_ models: Set<String>, type: String) {
        counts.locked { counts in
            for model in models { counts[[model, type], default: 0] -= 1 }
        }
    }
}
