// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One client's side of the protocol, without I/O: bytes and time go in, what to do comes out.
///
/// A client has one request in hand at a time. While it has, nothing more is read from it, so that a client that sends
/// faster than it is served waits in its own socket buffer. A client that begins a line and does not end it, or
/// connects and says nothing, is told so and let go; one that has been served may stay and be silent.
struct ConnectionStateMachine: Sendable {
    enum Action: Equatable {
        /// Serve this request; then call ``finished(at:)``.
        case serve(DaemonRequest)
        /// Send this error, then close.
        case refuse(DaemonError)
        /// Send what is left, then close.
        case close
    }

    private enum State: Equatable {
        /// A line is awaited until the deadline; nil: as long as it takes.
        case listening(deadline: UInt64?)
        case serving
        /// Nothing is read any more.
        case closing
    }

    /// How long a line may take, in nanoseconds.
    let patienceNs: UInt64
    private var state: State
    private var lines = LineStateMachine(limit: DaemonRequest.maximumBytes)
    private var isAtEnd = false

    /// A client that connected at a monotonic time in nanoseconds.
    init(at now: UInt64, patienceNs: UInt64 = 10_000_000_000) {
        self.patienceNs = patienceNs
        state = .listening(deadline: now + patienceNs)
    }

    /// Whether the socket should be read.
    var wantsBytes: Bool {
        if case .listening = state { return !isAtEnd }
        return false
    }

    /// When ``tick(at:)`` is due at the latest.
    var deadline: UInt64? {
        if case .listening(let deadline) = state { return deadline }
        return nil
    }

    mutating func received(_ bytes: some Collection<UInt8>, at now: UInt64) -> Action? {
        guard wantsBytes else { return nil }
        lines.append(bytes)
        return proceed(at: now)
    }

    /// The client sends nothing more; it may still read.
    mutating func ended(at now: UInt64) -> Action? {
        isAtEnd = true
        guard case .listening = state else { return nil }
        return proceed(at: now)
    }

    /// The last line of the answer has been handed over.
    mutating func finished(at now: UInt64) -> Action? {
        guard state == .serving else { return nil }
        state = .listening(deadline: nil)
        return proceed(at: now)
    }

    mutating func tick(at now: UInt64) -> Action? {
        guard let deadline, now >= deadline else { return nil }
        return refuse(
            DaemonError(
                .slow, "no whole request arrived within \(patienceNs / 1_000_000_000) s",
                remedy: "send a request as one line, at once", exit: .usage))
    }

    private mutating func proceed(at now: UInt64) -> Action? {
        switch lines.next() {
        case .line(let line):
            do throws(DaemonError) {
                let request = try DaemonRequest(line: line)
                state = .serving
                return .serve(request)
            } catch {
                return refuse(error)
            }
        case .tooLong:
            return refuse(
                DaemonError(
                    .lineTooLong, "a line has more than \(DaemonRequest.maximumBytes) bytes",
                    remedy: "ask for less at once", exit: .usage))
        case .wait:
            if isAtEnd {
                state = .closing
                return .close
            }
            if case .listening(deadline: nil) = state, lines.isInLine {
                state = .listening(deadline: now + patienceNs)
            }
            return nil
        }
    }

    private mutating func refuse(_ error: DaemonError) -> Action {
        state = .closing
        return .refuse(error)
    }
}
