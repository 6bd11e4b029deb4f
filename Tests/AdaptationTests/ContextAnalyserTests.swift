// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Adaptation

struct ContextAnalyserTests {
    private func plan(
        _ hints: ContextAnalyser.Hints, _ context: ContextAnalyser.Context, _ entries: [LabelledMemory.Entry]
    ) -> Plan? {
        ContextAnalyser.plan(for: hints, context, memory: LabelledMemory(entries))?.plan
    }

    @Test func aModelThatAsksForNothingHasNoPlan() {
        var dice = Dice(1)
        #expect(plan(.init(model: "m"), Fixture.context(dice.vector()), Fixture.random(&dice, count: 20)) == nil)
    }

    @Test func theNearestAreDemonstrated() throws {
        let query = try #require(FeatureVector([10, 0]))
        let entries = [
            Fixture.entry("far", order: 3, vector: FeatureVector([0, 10])),
            Fixture.entry("near", order: 1, vector: FeatureVector([10, 1])),
            Fixture.entry("between", order: 2, vector: FeatureVector([5, 5])),
        ]
        let made = try #require(plan(.init(model: "m", demonstrations: 2), Fixture.context(query), entries))
        #expect(made.demonstrations == [entries[1].name, entries[2].name])
        #expect(made.reasons == [.nearestDemonstrations])
        #expect(made.template == nil && made.parameters == nil)
    }

    @Test func withoutFeaturesTheNewestAreDemonstrated() throws {
        let entries = (0..<5).map { Fixture.entry("\($0)", order: Int64($0)) }
        let made = try #require(plan(.init(model: "m", demonstrations: 2), Fixture.context(nil), entries))
        #expect(made.demonstrations == [entries[4].name, entries[3].name])
        #expect(made.reasons == [.newestDemonstrations])
        // The message has features, but nothing remembered has: the same.
        var dice = Dice(2)
        let again = plan(.init(model: "m", demonstrations: 2), Fixture.context(dice.vector()), entries)
        #expect(again == made)
    }

    @Test func withoutMemoryThereIsNothingToDemonstrate() throws {
        let hints = ContextAnalyser.Hints(model: "m", demonstrations: 4, templates: ["plain", "examples"])
        let made = try #require(plan(hints, Fixture.context(nil), []))
        #expect(made.demonstrations.isEmpty && made.template == "plain")
        #expect(made.reasons == [.nothingRemembered, .defaultTemplate])
    }

    @Test func theTemplateForExamplesNeedsExamples() throws {
        let hints = ContextAnalyser.Hints(model: "m", demonstrations: 4, templates: ["plain", "examples"])
        let made = try #require(plan(hints, Fixture.context(nil), [Fixture.entry("a", order: 1)]))
        #expect(made.template == "examples" && made.reasons == [.newestDemonstrations, .templateForExamples])
    }

    @Test func aLostAttemptTakesTheNextParameters() throws {
        let hints = ContextAnalyser.Hints(
            model: "m", parameters: [("temperature", [.integer(0), .integer(7)]), ("draft", [.bool(true)])])
        func parameters(_ attempt: Int64) -> JSONValue? {
            plan(hints, Fixture.context(nil, attempt: attempt), [])?.parameters
        }
        #expect(parameters(1) == .object(["temperature": .integer(0), "draft": .bool(true)]))
        #expect(parameters(2) == .object(["temperature": .integer(7), "draft": .bool(true)]))
        #expect(parameters(9) == parameters(2))
    }

    @Test func thePlanIsTheSameFromTheSameDigests() throws {
        var dice = Dice(3)
        for _ in 0..<50 {
            let entries = Fixture.random(&dice, count: 40)
            let context = Fixture.context(dice.vector())
            let hints = ContextAnalyser.Hints(model: "m", demonstrations: 5, memory: 100, templates: ["plain"])
            let made = try #require(plan(hints, context, entries))
            let again = try #require(plan(hints, context, entries.shuffled(using: &dice)))
            #expect(try CanonicalJSON.encode(made) == CanonicalJSON.encode(again))
            #expect(try CanonicalJSON.decode(Plan.self, from: CanonicalJSON.encode(made)) == made)
            // Forgetting one of the entries that were there is seen, whether it was chosen or not.
            let here = entries.filter { $0.scope == Fixture.scope && $0.type == "spam" }
            guard let gone = here.randomElement(using: &dice) else { continue }
            let less = try #require(plan(hints, context, entries.filter { $0 != gone }))
            #expect(less.memory != made.memory)
        }
    }

    @Test func aPlanTellsNothingOfWhatItNames() throws {
        var dice = Dice(4)
        let hints = ContextAnalyser.Hints(model: "m", demonstrations: 3)
        let text = String(
            decoding: try CanonicalJSON.encode(
                try #require(plan(hints, Fixture.context(dice.vector()), Fixture.random(&dice, count: 40)))),
            as: UTF8.self)
        for word in ["vector", "similarity", "text", "value", "owner"] { #expect(!text.contains(word), "\(word)") }
    }
}
