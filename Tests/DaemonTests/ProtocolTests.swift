// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Daemon

@Suite("A client's side of the protocol")
struct ConnectionTests {
    private static let status = Array("{\"v\":1,\"verb\":\"status\"}\n".utf8)

    private func code(_ action: ConnectionStateMachine.Action?) -> String? {
        if case .refuse(let error) = action { return error.codeName }
        return nil
    }

    @Test("A request is served however its bytes arrive, and the next one after its answer")
    func pieces() {
        for size in 1...Self.status.count {
            var machine = ConnectionStateMachine(at: 0)
            var served = 0
            for start in stride(from: 0, to: Self.status.count, by: size) {
                let piece = Self.status[start..<min(start + size, Self.status.count)]
                if machine.received(piece, at: 1) == .serve(.status) { served += 1 }
            }
            #expect(served == 1)
            #expect(!machine.wantsBytes, "nothing is read while a request is in hand")
            #expect(machine.finished(at: 2) == nil)
            #expect(machine.received(Self.status, at: 3) == .serve(.status))
        }
    }

    @Test("Requests that come at once are served one after the other")
    func pipelined() {
        var machine = ConnectionStateMachine(at: 0)
        #expect(machine.received(Self.status + Self.status, at: 1) == .serve(.status))
        #expect(machine.finished(at: 2) == .serve(.status))
        #expect(machine.finished(at: 3) == nil)
    }

    @Test("A client that begins a line and does not end it is let go; one that was served may be silent")
    func slow() {
        var machine = ConnectionStateMachine(at: 0, patienceNs: 100)
        #expect(machine.tick(at: 99) == nil)
        #expect(code(machine.tick(at: 100)) == "slow")
        machine = ConnectionStateMachine(at: 0, patienceNs: 100)
        for time in stride(from: UInt64(10), to: 100, by: 10) {
            #expect(machine.received([0x20], at: time) == nil)
        }
        #expect(code(machine.tick(at: 100)) == "slow", "a byte now and then buys no time")
        machine = ConnectionStateMachine(at: 0, patienceNs: 100)
        #expect(machine.received(Self.status, at: 1) == .serve(.status))
        #expect(machine.tick(at: 1_000) == nil)
        _ = machine.finished(at: 1_000)
        #expect(machine.deadline == nil)
        #expect(machine.received([0x7b], at: 5_000) == nil)
        #expect(machine.deadline == 5_100)
    }

    @Test("A line too long is refused before its end, and no byte after a refusal is looked at")
    func tooLong() {
        var machine = ConnectionStateMachine(at: 0)
        let chunk = [UInt8](repeating: 0x61, count: 65_536)
        var refusals = 0
        for _ in 0..<64 where code(machine.received(chunk, at: 1)) == "line-too-long" { refusals += 1 }
        #expect(refusals == 1)
        #expect(machine.received(Self.status, at: 2) == nil)
        #expect(!machine.wantsBytes)
    }

    @Test("A client that ends its side still gets its answer")
    func halfClosed() {
        var machine = ConnectionStateMachine(at: 0)
        #expect(machine.received(Self.status, at: 1) == .serve(.status))
        #expect(machine.ended(at: 2) == nil)
        #expect(machine.finished(at: 3) == .close)
        machine = ConnectionStateMachine(at: 0)
        #expect(machine.ended(at: 1) == .close)
    }
}

@Suite("What is a request")
struct RequestTests {
    private func refusal(_ text: String) -> String? {
        do {
            _ = try DaemonRequest(line: Array(text.utf8))
            return nil
        } catch {
            return error.message
        }
    }

    @Test("Every verb comes back as it was sent")
    func roundTrip() throws {
        let order = JobOrderFixture.order
        for request: DaemonRequest in [
            .run(order), .attach(job: "job-1"), .stop(job: "job-1"), .modelAdd(bundle: "/m"),
            .policyAccept(envelope: [0, 255, 10]), .status, .shutdown,
        ] {
            let line = try request.line()
            #expect(line.last == 0x0a && !line.dropLast().contains(0x0a))
            #expect(try DaemonRequest(line: Array(line.dropLast())) == request)
        }
    }

    @Test(
        "What is not exactly a request is refused",
        arguments: [
            "", "null", "[]", "{}", "{\"v\":1}", "{\"v\":1,\"verb\":\"no\"}", "{\"v\":1,\"verb\":\"attach\"}",
            "{\"v\":1,\"verb\":\"status\",\"job\":\"j\"}", "{\"v\":1,\"verb\":\"status\",\"more\":1}",
            "{\"v\":1,\"verb\":\"attach\",\"job\":7}", "{\"v\":1,\"verb\":\"status\",\"v\":1}",
            "{\"v\":1,\"verb\":\"policy-accept\",\"envelope\":\"***\"}",
            "{\"v\":1,\"verb\":\"run\",\"order\":{\"name\":\"x\"}}",
            "{\"v\":1,\"verb\":\"append\",\"events\":[{\"type\":\"x.a\",\"data\":{},\"more\":1}]}",
            "{\"v\":1,\"verb\":\"status\"", String(repeating: "[", count: 100_000),
        ])
    func malformed(text: String) { #expect(refusal(text) != nil) }

    @Test("A client of another version is told so, whatever else it says")
    func version() {
        #expect(refusal("{\"v\":2,\"verb\":\"new\",\"field\":1}")?.contains("version 1") == true)
        #expect(refusal("{\"v\":1,\"verb\":\"status\"}") == nil)
    }

    @Test("Of bytes at random none stops the reader")
    func random() {
        var state: UInt64 = 20_261_121
        for length in 0..<600 {
            let bytes = (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            #expect((try? DaemonRequest(line: bytes)) == nil)
        }
    }
}
