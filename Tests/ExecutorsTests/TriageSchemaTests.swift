// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing
import TypedOutput

/// The schemas of `Models/tasks`: what an answer may be, whatever a message talks a model into.
struct TriageSchemaTests {
    private func admits(_ type: String, _ answer: String) throws -> Bool {
        let path = "\(ExecutorFixture.package)/Models/tasks/\(type).schema.json"
        return try OutputSchema(JSONValue.parse(Files.read(path))).admits(JSONValue.parse(Array(answer.utf8)))
    }

    private static let queue = #"{"op":"queue","queue":"billing"}"#

    private func steps(_ steps: String...) throws -> Bool {
        try admits("action", #"{"confidence":0.9,"do":["# + steps.joined(separator: ",") + "]}")
    }

    @Test func anActionIsStepsThatAMailSystemKnows() throws {
        let tag = #"{"op":"tag","tag":"urgent"}"#
        #expect(try steps(Self.queue))
        #expect(try steps(tag, Self.queue, #"{"op":"forward","to":"on-call"}"#, #"{"op":"draft"}"#))
        #expect(try !steps(tag), "every message has a queue")
        #expect(try !steps(Self.queue, #"{"op":"queue","queue":"archive"}"#), "and only one")
        #expect(try !steps(tag, tag, Self.queue), "nothing twice")
        #expect(try !steps())
    }

    @Test(arguments: [
        #"{"op":"forward","to":"thief@example.com"}"#, #"{"op":"forward","to":"everybody"}"#, #"{"op":"delete"}"#,
        #"{"op":"tag","tag":"names of the patients"}"#, #"{"op":"queue","queue":"../../etc"}"#,
        #"{"op":"draft","to":"thief@example.com"}"#, #"{"op":"draft","body":"secret"}"#, #"{"tag":"urgent"}"#,
    ])
    func noModelCanMakeUpAStep(step: String) throws {
        #expect(try steps(Self.queue))
        #expect(try !steps(Self.queue, step))
    }

    @Test(arguments: [
        ("category", #"{"category":"billing","confidence":0.5,"replyDue":true}"#, #""billing""#, #""money""#),
        ("sentiment", #"{"confidence":1,"sentiment":"neutral"}"#, #""neutral""#, #""happy""#),
        ("priority", #"{"confidence":0,"priority":"high"}"#, #""high""#, #""highest""#),
        ("language", #"{"confidence":0.9,"language":"de"}"#, #""de""#, #""German""#),
        ("reply", #"{"body":"Thank you.","confidence":0.4,"subject":"Re: x"}"#, #""Thank you.""#, #""""#),
        ("spam", #"{"confidence":0.9,"spam":true}"#, "true", #""yes""#),
    ])
    func anAnswerIsOneOfAFew(type: String, good: String, old: String, new: String) throws {
        #expect(try admits(type, good))
        #expect(try !admits(type, good.replacing(old, with: new)))
        #expect(try !admits(type, good.replacing("{", with: #"{"also":"this","#)), "no member that nobody asked for")
        #expect(try !admits(type, good.replacing(#""confidence":"#, with: #""confidence":1"#)), "a probability")
    }
}
