// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Auction

/// How much of an adaptive model's experience still counts when it is shown more examples than it was shown then.
///
/// The same program with a hundred examples is another answerer than with none. So its outcomes count half for each
/// doubling of the memory since, and at least an eighth: who was wrong all the time stays known for it.
enum Fading {
    /// - Parameters:
    ///   - shown: labelled messages that there were when the answers were given.
    ///   - now: labelled messages that there are.
    static func counts(right: Int64, wrong: Int64, shown: Int64, now: Int64) -> (right: Int64, wrong: Int64) {
        let doublings = ExampleGrowth.doublings(from: shown, to: now)
        let total = right + wrong
        guard doublings > 0, total > 0 else { return (right, wrong) }
        let kept = max(1, total >> doublings)
        // To the nearest, so that few outcomes fade without a bias to either side.
        let keptRight = (2 * right * kept + total) / (2 * total)
        return (keptRight, kept - keptRight)
    }
}
