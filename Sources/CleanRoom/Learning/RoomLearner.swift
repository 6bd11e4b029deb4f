// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Adaptation
internal import AtomicBase
internal import Auction
internal import RoomStore
internal import Synchronization

/// What the room has learned of its models, kept apart by owners, class and purpose.
///
/// It is a function of the verified outcomes in the order of the log, and is made of them again when the room opens. Where a later
/// word replaces an earlier one, what is learned is what would have been learned without the earlier one.
final class RoomLearner: Sendable {
    /// What was learned in one scope.
    struct Scope: Sendable {
        var learner = Learner()
        var chain: LearningChain
        /// Whether auctions are scored by it.
        var isEnough: Bool { chain.count >= Learner.least }
        fileprivate var mark = LessonMark.none
        fileprivate var last: Int64 = -1
    }

    private let store: RoomStore
    private let scopes = Mutex<[LearningKey: Scope]>([:])

    init(store: RoomStore) { self.store = store }

    /// What is known now.
    func scope(_ scope: MemoryScope) throws -> Scope {
        let key = LearningKey(owners: scope.owners, dataClass: scope.class, purpose: scope.purpose, type: "")
        return try scopes.withLock { scopes in
            let empty = Scope(
                chain: LearningChain(owners: scope.owners, dataClass: scope.class, purpose: scope.purpose))
            var known = scopes[key] ?? empty
            let new = try store.lessons(key, beyond: known.mark, after: known.last)
            guard known.mark != new.mark else { return known }
            if known.mark.replaced != new.mark.replaced { known = empty }
            // Out of the dictionary, so that the learner is not copied to be changed.
            scopes[key] = nil
            for row in new.rows { try known.learn(row) }
            known.mark = new.mark
            scopes[key] = known
            return known
        }
    }
}

extension RoomLearner.Scope {
    fileprivate mutating func learn(_ row: LessonRow) throws {
        guard let record = Digest(string: row.record) else {
            throw RoomError(
                .inconsistent, "what was learned at entry \(row.entry) is damaged in state.db",
                remedy: "delete state.db: it is made again from the log", exit: .unverified)
        }
        learner.learn(try CanonicalJSON.decode(Lesson.self, from: Array(row.lesson.utf8)))
        chain.add(record: record, entry: UInt64(row.entry), isRight: row.outcome == "right")
        last = row.entry
    }
}
