// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Jail

/// CPU time that one call may use before it costs more than the job has left.
///
/// Looked at while the supervisor waits for the answer, so a call goes over by one interval at most.
public struct CPUAllowance {
    /// How often it is looked at, in nanoseconds.
    public static let interval: Int64 = 20_000_000

    private let jail: any JailedProgram
    private let end: UInt64

    /// Nil when nothing limits the call.
    /// - Parameter used: what the process had used before the call, in nanoseconds; none of one that is there for it.
    init?(_ limitNs: UInt64?, in jail: any JailedProgram, after used: UInt64) {
        guard let limitNs else { return nil }
        self.jail = jail
        let (end, overflow) = used.addingReportingOverflow(limitNs)
        self.end = overflow ? .max : end
    }

    var isSpent: Bool { (jail.cpuNs() ?? 0) > end }
}
