// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Executors
import Jail
import Sealing
import Testing

/// Every way in which an executor can fail has its own code, and the process is gone afterwards. `good` is the control:
/// the same program, image and jail with an answer.
@Suite(.serialized)
struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let code: ExecutorError.Code
        var testDescription: String { "\(name) is \(code)" }
    }

    private static let table: [(String, ExecutorError.Code)] = [
        ("crash", .crashed), ("quit", .crashed), ("hang", .hung), ("garbage", .garbage), ("oversize", .oversize),
        ("invalid-json", .invalidJSON), ("wrong-id", .protocolViolation), ("network", .modelError),
        ("vsock", .syscall), ("stderr-flood", .oversize), ("memory", .memoryLimit), ("leak", .modelError),
        ("start-quit", .startFailed), ("start-hang", .hung), ("oneshot-crash", .crashed), ("oneshot-hang", .hung),
        ("oneshot-garbage", .garbage), ("oneshot-oversize", .oversize), ("oneshot-invalid", .invalidJSON),
        ("oneshot-error", .modelError), ("oneshot-json-crash", .crashed), ("oneshot-json-hang", .hung),
        ("oneshot-json-exit", .modelError), ("oneshot-json-oversize", .oversize), ("oneshot-json-garbage", .garbage),
        ("oneshot-json-control", .invalidJSON), ("oneshot-json-cut", .invalidJSON), ("oneshot-json-two", .invalidJSON),
        ("oneshot-json-twice", .invalidJSON), ("oneshot-json-deep", .invalidJSON),
        ("oneshot-json-empty", .invalidJSON),
    ]

    static let faults = table.map { Fault(name: $0.0, code: $0.1) }

    @Test(arguments: faults)
    func aFailingModelEndsWithItsOwnCode(fault: Fault) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let session = try fixture.session(fault.name, launcher: launcher)
        let error = #expect(throws: ExecutorError.self) { try session.answer("canary-4711") }
        #expect(error?.code == fault.code, "\(String(describing: error))")
        #expect(error?.exit == .model)
        #expect(error?.description.contains("canary") == false)
        let report = try #require(try session.end())
        #expect(report.accounting.wallNs > 0)
        #expect(throws: ExecutorError.self, "a dead process takes no second call") { try session.answer() }
    }

    @Test(arguments: ["good", "progress", "stderr-noise", "oneshot-good", "oneshot-json-good"])
    func aGoodModelAnswers(name: String) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let session = try fixture.session(name, launcher: launcher)
        let result = try session.answer()
        #expect(result.value == .object(["spam": .bool(true), "confidence": .double(0.9)]))
        #expect(result.confidence == 900_000_000)
        #expect(result.latencyNs > 0)
        let report = try #require(try session.end())
        #expect(report.cause == .exited && report.exit == 0)
        #expect(try report.measurement.digest == session.measurement.digest())
        #expect(report.accounting.bytesOut > 0)
    }

    @Test func oneProcessAnswersManyMessagesWithoutASecondMeasurement() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let session = try fixture.session("good", launcher: launcher)
        try session.start()
        for index in 0..<50 {
            let memory = try ExecutorFixture.memory("message \(index)")
            _ = try session.execute(id: "\(index)/spam", input: memory.fd.raw, schema: .object([:]))
        }
        #expect(try session.end()?.exit == 0)
    }

    @Test func aOneShotSessionTakesOneInput() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let session = try fixture.session("oneshot-good", launcher: launcher)
        _ = try session.answer()
        #expect(throws: ExecutorError(.startFailed, "", remedy: "")) { try session.answer() }
    }

    /// A second answer that nobody asked for may come with the first or after it: it never becomes the next answer.
    @Test func anUnaskedAnswerIsNeverTakenForTheNext() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let session = try fixture.session("twice", launcher: launcher)
        try session.start()
        let memory = try ExecutorFixture.memory("one")
        let error = #expect(throws: ExecutorError.self) {
            for index in 0..<2 {
                _ = try session.execute(id: "\(index)/spam", input: memory.fd.raw, schema: .object([:]))
            }
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test func whatIsLeftOfTheJobsTimeIsADeadline() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        for name in ["hang", "oneshot-hang"] {
            let session = try fixture.session(name, launcher: launcher)
            try session.start()
            let memory = try ExecutorFixture.memory("x")
            let begun = SystemClock.real.monotonic()
            #expect(throws: ExecutorError(.hung, "", remedy: "")) {
                try session.execute(id: "x", input: memory.fd.raw, schema: .object([:]), limitNs: 50_000_000)
            }
            #expect(SystemClock.real.monotonic() - begun < 500_000_000, "the model's own limit is 700 ms")
        }
    }

    @Test func aCallEndsWhenItHasUsedTheCPUTimeThatTheJobPaysFor() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        for name in ["hang", "oneshot-hang"] {
            let session = try fixture.session(name, launcher: launcher)
            try session.start()
            let memory = try ExecutorFixture.memory("x")
            // To take the message at all costs more than a nanosecond; without this limit the code is `hung`.
            #expect(throws: ExecutorError(.overBudget, "", remedy: "")) {
                try session.execute(id: "x", input: memory.fd.raw, schema: .object([:]), cpuLimitNs: 1)
            }
        }
        let session = try fixture.session("good", launcher: launcher)
        try session.start()
        let memory = try ExecutorFixture.memory("x")
        _ = try session.execute(id: "x", input: memory.fd.raw, schema: .object([:]), cpuLimitNs: 60_000_000_000)
    }

    @Test func aBidderBidsInAJailOfItsOwn() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let request = BidRequest(
            type: "spam", class: "pii", purpose: "customer-support", length: 4096, schema: Digest.sha256([]))
        let session = try fixture.session("bid-good", role: .bidder, launcher: launcher)
        try session.start()
        #expect(try session.bid(request) == RawBid(confidence: 875_000_000, cost: 12, latency: 3_000_000))
        #expect(session.measurement.argv == ["/model/fault", "bid-good"])
        #expect(try session.end()?.exit == 0)

        let liar = try fixture.session("bid-lie", role: .bidder, launcher: launcher)
        try liar.start()
        #expect(throws: ExecutorError(.protocolViolation, "", remedy: "")) { try liar.bid(request) }
    }
}
