// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CLinux
internal import Glibc
internal import Synchronization

/// Watches for SIGTERM, SIGINT and SIGHUP while the program works: the first asks it to end when it can, the second
/// ends the process at once.
public final class SignalThread: Sendable {
    private let state = Mutex(false)
    private let readEnd: OwnedFD
    private let writeEnd: OwnedFD

    /// Call this after the launcher has started and before there are other threads.
    public init() throws(DaemonError) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe2 writes the two descriptors that the array has room for.
        guard unsafe linux_pipe2(&ends, O_CLOEXEC) == 0 else { throw .system("pipe2", "signals") }
        readEnd = OwnedFD(adopting: ends[0])
        writeEnd = OwnedFD(adopting: ends[1])
        let signals = try StopSignals()
        // Kept for as long as the process lives.
        let descriptor = try signals.duplicate()
        WorkThread.start { [self] in watch(descriptor) }
    }

    /// Whether the program should end.
    public var isWanted: Bool { state.withLock { $0 } }

    /// Readable, for good, when the program should end.
    public var raw: Int32 { readEnd.raw }

    private func watch(_ descriptor: Int32) {
        var count = 0
        while true {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // SAFETY: one pollfd is passed with a count of one.
            guard unsafe poll(&wanted, 1, -1) == 1 else { continue }
            count += StopSignals.take(from: descriptor)
            guard count > 0 else { continue }
            if count > 1 { _exit(ExitStatus.tryAgain.rawValue) }
            state.withLock { $0 = true }
            var byte: UInt8 = 0
            // SAFETY: one byte is valid for the call.
            _ = unsafe write(writeEnd.raw, &byte, 1)
        }
    }
}
