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

/// A program that is looked at while it runs: what the kernel accounts for it and for one of its children.
public struct Watched: Sendable {
    /// Exit code, or 128 + the signal.
    public let exit: Int32
    public let wallSeconds: Double
    /// CPU of the program itself.
    public let cpuSeconds: Double
    /// CPU of its child of that name, until at most 20 ms before its end, and of what the child had started and waited for.
    public let childCPUSeconds: Double
    public let grandchildrenCPUSeconds: Double
    public let peakBytes: Int64

    /// Runs `argv` with its output in the file `output`.
    /// - Parameter child: the first word of the child's command line.
    public init(_ argv: [String], output: String, child: String) throws {
        let words: [CChar] = argv.flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] }
        var result = floor_watched()
        // SAFETY: `words` holds one NUL-ended string per element of `argv`; `result` is written before it returns.
        let failure = unsafe floor_watch(words, argv.count, output, child, &result)
        guard failure == 0 else { throw Trouble("\(argv.joined(separator: " ")): errno \(failure)") }
        let signal = result.status & 0x7f
        exit = signal == 0 ? result.status >> 8 & 0xff : 128 + signal
        wallSeconds = Double(result.wall) / 1e9
        cpuSeconds = Double(result.own) / 1e9
        childCPUSeconds = Double(result.child) / 1e9
        grandchildrenCPUSeconds = Double(result.grandchildren) / 1e9
        peakBytes = result.peak
    }
}

/// Nanoseconds of the monotonic clock, and CPU nanoseconds of this thread.
public enum Stopwatch {
    public static var now: Int64 { floor_now() }
    public static var cpu: Int64 { floor_thread_cpu() }
    /// Milliseconds since `start`.
    public static func ms(since start: Int64) -> Double { Double(floor_now() - start) / 1e6 }
}
