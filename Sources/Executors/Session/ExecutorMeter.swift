// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import Jail

/// What is billed of a process: the kernel's CPU time and the bytes over its channel, both ways.
public struct ExecutorMeter: Hashable, Sendable {
    /// Nanoseconds.
    public let cpuNs: UInt64
    public let bytes: UInt64
}

extension JailReport {
    /// The whole use of a jail that has ended.
    public var meter: ExecutorMeter {
        ExecutorMeter(cpuNs: accounting.cpuNs, bytes: accounting.bytesIn &+ accounting.bytesOut)
    }
}
