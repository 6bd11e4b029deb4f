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
}

/// A limit that was reached, whether or not it ended the jail.
public struct JailHit: Codable, Hashable, Sendable {
    /// A cause (`memory-limit`), or `tmpfs-bytes`, `tmpfs-inodes`: what a program sees of those two is ENOSPC.
    public let limit: String
    /// The limit: bytes, processes, inodes; nanoseconds for `cpu-limit` and `wall-limit`.
    public let amount: UInt64

    enum CodingKeys: String, CodingKey { case limit, amount }

    init(_ limit: String, _ amount: UInt64) {
        self.limit = limit
        self.amount = amount
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        limit = try box.decode(String.self, forKey: .limit)
        amount = try box.nanoseconds(forKey: .amount)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(limit, forKey: .limit)
        try box.encode(String(amount), forKey: .amount)
    }
}

/// What was found when the jail was over.
public struct JailTeardown: Codable, Hashable, Sendable {
    /// PID 1 was reaped, and the kernel lets PID 1 go only when everything in its namespace is gone. Always true in a report.
    public let reaped: Bool
    /// The kernel's count of processes in the jail's cgroup was zero; `nil` where there is no cgroup.
    public let cgroupEmpty: Bool?

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(reaped, forKey: .reaped)
        try box.encode(cgroupEmpty, forKey: .cgroupEmpty)
    }
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
    /// Every limit that was reached, with its amount; empty when none was.
    public let hits: [JailHit]
    public let teardown: JailTeardown

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
        try box.encode(hits, forKey: .hits)
        try box.encode(teardown, forKey: .teardown)
    }
}

extension LauncherReport {
    /// The limits that were reached. One that ended the jail comes first.
    func hits(_ limits: JailLimits) -> [JailHit] {
        var hits: [JailHit] = []
        func add(_ cause: JailCause, _ amount: UInt64, orSeen other: Bool = false) {
            if self.cause == cause || other { hits.append(JailHit(cause.rawValue, amount)) }
        }
        add(.memoryLimit, limits.memoryBytes, orSeen: memoryHits > 0)
        add(.pidsLimit, limits.pids, orSeen: pidsHits > 0)
        add(.cpuLimit, limits.cpuSeconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue)
        add(.wallLimit, limits.wallNs)
        add(.outputLimit, limits.outputBytes)
        add(.fileLimit, limits.fileBytes)
        if tmpfsBytesFull { hits.append(JailHit("tmpfs-bytes", limits.tmpfsBytes)) }
        if tmpfsInodesFull { hits.append(JailHit("tmpfs-inodes", limits.tmpfsInodes)) }
        let ended = hits.firstIndex { $0.limit == cause.rawValue }
        if let ended { hits.insert(hits.remove(at: ended), at: 0) }
        return hits
    }
}

extension JailReport {
    /// The launcher's last word, with the bytes that went through the pump and over the channel.
    init(
        _ end: LauncherReport, _ measured: Measured, pump: JailPump, received: UInt64 = 0, sent: UInt64 = 0
    ) {
        let enforcement = measured.of.enforcement
        self.init(
            measurement: measured, cause: end.cause, exit: end.signal == 0 ? end.exit : nil,
            signal: end.signal == 0 ? nil : end.signal, syscall: nil, limits: enforcement,
            accounting: JailAccounting(
                cpuNs: end.cpuNs, wallNs: end.wallNs, peakBytes: end.peakBytes, bytesIn: pump.bytesIn + received,
                bytesOut: pump.bytesOut + sent),
            hits: end.hits(measured.of.limits),
            teardown: JailTeardown(reaped: true, cgroupEmpty: enforcement == .rlimit ? nil : end.cgroupEmpty))
    }
}
