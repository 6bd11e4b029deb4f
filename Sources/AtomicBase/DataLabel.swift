// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Which class data has and whose it is. Travels with inputs, outputs, entries and learned state.
public struct DataLabel: Codable, Hashable, Sendable {
    /// A class of the policy's lattice, for example `pii`.
    public let `class`: String
    /// Owner ids, sorted, without repetition.
    public let owners: [String]

    public init(class: String, owners: some Sequence<String>) {
        self.class = `class`
        self.owners = Set(owners).sorted()
    }
}
