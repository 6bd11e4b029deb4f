// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Messages that somebody labelled, as the context analyser sees them: where they belong, how new they are, what they are
/// like. Their text and the label stay sealed under `name`.
public struct LabelledMemory: Sendable {
    public struct Entry: Hashable, Sendable {
        /// Digest of the sealed entry.
        public let name: Digest
        public let scope: MemoryScope
        /// Type of the microtask that the label answers.
        public let type: String
        /// Index of the log entry that added it: the higher, the newer.
        public let order: Int64
        /// Absent where the room had no featurizer.
        public let vector: FeatureVector?

        public init(name: Digest, scope: MemoryScope, type: String, order: Int64, vector: FeatureVector?) {
            self.name = name
            self.scope = scope
            self.type = type
            self.order = order
            self.vector = vector
        }
    }

    /// An entry and how like it is to the message at hand, in 1e-9.
    public struct Neighbour: Hashable, Sendable {
        public let entry: Entry
        public let similarity: Int64
    }

    /// Entries of one scope and type that are remembered; of more, the newest.
    public static let limit = 1_000

    private struct Shelf: Hashable {
        let scope: MemoryScope
        let type: String
    }

    /// Newest first.
    private let shelves: [Shelf: [Entry]]

    /// - Parameter entries: in any order; of each scope and type the newest ``limit`` are kept.
    public init(_ entries: some Sequence<Entry>) {
        shelves = Dictionary(grouping: Set(entries)) { Shelf(scope: $0.scope, type: $0.type) }
            .mapValues { Array($0.sorted(by: Self.isNewer).prefix(Self.limit)) }
    }

    /// What is remembered in one scope for one type, newest first.
    public func entries(_ scope: MemoryScope, type: String) -> [Entry] {
        shelves[Shelf(scope: scope, type: type)] ?? []
    }

    /// The `count` entries of one scope and type that are most like `vector`, the most like first; of equally like ones the
    /// newer first.
    public func nearest(to vector: FeatureVector, in scope: MemoryScope, type: String, count: Int) -> [Neighbour] {
        let neighbours = entries(scope, type: type).compactMap { entry in
            entry.vector?.similarity(to: vector).map { Neighbour(entry: entry, similarity: $0) }
        }
        let ordered = neighbours.sorted { a, b in
            a.similarity != b.similarity ? a.similarity > b.similarity : Self.isNewer(a.entry, b.entry)
        }
        return Array(ordered.prefix(max(0, count)))
    }

    /// One batch of labels has one log entry per label, but the order of two equal ones must not be chance either.
    private static func isNewer(_ a: Entry, _ b: Entry) -> Bool {
        a.order != b.order ? a.order > b.order : a.name < b.name
    }
}
