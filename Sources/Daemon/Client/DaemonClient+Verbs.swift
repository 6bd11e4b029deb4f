// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
public import CleanRoom

/// The verbs of a client that do more than ask.
extension DaemonClient {
    /// Runs a job, or joins it when it is at work.
    public func run(
        _ order: JobOrder, progress: (JobProgress) -> Void, note: (String) -> Void
    ) throws -> JobReport {
        let result = try ask(.run(order), for: JobResult.self, progress: progress, note: note)
        guard let report = result.report else { throw DaemonRequest.refused("the answer has no report") }
        return report
    }

    /// Appends entries of other programs, in as many requests as they need.
    ///
    /// - Returns: their indexes. They follow one another unless somebody else appended between two requests.
    public func append(_ events: [OutsideEvent]) throws -> [UInt64] {
        var indexes: [UInt64] = []
        var rest = events[...]
        while !rest.isEmpty {
            // A line of a client holds a mebibyte, an event at most a few kibibytes.
            let part = Array(rest.prefix(Self.eventsAtOnce))
            rest = rest.dropFirst(part.count)
            let range = try ask(.append(part), for: AppendedRange.self)
            indexes += (0..<range.count).map { range.first + $0 }
        }
        return indexes
    }

    private static let eventsAtOnce = 100
}
