// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Adaptation
internal import AtomicBase
internal import Auction
internal import Executors
internal import RoomStore
internal import Synchronization

/// What one job may use of what the room has learned: only what was learned from data of the same owners, class and purpose.
final class JobLearning: Sendable {
    /// A plan for the winner of a microtask.
    struct PreparedPlan: Sendable {
        /// The `plan` record, to be durable before the entry that names it.
        let file: NamedFile
        let name: Digest
        /// `plan` of the call.
        let call: JSONValue
    }

    /// What is remembered of one type.
    private struct Shelf: Sendable {
        static let empty = Shelf(memory: LabelledMemory([]), messages: [:], names: [])

        let memory: LabelledMemory
        let messages: [Digest: RememberedMessage]
        /// How many entries had been erased in the room when it was loaded.
        var erased: Int64 = 0
        /// Newest first.
        let names: [Digest]
    }

    private let room: Room
    private let scope: MemoryScope
    private let sealed: SealedRecords
    let sidecars: SidecarStore
    /// Loaded when a model first asks for it, and kept until something is erased: that must not be shown any more.
    private let shelves = Mutex<[String: Shelf]>([:])

    init(room: Room, label: DataLabel, purpose: String) throws {
        self.room = room
        scope = MemoryScope(owners: label.owners, class: label.class, purpose: purpose)
        sidecars = try SidecarStore(room: room)
        sealed = sidecars.sealed
    }

    private func key(_ type: String) -> LearningKey {
        LearningKey(owners: scope.owners, dataClass: scope.class, purpose: scope.purpose, type: type)
    }

    /// What is known of the contenders' answers to one type, as of now.
    ///
    /// A model that is shown examples answers otherwise when there are more of them: what it did with fewer fades.
    func experience(type: String, of contenders: [AuctionStage.Contender]) throws -> [Experience] {
        let names = Dictionary(contenders.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = Dictionary(grouping: try room.store.learned(key(type)), by: \.digest)
        let remembered = rows.isEmpty ? 0 : try room.store.remembered(key(type))
        return rows.compactMap { name, rows in
            guard let digest = Digest(string: name), let contender = names[digest] else { return nil }
            let counts = rows.map { row in
                contender.isAdaptive
                    ? Fading.counts(right: row.right, wrong: row.wrong, shown: row.shown, now: remembered)
                    : (row.right, row.wrong)
            }
            return Experience(
                model: contender.name, digest: digest, right: counts.reduce(0) { $0 + $1.0 },
                wrong: counts.reduce(0) { $0 + $1.1 })
        }
    }

    /// How many outcomes of a type were verified, by model.
    func verified(_ type: String) throws -> [Digest: Int64] {
        var counts: [Digest: Int64] = [:]
        for row in try room.store.learned(key(type)) {
            if let digest = Digest(string: row.digest) { counts[digest, default: 0] += row.right + row.wrong }
        }
        return counts
    }

    /// What was learned from verified outcomes of the scope, over all types, as of now.
    func learned() throws -> RoomLearner.Scope { try room.learner.scope(scope) }

    /// How many labelled messages of a type there are to show.
    func remembered(_ type: String) throws -> Int64 { try room.store.remembered(key(type)) }

    /// The plan for a model that won; nil when it asks for nothing.
    func plan(
        for manifest: ModelManifest, type: String, vector: FeatureVector?, attempt: Int64
    ) throws -> PreparedPlan? {
        guard let hints = manifest.adaptation else { return nil }
        let shelf = hints.demonstrations > 0 || hints.memory > 0 ? try shelf(type) : .empty
        let context = ContextAnalyser.Context(scope: scope, type: type, vector: vector, attempt: attempt)
        guard
            let (plan, chosen) = ContextAnalyser.plan(
                for: .init(
                    model: manifest.name, demonstrations: Int(hints.demonstrations), memory: Int(hints.memory),
                    templates: hints.templates, parameters: hints.parameters.map { ($0.name, $0.values) }),
                context, memory: shelf.memory)
        else { return nil }
        var call: [String: JSONValue] = [:]
        if let template = plan.template { call["template"] = .string(template) }
        if let parameters = plan.parameters { call["parameters"] = parameters }
        if hints.demonstrations > 0 {
            call["demonstrations"] = .array(
                chosen.compactMap { neighbour in
                    shelf.messages[neighbour.entry.name].map { message in
                        .object([
                            "text": .string(message.text), "value": message.value,
                            "similarity": .integer(neighbour.similarity),
                        ])
                    }
                })
        }
        let file = NamedFile(record: try CanonicalJSON.encode(plan))
        return PreparedPlan(file: file, name: .sha256(file.bytes), call: .object(call))
    }

    /// What a model that keeps a memory is taught before its first call, the newest last.
    func examples(for manifest: ModelManifest, type: String) throws -> [LabelledExample] {
        guard let hints = manifest.adaptation, hints.memory > 0 else { return [] }
        let shelf = try shelf(type)
        return shelf.names.prefix(Int(hints.memory)).reversed().compactMap { name in
            shelf.messages[name].map { LabelledExample(text: $0.text, value: $0.value) }
        }
    }

    private func shelf(_ type: String) throws -> Shelf {
        try shelves.withLock { shelves in
            let erased = try room.store.erasedCount()
            if let shelf = shelves[type], shelf.erased == erased { return shelf }
            let rows = try room.store.memory(key(type), limit: LabelledMemory.limit)
            let names = rows.compactMap { Digest(string: $0.name) }
            // The rows say what belongs here; the sealed entry must say the same, or somebody moved it.
            let messages = try sealed.open(RememberedMessage.self, names).filter { _, message in
                message.type == type
                    && MemoryScope(owners: message.owners, class: message.class, purpose: message.purpose) == scope
            }
            let entries = rows.compactMap { row -> LabelledMemory.Entry? in
                guard let name = Digest(string: row.name), let message = messages[name] else { return nil }
                return .init(
                    name: name, scope: scope, type: type, order: row.entry,
                    vector: message.vector.flatMap { FeatureVector($0) })
            }
            let shelf = Shelf(
                memory: LabelledMemory(entries), messages: messages, erased: erased, names: entries.map(\.name))
            shelves[type] = shelf
            return shelf
        }
    }
}
