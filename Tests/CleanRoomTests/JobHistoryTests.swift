// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Reporting
import Testing
import TransparencyLog

@testable import CleanRoom

/// What log entries tell of executions.
struct JobHistoryTests {
    private static func entry(
        _ seq: Int64, ms: Int64, _ type: String, _ data: [String: JSONValue], job: String = "job-1",
        boot: String = "00000000-0000-0000-0000-000000000000"
    ) throws -> LogEntry {
        try LogEntry(
            bytes: JSONValue.object([
                "v": .integer(1), "seq": .integer(seq), "prev": .string(String(repeating: "0", count: 64)),
                "boot": .string(boot), "wall": .string("2026-11-21T10:00:00.000000000Z"),
                "mono": .string(String(1_000_000_000 + ms * 1_000_000)), "type": .string(type),
                "actor": .object(["id": .string("room"), "role": .string("supervisor")]), "job": .string(job),
                "policy": .integer(1), "data": .object(data),
            ]).canonical)
    }

    private static func settled(_ step: String, _ model: String, _ outcome: String, ms: Int64) -> [String: JSONValue] {
        [
            "microtask": .string(step), "model": .string(model), "outcome": .string(outcome), "cost": .integer(7),
            "latencyNs": .string(String(ms * 1_000_000)), "cpuNs": .string("500"), "input": .string("sha256:aa"),
        ]
    }

    private static func validated(_ step: String, _ model: String, _ jail: String) -> [String: JSONValue] {
        ["microtask": .string(step), "model": .string(model), "jail": .string(jail), "input": .string("sha256:aa")]
    }

    private static func started(_ jail: String, _ model: String, _ role: String) -> [String: JSONValue] {
        ["jail": .string(jail), "model": .string(model), "role": .string(role)]
    }

    /// A parser, then an executor that starts, fails once and answers once.
    private func history(_ extra: [LogEntry] = []) throws -> JobHistory {
        var history = JobHistory("job-1")
        let entries = try [
            Self.entry(0, ms: 0, "job.accepted", [:]),
            Self.entry(1, ms: 10, "jail.started", Self.started("p", "mail-parser", "parser")),
            Self.entry(2, ms: 10, "input.delivered", ["jail": .string("p"), "input": .string("sha256:aa")]),
            Self.entry(3, ms: 40, "output.validated", Self.validated("0000/parse", "mail-parser", "p")),
            Self.entry(
                4, ms: 41, "jail.ended",
                [
                    "jail": .string("p"), "cause": .string("exited"), "cpuNs": .string("30000000"),
                    "peakBytes": .integer(4_096),
                ]),
            Self.entry(5, ms: 50, "jail.started", Self.started("e", "bayes", "executor")),
            Self.entry(6, ms: 250, "output.validated", Self.validated("0000/spam", "bayes", "e")),
            Self.entry(7, ms: 250, "auction.settled", Self.settled("0000/spam", "bayes", "schema", ms: 20)),
            Self.entry(8, ms: 300, "output.validated", Self.validated("0000/spam", "bayes", "e")),
            Self.entry(9, ms: 300, "auction.settled", Self.settled("0000/spam", "bayes", "valid", ms: 10)),
            Self.entry(
                10, ms: 310, "output.released",
                [
                    "input": .string("sha256:aa"),
                    "microtasks": .array([
                        .object([
                            "id": .string("reply"), "decision": .object(["rules": .array([.string("F2")])]),
                        ])
                    ]),
                ]),
        ]
        for entry in entries + extra { history.read(entry) }
        return history
    }

    @Test func executionsAndTheirTimesAreRead() throws {
        let history = try history()
        #expect(history.attempts.map(\.outcome) == ["schema", "valid"])
        #expect(history.attempts.first?.microtask == "spam")
        #expect(history.attempts.map(\.cost) == [7, 7])
        let ms = history.spans.map {
            [$0.model, $0.phase, String($0.startNs / 1_000_000), String($0.endNs / 1_000_000)]
        }
        #expect(
            ms == [
                ["mail-parser", "starting", "10", "10"], ["mail-parser", "working", "10", "40"],
                ["bayes", "starting", "50", "230"], ["bayes", "working", "230", "250"],
                ["bayes", "working", "290", "300"],
            ])
        #expect(
            history.processes == [
                .init(model: "mail-parser", role: "parser", cause: "exited", cpuNs: 30_000_000, peakBytes: 4_096)
            ])
        #expect(history.latencies == ["sha256:aa": 300_000_000])
        #expect(history.denials == [["sha256:aa", "reply"]: ["F2"]])
    }

    @Test func otherJobsAndOtherClocksAreNotCounted() throws {
        let other = try Self.entry(
            11, ms: 400, "auction.settled", Self.settled("0000/spam", "bayes", "valid", ms: 5), job: "job-2")
        let rebooted = try [
            Self.entry(
                12, ms: 5, "output.validated", Self.validated("0001/spam", "bayes", "e"),
                boot: "11111111-0000-0000-0000-000000000000"),
            Self.entry(
                13, ms: 5, "auction.settled", Self.settled("0001/spam", "bayes", "valid", ms: 5),
                boot: "11111111-0000-0000-0000-000000000000"),
        ]
        let history = try history([other] + rebooted)
        // After a restart of the machine an execution counts, but nobody can say when it was on the first clock.
        #expect(history.attempts.count == 3)
        #expect(history.spans.count == 5)
    }
}
