// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of the daemon and of whoever talks to it.
public enum DaemonDomain: FailureDomain {
    public static let name = "daemon"
    public static let exit = ExitStatus.failed
}

public typealias DaemonError = Failure<DaemonDomain>

extension DaemonError.Code {
    /// The daemon has as many jobs as it takes.
    public static var busy: Self { "busy" }
    /// The daemon is shutting down.
    public static var stopping: Self { "stopping" }
    /// The user at the other end of the socket may not use it.
    public static var peer: Self { "peer" }
    /// The socket cannot be made or reached.
    public static var socket: Self { "socket" }
    /// A line is not a request.
    public static var request: Self { "request" }
    /// A line has more bytes than the protocol allows.
    public static var lineTooLong: Self { "line-too-long" }
    /// A request did not arrive whole in time.
    public static var slow: Self { "slow" }
    /// The daemon went away before it answered.
    public static var lost: Self { "daemon-lost" }
    /// There is no such job at work.
    public static var notRunning: Self { "not-running" }
    /// The job was told to stop before it had ended.
    public static var stopped: Self { "stopped" }
}

extension DaemonError {
    /// The queue of jobs is full.
    static func queueIsFull(_ capacity: Int) -> DaemonError {
        DaemonError(
            .busy, "the daemon is busy: \(capacity) jobs wait already", remedy: "try again when some have ended",
            exit: .tryAgain)
    }

    /// No new work is taken.
    static var isStopping: DaemonError {
        DaemonError(
            .stopping, "the daemon is shutting down", remedy: "try again; the same atomic run resumes its job",
            exit: .tryAgain)
    }
}
