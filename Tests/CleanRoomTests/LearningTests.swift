// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Adaptation
import AtomicBase
import Auction
import RoomStore
import SovereignPolicy
import Testing

@testable import AuditBundle
@testable import CleanRoom

/// What the log says about learning, and what a room makes of it.
struct LearningTests {
    private let scope = DataLabel(class: "pii", owners: ["dpo"])
    private let model = Digest.sha256(Array("a model".utf8))
    private let second = Digest.sha256(Array("another model".utf8))

    /// An auction of two bidders, in the room's records.
    private func auction(_ microtask: String, type: String = "spam", purpose: String = "support", in room: Room) throws
        -> Digest
    {
        let record = try AuctionRecord.hold(
            AuctionInput(
                job: "job", jobDigest: .sha256([1]), microtask: microtask, sequence: 0,
                features: TaskFeatures(type: type, class: "pii", purpose: purpose, bytes: 100, schema: .sha256([2])),
                policy: PolicyReference(sequence: 1, digest: .sha256([3])),
                bids: [
                    Bid(model: "filter", digest: model, confidence: 60, costStep: 0, latencyStep: 0),
                    Bid(model: "second", digest: second, confidence: 50, costStep: 0, latencyStep: 0),
                ],
                weights: AuctionWeights(quality: 1_000, price: 0, latency: 0), exploration: .never,
                budgetRemaining: 1_000))
        return try room.records.put(bytes: record.canonical())
    }

    private let decision = RecordedDecision(
        request: PolicyRequest(
            action: "learn", at: WallTime(nanoseconds: 0), model: nil, class: "pii", purpose: "support",
            requester: "desk-4", task: .sha256([4])), outcome: "permit", kind: "permitted", rules: ["P3"])

    /// Records that an answer was right or wrong, and remembers the message.
    @discardableResult
    private func feedback(
        _ microtask: String, _ outcome: String, input: String = "a", type: String = "spam", job: String = "job",
        label: DataLabel? = nil, text: String = "hello", model: String = "filter", in room: Room
    ) throws -> Digest {
        let label = label ?? scope
        let sealed = try SealedRecords(room: room)
        let digest = Digest.sha256(Array(input.utf8))
        let (name, file) = try sealed.seal(
            RememberedMessage(
                input: digest, text: text, vector: nil, type: type, value: .bool(true), owners: label.owners,
                class: label.class, purpose: "support"))
        try room.record(
            all: [
                Event.FeedbackAdded(
                    microtask: microtask, input: digest, model: model,
                    record: auction(microtask, type: type, in: room), outcome: outcome, source: "label", credits: 0,
                    memory: name, decision: decision)
            ], files: [file], job: job, label: label)
        return name
    }

    private func learned(
        _ room: Room, owners: [String] = ["dpo"], class: String = "pii", purpose: String = "support",
        type: String = "spam"
    ) throws -> [LearnedRow] {
        try room.store.learned(LearningKey(owners: owners, dataClass: `class`, purpose: purpose, type: type))
    }

    private func counts(_ room: Room) throws -> [Int64] { try learned(room).flatMap { [$0.right, $0.wrong] } }

    @Test func verifiedOutcomesAreCountedPerOwnersClassPurposeAndType() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        try feedback("0000/spam", "right", in: room)
        try feedback("0001/spam", "wrong", input: "b", in: room)
        try feedback("0002/spam", "right", input: "c", in: room)
        try feedback("0000/category", "right", type: "category", in: room)
        #expect(try counts(room) == [2, 1])
        #expect(try learned(room, type: "category").first?.right == 1)
        for other in [
            try learned(room, owners: ["other"]), try learned(room, owners: ["dpo", "other"]),
            try learned(room, class: "public"), try learned(room, purpose: "research"),
            try learned(room, type: "reply"),
        ] { #expect(other.isEmpty) }
        try room.close()
    }

