// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Whose data, of which class, for which purpose: what is remembered in one scope is never seen from another.
public struct MemoryScope: Codable, Hashable, Sendable {
    /// Key ids of all owners, sorted: data of two owners is a scope of its own.
    public let owners: [String]
    public let `class`: String
    public let purpose: String

    public init(owners: [String], class: String, purpose: String) {
        self.owners = Set(owners).sorted()
        self.class = `class`
        self.purpose = purpose
    }
}
