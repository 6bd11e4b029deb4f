// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Executors

/// The state machine against the golden vectors: what an executor may send, and the code of everything else.
struct FrameVectorTests {
    static let cases: [JSONValue] = {
        let path = "\(ExecutorFixture.package)/Tests/Vectors/executor-frames/from-executor.json"
        guard let bytes = try? Files.read(path), let file = try? JSONValue.parse(bytes) else { return [] }
        return file["cases"]?.arrayValue ?? []
    }()

    @Test func thereAreVectors() { #expect(Self.cases.count > 40) }

    @Test(arguments: cases)
    func aLineIsTakenOrRefusedByItsCode(vector: JSONValue) throws {
        let name = vector["name"]?.stringValue ?? ""
        var line = try #require(Base64.decode(vector["line"]?.stringValue ?? ""))
        if let insert = vector["insert"] {
            let mark = try #require(Base64.decode(insert["after"]?.stringValue ?? ""))
            let byte = try #require(insert["byte"]?.stringValue?.utf8.first)
            let count = Int(try #require(insert["count"]?.integerValue))
            let at = try #require(line.indices.first { line[$0...].starts(with: mark) })
            line.insert(contentsOf: [UInt8](repeating: byte, count: count), at: at + mark.count)
        }
        let method = try #require(
            ExecutorSessionStateMachine.Method(rawValue: vector["awaiting"]?["method"]?.stringValue ?? ""))
        let id = try #require(vector["awaiting"]?["id"]?.integerValue)
        var machine = ExecutorSessionStateMachine(firstID: id - (method == .initialize ? 0 : 1))
        if method != .initialize { try Self.initialise(&machine, id: id - 1) }
        guard case .send = machine.request(method, .object([:])) else {
            Issue.record("\(name): the request was not sent")
            return
        }
        let action = machine.received(line + [0x0a])
        switch (vector["expect"]?.stringValue, vector["frame"]?.stringValue) {
        case ("ok", "notification"): #expect(action == .wait, "\(name)")
        case ("ok", _):
            guard case .deliver = action else {
                Issue.record("\(name): \(action)")
                return
            }
        case (let code?, _): #expect(action == .fail(ExecutorError.Code(rawValue: code)), "\(name)")
        default: Issue.record("\(name) expects nothing")
        }
    }

    static func initialise(_ machine: inout ExecutorSessionStateMachine, id: Int64) throws {
        _ = machine.request(.initialize, .object([:]))
        let line = #"{"id":\#(id),"jsonrpc":"2.0","result":{"name":"x","tasks":[],"version":"1"}}"#
        guard case .deliver = machine.received(Array((line + "\n").utf8)) else {
            throw TestProblem("the machine refuses a good answer to initialize")
        }
    }
}

/// What the vectors do not have: bytes in pieces, time, the end of the channel.
struct SessionStateMachineTests {
    private let answer = Array(#"{"id":2,"jsonrpc":"2.0","result":{"confidence":1,"value":true}}"#.utf8) + [0x0a]

    private func awaiting() throws -> ExecutorSessionStateMachine {
        var machine = ExecutorSessionStateMachine()
        try FrameVectorTests.initialise(&machine, id: 1)
        _ = machine.request(.execute, .object([:]))
        return machine
    }

    @Test func anAnswerMayComeByteByByte() throws {
        var machine = try awaiting()
        for byte in answer.dropLast() { #expect(machine.received([byte]) == .wait) }
        #expect(machine.received([0x0a]) == .deliver(.answer(value: .bool(true), confidence: 1_000_000_000)))
    }

    @Test func bytesAfterTheAnswerEndTheExecutor() throws {
        var machine = try awaiting()
        #expect(machine.received(answer + [0x20]) == .fail(.protocolViolation))
    }

    @Test func lateBytesEndTheExecutor() throws {
        var machine = try awaiting()
        guard case .deliver = machine.received(answer) else { throw TestProblem("refused") }
        #expect(machine.received(answer) == .fail(.protocolViolation))
        #expect(machine.request(.execute, .object([:])) == .fail(.protocolViolation), "a failed session stays failed")
    }

    @Test func aLineWithoutAnEndIsOversizeBeforeItIsAllThere() throws {
        var machine = try awaiting()
        #expect(machine.received([UInt8](repeating: 0x78, count: 1 << 20)) == .wait)
        #expect(machine.received([0x78]) == .fail(.oversize))
    }

    @Test func endlessNotificationsAreOversize() throws {
        var machine = try awaiting()
        let text = String(repeating: "x", count: 1 << 19)
        let note = Array(#"{"jsonrpc":"2.0","method":"token","params":{"text":"\#(text)"}}"#.utf8) + [0x0a]
        var actions: [ExecutorSessionStateMachine.Action] = []
        for _ in 0..<9 { actions.append(machine.received(note)) }
        #expect(actions.first == .wait)
        #expect(actions.last == .fail(.oversize) || actions.last == .fail(.protocolViolation))
        #expect(actions.contains(.fail(.oversize)))
    }

    @Test func theEndOfTheChannelMeansWhatWasDue() throws {
        var fresh = ExecutorSessionStateMachine()
        _ = fresh.request(.initialize, .object([:]))
        #expect(fresh.hungUp() == .fail(.startFailed))
        var busy = try awaiting()
        #expect(busy.hungUp() == .fail(.crashed))
        var leaving = ExecutorSessionStateMachine()
        try FrameVectorTests.initialise(&leaving, id: 1)
        _ = leaving.request(.shutdown, .object([:]))
        #expect(leaving.hungUp() == .finished)
        var slow = try awaiting()
        #expect(slow.timedOut() == .fail(.hung))
    }

    @Test func onlyOneRequestIsUnderWay() throws {
        var machine = try awaiting()
        #expect(machine.request(.execute, .object([:])) == .fail(.protocolViolation))
        var early = ExecutorSessionStateMachine()
        #expect(early.request(.execute, .object([:])) == .fail(.protocolViolation))
    }
}
