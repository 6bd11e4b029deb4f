// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Floors

/// A program as a user starts it: posix_spawn(3), then wait. The same few lines of C for us and for every peer.
public struct Program: Sendable {
    /// What one run took.
    public struct Cost: Sendable {
        /// From before the spawn to after the wait.
        public let wallMs: Double
        /// User and system time of the program and of the children that it reaped.
        public let cpuSeconds: Double
    }

    /// Whose posix_spawn it is.
    public static var libc: String {
        // SAFETY: a constant string of the C library.
        unsafe "glibc " + String(cString: floor_libc_version())
    }

    public let argv: [String]
    private let words: [CChar]

    /// - Parameter argv: the first is a path.
    public init(_ argv: [String]) {
        self.argv = argv
        words = argv.flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] }
    }

    /// Runs it once.
    /// - Throws: ``Trouble`` when it cannot start or does not end with 0: a failure must not count as fast.
    @discardableResult
    public func run() throws -> Cost {
        var (status, wall, cpu): (Int32, Int64, Int64) = (0, 0, 0)
        // SAFETY: `words` holds one NUL-ended string per element of `argv`; the results are written before it returns.
        let failure = unsafe floor_spawn(words, argv.count, &status, &wall, &cpu)
        guard failure == 0, status == 0 else {
            throw Trouble("\(argv.joined(separator: " ")): errno \(failure), exit \(status)")
        }
        return Cost(wallMs: Double(wall) / 1e6, cpuSeconds: Double(cpu) / 1e9)
    }
}

/// Nanoseconds of the monotonic clock, and CPU nanoseconds of this thread.
public enum Stopwatch {
    public static var now: Int64 { floor_now() }
    public static var cpu: Int64 { floor_thread_cpu() }
    /// Milliseconds since `start`.
    public static func ms(since start: Int64) -> Double { Double(floor_now() - start) / 1e6 }
}