    @Test func theLaterWordReplacesTheEarlierAndCountsOnce() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        try feedback("0000/spam", "right", in: room)
        let second = try feedback("0000/spam", "wrong", in: room)
        #expect(try counts(room) == [0, 1])
        #expect(try room.store.memory(of: .sha256(Array("a".utf8))).map(\.name) == [second.description])
        // The same message in another job is another answer, and the same memory.
        let third = try feedback("0000/spam", "right", job: "job-2", in: room)
        #expect(try counts(room) == [1, 1])
        #expect(try room.store.memory(of: .sha256(Array("a".utf8))).map(\.name) == [third.description])
        try room.close()
    }

    @Test func aLabelJudgesEveryAnswerThereIs() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        try feedback("0000/spam", "right", in: room)
        try feedback("0000/spam", "wrong", model: "second", in: room)
        let before = try learned(room).map { [$0.digest, "\($0.right)", "\($0.wrong)"] }
        #expect(Set(before) == [[model.description, "1", "0"], [second.description, "0", "1"]])
        // A later word about one of them leaves the other as it is.
        try feedback("0000/spam", "right", model: "second", in: room)
        let after = try learned(room).map { [$0.digest, "\($0.right)", "\($0.wrong)"] }
        #expect(Set(after) == [[model.description, "1", "0"], [second.description, "1", "0"]])
        try room.close()
    }

    @Test func whatIsLearnedSurvivesTheLossOfTheDatabase() throws {
        let fixture = try RoomFixture()
        var room = try fixture.open()
        for number in 0..<5 {
            try feedback(
                "000\(number)/spam", number < 3 ? "right" : "wrong", input: "\(number)", text: "text \(number)",
                in: room)
        }
        let key = LearningKey(owners: ["dpo"], dataClass: "pii", purpose: "support", type: "spam")
        let before = (try room.store.learned(key), try room.store.memory(key, limit: 100))
        try room.close()
        for name in try Files.list(fixture.path) where name.hasPrefix("state.db") {
            try Files.remove(fixture.path + "/" + name)
        }
        room = try fixture.open()
        #expect(try room.store.learned(key) == before.0 && room.store.memory(key, limit: 100) == before.1)
        let sealed = try SealedRecords(room: room)
        let opened = try sealed.open(RememberedMessage.self, before.1.compactMap { Digest(string: $0.name) })
        #expect(Set(opened.values.map(\.text)) == Set((0..<5).map { "text \($0)" }))
        try room.close()
    }

    @Test func theLearnerIsMadeOfTheLogAgainAndKeepsScopesApart() throws {
        let fixture = try RoomFixture()
        var room = try fixture.open()
        let mine = MemoryScope(owners: ["dpo"], class: "pii", purpose: "support")
        let other = MemoryScope(owners: ["somebody"], class: "pii", purpose: "support")
        #expect(try room.learner.scope(mine).chain.count == 0)
        for number in 0..<40 {
            try feedback("\(1_000 + number)/spam", number % 4 == 0 ? "wrong" : "right", input: "\(number)", in: room)
        }
        let before = try room.learner.scope(mine)
        #expect(before.chain.count == 40 && before.learner.trial.count == 40)
        #expect(try room.learner.scope(other).chain.count == 0)
        let bidder = Bidder(digest: model, claim: 60, unitPrice: 1)
        let task = LearnedTask(type: "spam", lengthStep: 0)
        let forecast = before.learner.forecast([bidder], on: task)
        #expect(abs(forecast[0].quality - 750_000_000) < 60_000_000)
        try room.close()

        for name in try Files.list(fixture.path) where name.hasPrefix("state.db") {
            try Files.remove(fixture.path + "/" + name)
        }
        room = try fixture.open()
        let again = try room.learner.scope(mine)
        #expect(again.chain == before.chain)
        #expect(again.learner.forecast([bidder], on: task) == forecast)

        // One more, then a second word about the first: as if the first had never been said.
        try feedback("2000/spam", "wrong", input: "more", in: room)
        #expect(try room.learner.scope(mine).chain.count == 41)
        try feedback("1000/spam", "right", input: "0", in: room)
        let changed = try room.learner.scope(mine)
        #expect(changed.chain.count == 41 && changed.chain != again.chain)
        var expected = Learner()
        let rows = try room.store.lessons(
            LearningKey(owners: ["dpo"], dataClass: "pii", purpose: "support", type: "")
        ).rows
        for row in rows { expected.learn(try CanonicalJSON.decode(Lesson.self, from: Array(row.lesson.utf8))) }
        #expect(rows.count == 41 && rows.last?.outcome == "right")
        #expect(changed.learner.forecast([bidder], on: task) == expected.forecast([bidder], on: task))
        try room.close()
    }

    @Test func theVerifiersNameForWhatWasLearnedIsTheRooms() {
        var chain = LearningChain(owners: ["b", "a"], dataClass: "pii", purpose: "support")
        var names = LessonNames(owners: ["a", "b", "a"], class: "pii", purpose: "support")
        func add(_ answer: String, _ seq: UInt64, _ isRight: Bool) {
            names.add(.init(answer: [answer], record: .sha256(Array(answer.utf8)), seq: seq, isRight: isRight))
        }
        for (seq, answer) in ["x", "y", "z"].enumerated() {
            add(answer, UInt64(seq), true)
            chain.add(record: .sha256(Array(answer.utf8)), entry: UInt64(seq), isRight: true)
            #expect(names.names[chain.digest] == Int64(seq + 1))
        }
        // Another outcome, another record, another entry or another scope has another name.
        var other = LearningChain(owners: ["a", "b"], dataClass: "pii", purpose: "support")
        other.add(record: .sha256(Array("x".utf8)), entry: 0, isRight: false)
        #expect(names.names[other.digest] == nil)
        other = LearningChain(owners: ["a"], dataClass: "pii", purpose: "support")
        other.add(record: .sha256(Array("x".utf8)), entry: 0, isRight: true)
        #expect(names.names[other.digest] == nil)
        // A second word about y: as if the first had not been said.
        add("y", 9, false)
        var again = LearningChain(owners: ["a", "b"], dataClass: "pii", purpose: "support")
        for (answer, seq, isRight) in [("x", 0, true), ("z", 2, true), ("y", 9, false)] as [(String, UInt64, Bool)] {
            again.add(record: .sha256(Array(answer.utf8)), entry: seq, isRight: isRight)
        }
        #expect(names.names[again.digest] == 3)
    }

    @Test func aValidAnswerIsNoExperience() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let digest = try fixture.job("job", in: room)
        let record = try auction("0000/spam", in: room)
        for _ in 0..<50 {
            try room.record(
                Event.OutputValidated(
                    microtask: "0000/spam", input: digest, model: "filter", jail: "jail-1", verdict: "valid",
                    schema: digest),
                Event.AuctionSettled(
                    microtask: "0000/spam", input: digest, attempt: 1, record: record, model: "filter",
                    outcome: "valid", cost: 0, latencyNs: "0", cpuNs: "0", credits: 0), job: "job", label: scope)
        }
        #expect(try learned(room).isEmpty)
        // The control: one verified outcome is.
        try feedback("0000/spam", "right", in: room)
        #expect(try learned(room).count == 1)
        try room.close()
    }

    @Test func whatWasErasedIsGoneAlsoAfterACrash() throws {
        let fixture = try RoomFixture()
        var room = try fixture.open()
        let kept = try feedback("0000/spam", "right", in: room)
        let erased = try feedback("0001/spam", "right", input: "b", in: room)
        #expect(room.records.contains(erased))
        // The supervisor dies between the entry and the removal of the file.
        try room.record(Event.MemoryErased(entries: [erased], reason: "requested"))
        #expect(try room.store.memory(of: .sha256(Array("b".utf8))).isEmpty)
        try room.close()
        room = try fixture.open()
        #expect(!room.records.contains(erased) && room.records.contains(kept))
        #expect(try learned(room).first?.right == 2)
        let opened = try SealedRecords(room: room).open(RememberedMessage.self, [kept, erased])
        #expect(Set(opened.keys) == [kept])
        try room.close()
    }

    @Test func aJobIsGivenOnlyItsOwnScope() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let stranger = DataLabel(class: "pii", owners: ["dpo", "other"])
        try feedback("0000/spam", "right", text: "mine", in: room)
        try feedback("0000/spam", "wrong", input: "b", job: "job-2", label: stranger, text: "theirs", in: room)
        let contenders = [AuctionStage.Contender(name: "filter", digest: model, types: ["spam"], isAsked: false)]
        func experience(_ label: DataLabel, _ purpose: String) throws -> [Experience] {
            try JobLearning(room: room, label: label, purpose: purpose).experience(type: "spam", of: contenders)
        }
        #expect(try experience(scope, "support") == [Experience(model: "filter", digest: model, right: 1, wrong: 0)])
        #expect(try experience(stranger, "support") == [Experience(model: "filter", digest: model, right: 0, wrong: 1)])
        #expect(try experience(scope, "research").isEmpty)
        #expect(try JobLearning(room: room, label: scope, purpose: "support").experience(type: "spam", of: []).isEmpty)
        try room.close()
    }

    @Test func whatAnAdaptiveModelDidWithFewerExamplesFades() throws {
        func counts(_ shown: Int64, _ now: Int64) -> [Int64] {
            let counts = Fading.counts(right: 71, wrong: 9, shown: shown, now: now)
            return [counts.right, counts.wrong]
        }
        #expect(counts(0, 0) == [71, 9] && counts(100, 100) == [71, 9] && counts(100, 60) == [71, 9])
        #expect(counts(64, 128) == [36, 4] && counts(0, 1) == [36, 4])
        #expect(counts(0, 100) == [9, 1] && counts(0, 1_000) == [9, 1])
        // Who was always wrong stays known for it, and one word is still a word.
        #expect(Fading.counts(right: 0, wrong: 80, shown: 0, now: 1_000) == (0, 10))
        #expect(Fading.counts(right: 0, wrong: 1, shown: 0, now: 1_000) == (0, 1))
        #expect(Fading.counts(right: 0, wrong: 0, shown: 0, now: 1_000) == (0, 0))
    }

    @Test func onlyAModelThatIsShownExamplesIsForgivenWhatItDidWithout() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        _ = try fixture.job("job", in: room)
        for number in 0..<8 { try feedback("000\(number)/spam", "wrong", input: "\(number)", in: room) }
        let learning = try JobLearning(room: room, label: scope, purpose: "support")
        func wrong(_ isAdaptive: Bool) throws -> Int64? {
            try learning.experience(
                type: "spam",
                of: [.init(name: "filter", digest: model, types: ["spam"], isAsked: false, isAdaptive: isAdaptive)]
            ).first?.wrong
        }
        #expect(try wrong(false) == 8 && wrong(true) == 1)
        // A job that begins now is shown eight; its outcomes are as good as any.
        _ = try fixture.job("job-2", in: room)
        try feedback("0000/spam", "wrong", input: "new", job: "job-2", in: room)
        #expect(try wrong(false) == 9 && wrong(true) == 2)
        try room.close()
    }
}
