// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import Sealing
import Testing

@testable import Executors

/// What a `jsonrpc` model is told beside the input: the type, the plan, the time that is left, and labelled examples.
@Suite(.serialized)
struct ConversationTests {
    private func session(_ fault: String, _ launcher: Launcher) throws -> ExecutorSession {
        let session = try ExecutorFixture.shared.get().session(fault, launcher: launcher)
        try session.start()
        return session
    }

    private func example(_ number: Int, size: Int = 10) -> LabelledExample {
        LabelledExample(text: "\(number) " + String(repeating: "x", count: size), value: .object(["spam": .bool(true)]))
    }

    @Test func aModelIsToldTypePlanAndTime() throws {
        let launcher = try ExecutorFixture.shared.get().launcher()
        let session = try session("tell", launcher)
        let memory = try ExecutorFixture.memory("x")
        let plan: JSONValue = .object([
            "template": .string("short"), "parameters": .object(["temperature": .string("0")]),
            "demonstrations": .array([.object(["text": .string("hello"), "value": .object([:])])]),
        ])
        let told = try session.execute(
            id: "0007/category", type: "category", input: memory.fd.raw, schema: .bool(true), plan: plan,
            limitNs: 500_000_000)
        let request = try #require(told.value["request"]?["params"])
        #expect(request["id"] == .string("0007/category") && request["type"] == .string("category"))
        #expect(request["plan"] == plan && request["schema"] == .bool(true))
        #expect(request["deadline"] == .string("500000000"))
        // Nobody planned: the member is there and empty.
        let plain = try session.execute(id: "0008/spam", input: memory.fd.raw, schema: .bool(true))
        #expect(plain.value["request"]?["params"]?["plan"] == .object([:]))
        #expect(plain.value["request"]?["params"]?["type"] == .string("spam"))
    }

    @Test func labelledExamplesComeBeforeTheFirstCall() throws {
        let launcher = try ExecutorFixture.shared.get().launcher()
        let session = try session("tell", launcher)
        try session.feedback(type: "spam", examples: (0..<3).map { example($0) })
        let memory = try ExecutorFixture.memory("x")
        let told = try session.execute(id: "1/spam", input: memory.fd.raw, schema: .bool(true))
        #expect(told.value["taught"] == .integer(1))
        #expect(try session.end()?.exit == 0)
    }

    @Test func whoDidNotAskForExamplesGetsNone() throws {
        let launcher = try ExecutorFixture.shared.get().launcher()
        let session = try session("good", launcher)
        let before = session.meter().bytes
        try session.feedback(type: "spam", examples: [example(1)])
        #expect(session.meter().bytes == before)
    }

    @Test func aModelThatBreaksTheProtocolWhileLearningIsEnded() throws {
        let launcher = try ExecutorFixture.shared.get().launcher()
        let session = try session("learn-bad", launcher)
        #expect(throws: ExecutorError(.protocolViolation, "", remedy: "")) {
            try session.feedback(type: "spam", examples: [example(1)])
        }
        #expect(throws: ExecutorError.self, "a dead process takes no second call") { try session.answer() }
        // The control: the same program answers where nobody teaches it.
        #expect(try self.session("learn-bad", launcher).answer().confidence == 1_000_000_000)
    }

    @Test func manyExamplesGoInPartsThatFitALine() throws {
        let examples = (0..<1000).map { example($0, size: 2048) }
        let parts = LabelledExample.parts(examples)
        #expect(parts.count > 3)
        #expect(parts.flatMap { $0 } == examples)
        for part in parts {
            #expect(JSONValue.array(part.map(\.json)).canonical.count < ExecutorSessionStateMachine.lineLimit)
        }
        #expect(LabelledExample.parts([]).isEmpty)
        let huge = example(1, size: ExecutorSessionStateMachine.lineLimit)
        #expect(LabelledExample.parts([huge, example(2)]) == [[example(2)]])
    }
}
