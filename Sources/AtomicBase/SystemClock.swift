// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// The two clocks of a machine, as a value so that a test can hand in its own.
public struct SystemClock: Sendable {
    /// Wall time; may step.
    public let wall: @Sendable () -> WallTime
    /// Nanoseconds since boot, suspended time included; never steps within one boot.
    public let monotonic: @Sendable () -> UInt64

    public init(wall: @escaping @Sendable () -> WallTime, monotonic: @escaping @Sendable () -> UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// CLOCK_REALTIME and CLOCK_BOOTTIME.
    public static let real = SystemClock(
        wall: { WallTime(nanoseconds: Int64(read(CLOCK_REALTIME))) },
        monotonic: { read(CLOCK_BOOTTIME) })

    private static func read(_ clock: Int32) -> UInt64 {
        var time = timespec()
        // SAFETY: `time` is a valid timespec for the call.
        let result = unsafe clock_gettime(clock, &time)
        precondition(result == 0, "the kernel has no clock \(clock)")
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
