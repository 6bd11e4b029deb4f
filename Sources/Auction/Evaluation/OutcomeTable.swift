// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Recorded outcomes of every model on every task, for trying the engine on.
public struct OutcomeTable: Sendable {
    public struct Outcome: Hashable, Sendable {
        /// 0…1 in 1e-9.
        public let quality: Int64
        /// Money units: ``OutcomeTable/unitsPerCent`` of them are a cent.
        public let cost: Int64
        /// Milliseconds.
        public let latency: Int64
        /// In 1/64, 0…64; nil where the table has none.
        public let claim: Int?
    }

    public struct Line: Sendable {
        public let id: String
        public let task: LearnedTask
        /// In the order of ``OutcomeTable/models``.
        public let outcomes: [Outcome]
    }

    /// Names, sorted.
    public let models: [String]
    public let lines: [Line]
    public let unitsPerCent: Int64

    public init(models: [String], lines: [Line], unitsPerCent: Int64) {
        self.models = models
        self.lines = lines
        self.unitsPerCent = unitsPerCent
    }

    /// What stands for a model's digest: that of its name.
    public static func digest(_ model: String) -> Digest { Digest.sha256(Array(model.utf8)) }
}
