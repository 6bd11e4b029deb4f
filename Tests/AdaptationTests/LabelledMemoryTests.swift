// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Adaptation

struct LabelledMemoryTests {
    @Test func nothingCrossesOwnerClassPurposeOrType() throws {
        var dice = Dice(1)
        var found = 0
        for _ in 0..<200 {
            let entries = Fixture.random(&dice, count: 60)
            let memory = LabelledMemory(entries)
            let asked = entries[dice.below(entries.count)]
            for neighbour in memory.nearest(to: dice.vector(), in: asked.scope, type: asked.type, count: 60) {
                found += 1
                #expect(neighbour.entry.scope == asked.scope && neighbour.entry.type == asked.type)
            }
            let stranger = MemoryScope(
                owners: asked.scope.owners + ["other"], class: asked.scope.class, purpose: asked.scope.purpose)
            #expect(memory.nearest(to: dice.vector(), in: stranger, type: asked.type, count: 60).isEmpty)
            #expect(memory.entries(asked.scope, type: "unheard-of").isEmpty)
        }
        #expect(found > 300)
    }

    @Test func theOrderOfEntriesDoesNotMatter() {
        var dice = Dice(2)
        for _ in 0..<100 {
            let entries = Fixture.random(&dice, count: 50)
            let vector = dice.vector()
            func nearest(_ entries: [LabelledMemory.Entry]) -> [LabelledMemory.Neighbour] {
                LabelledMemory(entries).nearest(to: vector, in: Fixture.scope, type: "spam", count: 7)
            }
            #expect(nearest(entries) == nearest(entries.shuffled(using: &dice)))
            // The same entry twice is one entry.
            #expect(nearest(entries) == nearest(entries + entries.shuffled(using: &dice)))
        }
    }

    @Test func moreDemonstrationsOnlyAddToFewer() {
        var dice = Dice(3)
        for _ in 0..<100 {
            let memory = LabelledMemory(Fixture.random(&dice, count: 50))
            let vector = dice.vector()
            let all = memory.nearest(to: vector, in: Fixture.scope, type: "spam", count: 50)
            for count in -1...12 {
                let some = memory.nearest(to: vector, in: Fixture.scope, type: "spam", count: count)
                #expect(some == Array(all.prefix(max(0, count))))
            }
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        }
    }

    @Test func aMoreLikeEntryIsNeverPushedOutByALessLikeOne() throws {
        var dice = Dice(4)
        for _ in 0..<200 {
            let vector = dice.vector()
            let entries = (0..<20).map { Fixture.entry("\($0)", order: Int64($0), vector: dice.vector()) }
            let newcomer = Fixture.entry("new", order: 99, vector: vector)
            let nearest = LabelledMemory(entries + [newcomer]).nearest(
                to: vector, in: Fixture.scope, type: "spam", count: 1)
            #expect(try #require(nearest.first).entry == newcomer)
        }
    }

    @Test func equallyLikeEntriesComeNewestFirst() throws {
        let vector = try #require(FeatureVector([3, 4]))
        let twice = try #require(FeatureVector([6, 8]))
        let entries = [
            Fixture.entry("old", order: 1, vector: vector), Fixture.entry("new", order: 2, vector: twice),
            Fixture.entry("newest", order: 3, vector: vector),
        ]
        let nearest = LabelledMemory(entries).nearest(to: vector, in: Fixture.scope, type: "spam", count: 3)
        #expect(nearest.map(\.entry.order) == [3, 2, 1])
        #expect(nearest.allSatisfy { $0.similarity == 1_000_000_000 })
    }

    @Test func theNewestThousandAreKept() {
        let entries = (0..<1_200).map { Fixture.entry("\($0)", order: Int64($0)) }
        let kept = LabelledMemory(entries.reversed()).entries(Fixture.scope, type: "spam")
        #expect(kept.count == 1_000 && kept.first?.order == 1_199 && kept.last?.order == 200)
    }

    @Test func likenessIsTheCosine() throws {
        func likeness(_ a: [Int64], _ b: [Int64]) throws -> Int64? {
            try #require(FeatureVector(a)).similarity(to: #require(FeatureVector(b)))
        }
        #expect(try likeness([3, 4], [4, 3]) == 960_000_000)
        #expect(try likeness([3, 4], [-3, -4]) == -1_000_000_000)
        #expect(try likeness([1, 0], [0, 1]) == 0)
        #expect(try likeness([0, 0], [1, 1]) == 0)
        #expect(try likeness([1, 0], [1, 0, 0]) == nil)
        #expect(FeatureVector([128]) == nil && FeatureVector([-128]) == nil && FeatureVector([]) == nil)
        #expect(FeatureVector(.array([.integer(1), .double(0.5)])) == nil && FeatureVector(.null) == nil)
        let longest = [Int64](repeating: -127, count: FeatureVector.limit)
        #expect(try likeness(longest, longest) == 1_000_000_000)
        #expect(FeatureVector(longest + [1]) == nil)
    }

    @Test func theRootIsTheFloor() {
        var dice = Dice(5)
        for n in [0, 1, 2, 3, 4, 8, 9, 15, 16, 17, 1 << 52, (1 << 61) - 1] as [Int64]
            + (0..<2_000).map({ _ in Int64(dice.next() >> (2 + UInt64(dice.below(60)))) })
        {
            let root = FeatureVector.root(n)
            #expect(root * root <= n && n < (root + 1) * (root + 1), "\(n)")
        }
    }
}
