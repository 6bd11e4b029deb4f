// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Executors

/// A model that `model-add` registered or found registered.
public struct AddedModel: Codable, Equatable, Sendable {
    public let digest: Digest
    /// Inputs of the bundle's sample that were answered alike inside and outside the jail.
    public let samples: Int64
    /// False when the same digest was registered already.
    public let isNew: Bool

    public init(_ added: ModelRegistry.Added) {
        digest = added.model.digest
        samples = Int64(added.samples)
        isNew = added.isNew
    }
}
