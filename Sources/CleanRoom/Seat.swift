// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Executors
internal import Jail

/// A process of a model and the name under which the log knows its jail.
///
/// One thread at a time has it: the one to which the scheduler granted its executor, or that holds its bidder.
final class Seat: @unchecked Sendable {
    let session: ExecutorSession
    let jail: String
    /// Inputs whose delivery to this jail is in the log.
    private var delivered: Set<Digest> = []
    /// Called with the jail's name when the process has ended.
    private let ended: (String) -> Void

    /// Sequence of the policy under which it was started.
    let sequence: Int64

    init(_ session: ExecutorSession, under sequence: Int64, ended: @escaping (String) -> Void) {
        self.session = session
        self.sequence = sequence
        self.ended = ended
        jail = "jail-" + Hex.encode(RandomBytes.make(8))
    }

    /// Whether the log has no delivery of the input to this jail.
    func isNew(_ input: Digest) -> Bool { !delivered.contains(input) }

    /// The log has it.
    func deliver(_ input: Digest) { delivered.insert(input) }

    /// The entry that must be durable before the process starts.
    func started() throws -> Event.JailStarted {
        Event.JailStarted(
            jail: jail, model: session.model.name, digest: session.model.digest,
            measurement: try session.measurement.digest(), role: session.role.rawValue)
    }

    /// Ends the process and tells how.
    func end() -> (event: Event.JailEnded, report: JailReport?) {
        let report = try? session.end()
        ended(jail)
        return (Event.JailEnded(jail: jail, report: report), report)
    }
}

extension Event.JailEnded {
    /// From a jail's report, its meters rounded up to a millisecond and to 4 KiB; without one nothing ran.
    init(jail: String, report: JailReport?) {
        func time(_ nanoseconds: UInt64) -> String { String((nanoseconds + 999_999) / 1_000_000 * 1_000_000) }
        func size(_ bytes: UInt64) -> Int64 { Int64(clamping: (bytes + 4_095) / 4_096 * 4_096) }
        guard let report else {
            self.init(
                jail: jail, cause: "not-started", limits: "unknown", cpuNs: "0", wallNs: "0", peakBytes: 0,
                bytesIn: 0, bytesOut: 0)
            return
        }
        self.init(
            jail: jail, cause: report.cause.rawValue, exit: report.exit.map(Int64.init),
            signal: report.signal.map(Int64.init), limits: report.limits.rawValue,
            cpuNs: time(report.accounting.cpuNs), wallNs: time(report.accounting.wallNs),
            peakBytes: size(report.accounting.peakBytes), bytesIn: size(report.accounting.bytesIn),
            bytesOut: size(report.accounting.bytesOut))
    }
}
