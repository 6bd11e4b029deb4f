// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CLinux
internal import Glibc

/// SIGTERM, SIGINT and SIGHUP as bytes of a descriptor (signalfd(2)), so that a loop meets them where it waits anyway.
public struct StopSignals: ~Copyable {
    private let descriptor: OwnedFD

    /// Call this after the launcher has started (a child inherits blocked signals) and before there are threads.
    public init() throws(DaemonError) {
        let signals = [SIGTERM, SIGINT, SIGHUP]
        // SAFETY: the array is valid for its own count.
        let raw = unsafe linux_signal_descriptor(signals, signals.count)
        guard raw >= 0 else { throw .system("signalfd", "SIGTERM") }
        descriptor = OwnedFD(adopting: raw)
    }

    /// Readable when a signal has come.
    public var raw: Int32 { descriptor.raw }

    /// A second descriptor of them, which the caller closes.
    func duplicate() throws(DaemonError) -> Int32 {
        let copy = fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system("fcntl", "signals") }
        return copy
    }

    /// How many signals have come since the last call; does not wait.
    public func take() -> Int { Self.take(from: descriptor.raw) }

    static func take(from descriptor: Int32) -> Int {
        // struct signalfd_siginfo has 128 bytes.
        var buffer = [UInt8](repeating: 0, count: 128)
        var count = 0
        while true {
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe read(descriptor, &buffer, buffer.count)
            if got < 0 && errno == EINTR { continue }
            guard got == buffer.count else { return count }
            count += 1
        }
    }
}
