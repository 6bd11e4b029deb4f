// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Why a jail ended. Every limit has its own name.
public enum JailCause: String, Codable, Sendable, CaseIterable {
    case exited, signal, syscall
    case memoryLimit = "memory-limit"
    case pidsLimit = "pids-limit"
    case cpuLimit = "cpu-limit"
    case wallLimit = "wall-limit"
    case outputLimit = "output-limit"
    case fileLimit = "file-limit"
    /// The virtual machine ended without saying how its program did, or said something that is no frame.
    case machineFailed = "machine-failed"
}

/// What holds the limits of memory, processes and CPU.
public enum LimitsEnforcement: String, Codable, Sendable {
    case cgroup2, cgroup1
    /// No writable cgroup: rlimits and the launcher's own polling stand in. A policy may refuse that.
    case rlimit
}

/// What the jail used, as the kernel and the supervisor's own pipes counted it.
public struct JailAccounting: Codable, Hashable, Sendable {
    public var cpuNs: UInt64
    public var wallNs: UInt64
    public var peakBytes: UInt64
    public var bytesIn: UInt64
    public var bytesOut: UInt64

    public init(cpuNs: UInt64, wallNs: UInt64, peakBytes: UInt64, bytesIn: UInt64, bytesOut: UInt64) {
        self.cpuNs = cpuNs
        self.wallNs = wallNs
        self.peakBytes = peakBytes
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }

    enum CodingKeys: String, CodingKey { case cpuNs, wallNs, peakBytes, bytesIn, bytesOut }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        cpuNs = try box.nanoseconds(forKey: .cpuNs)
        wallNs = try box.nanoseconds(forKey: .wallNs)
        peakBytes = try box.decode(UInt64.self, forKey: .peakBytes)
        bytesIn = try box.decode(UInt64.self, forKey: .bytesIn)
        bytesOut = try box.decode(UInt64.self, forKey: .bytesOut)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(String(cpuNs), forKey: .cpuNs)
        try box.encode(String(wallNs), forKey: .wallNs)
        try box.encode(peakBytes, forKey: .peakBytes)
        try box.encode(bytesIn, forKey: .bytesIn)
        try box.encode(bytesOut, forKey: .bytesOut)
    }
}

/// The end of a jail: the file that `--report` writes.
public struct JailReport: Codable, Hashable, Sendable {
    /// The digest, and what it is the digest of.
    public struct Measured: Codable, Hashable, Sendable {
        public let digest: Digest
        public let of: JailMeasurement
    }

    public let measurement: Measured
    public let cause: JailCause
    /// The program's exit code; `nil` when a signal ended it.
    public let exit: Int32?
    /// The signal that ended the program; `nil` when it exited.
    public let signal: Int32?
    /// The refused system call; `nil` where the kernel does not tell, which is always so after KILL_PROCESS.
    public let syscall: String?
    public let limits: LimitsEnforcement
    public let accounting: JailAccounting

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(measurement, forKey: .measurement)
        try box.encode(cause, forKey: .cause)
        // The three are present even when null: a reader need not know which are optional.
        try box.encode(exit, forKey: .exit)
        try box.encode(signal, forKey: .signal)
        try box.encode(syscall, forKey: .syscall)
        try box.encode(limits, forKey: .limits)
        try box.encode(accounting, forKey: .accounting)
    }
}
