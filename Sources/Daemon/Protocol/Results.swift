// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy

/// What the daemon is doing.
public struct DaemonStatus: Codable, Equatable, Sendable {
    /// `ready`, or `stopping`: it takes nothing more.
    public let state: String
    public let room: String
    /// Sequence of the policy in force, 0 when there is none.
    public let policy: Int64
    public let workers: Int64
    public let capacity: Int64
    /// Ids of the jobs at work.
    public let running: [String]
    /// Jobs that wait for a worker.
    public let waiting: Int64
}

/// Where the entries of an `append` lie in the log.
public struct AppendedRange: Codable, Equatable, Sendable {
    public let first: UInt64
    public let count: UInt64
}

/// A policy that is in force now.
public struct AcceptedPolicy: Codable, Equatable, Sendable {
    public let id: String
    public let sequence: Int64
    public let digest: Digest

    public init(_ policy: SovereignPolicy) throws {
        id = policy.id
        sequence = policy.sequence
        digest = try policy.digest
    }
}
