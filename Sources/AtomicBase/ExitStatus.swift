// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The exit codes of every Atomic program. They are a contract: scripts branch on them.
public enum ExitStatus: Int32, Codable, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case denied = 3
    case unverified = 4
    case jail = 5
    case model = 6
    case budget = 7
    case halted = 8
    case tryAgain = 75
}
