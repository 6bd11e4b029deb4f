// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import SovereignPolicy
import Testing
import TransparencyLog

@testable import AtomicCommand

/// What `atomic audit tail` and `show` tell a person.
@Suite("Entries as text")
struct EntryTextTests {
    private func entry(
        _ type: String, _ data: JSONValue, job: String? = nil, actor: String = "uid:0"
    ) throws -> LogEntry {
        var members: [String: JSONValue] = [
            "v": .integer(1), "seq": .integer(12), "prev": .string(String(repeating: "0", count: 64)),
            "boot": .string("b"), "wall": .string("2026-11-21T10:00:00.123456789Z"), "mono": .string("1"),
            "type": .string(type), "actor": .object(["id": .string(actor), "role": .string("operator")]),
            "policy": .integer(1), "data": data,
        ]
        members["job"] = job.map { .string($0) }
        return try LogEntry(bytes: JSONValue.object(members).canonical)
    }

    private func entry(_ event: some EventData, job: String? = nil) throws -> LogEntry {
        try entry(type(of: event).type, CanonicalJSON.value(event), job: job)
    }

    private func decision(_ model: String, _ outcome: String, _ kind: String, _ rules: [String]) -> RecordedDecision {
        let request = PolicyRequest(
            action: "bid", at: nil, model: model, class: nil, purpose: "support", requester: "desk-4", task: nil)
        return RecordedDecision(request: request, outcome: outcome, kind: kind, rules: rules)
    }

    @Test("a line says number, time, who, what, to which job, by which rule")
    func line() throws {
        let event = Event.KeyReleased(
            microtask: "0007/spam", input: .sha256([1]), attempt: 2,
            decision: decision("m", "permit", "permitted", ["P1", "P2"]))
        #expect(
            EntryText(try entry(event, job: "job-1")).line
                == "    12  2026-11-21 10:00:00.123  uid:0     key.released      0007/spam: key of input 4bf5122f3445, "
                + "attempt 2; job-1; permitted by P1 P2")
    }

    @Test("a denial names each model with its rule, or says that there is none")
    func denial() throws {
        let event = Event.JobDenied(
            digest: .sha256([1]), code: "no-eligible-model",
            decisions: [
                decision("cloud", "deny", "forbidden", ["F1"]), decision("other", "deny", "not-permitted", []),
                decision("third", "deny", "error", []),
            ])
        let line = EntryText(try entry(event)).line
        #expect(line.contains("no-eligible-model, asked by desk-4 for support"))
        #expect(
            line.hasSuffix(
                "; bid of cloud: forbidden by F1, bid of other: no rule permits it, bid of third: denied: error"))
    }

    @Test("text of other programs cannot drive the terminal, break the line, or pass for a decision of ours")
    func hostile() throws {
        let evil = "\u{1b}[2J\n\u{202e}x"
        let forged: JSONValue = .object([
            evil: .string(evil),
            "decision": .object([
                "request": .object([:]), "outcome": .string("permit"), "rules": .array([.string("P1")]),
            ]),
        ])
        let text = EntryText(try entry("x.evil", forged, job: evil, actor: evil))
        #expect(!text.line.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" })
        #expect(!text.line.contains("permitted by"))
        #expect(!text.paragraph.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" })
        // The same in an event of ours whose texts a policy or a model chose.
        let told = EntryText(
            try entry(Event.ModelRegistered(name: evil, version: evil, digest: .sha256([1]), image: .sha256([1]))))
        #expect(!told.line.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" })
    }

    @Test(
        "what is not as expected is told all the same",
        arguments: ["job.denied", "jail.ended", "auction.held", "of.tomorrow"])
    func strange(type: String) throws {
        for data in [JSONValue.object([:]), .object(["decisions": .integer(1), "exit": .null, "code": .array([])])] {
            #expect(EntryText(try entry(type, data)).line.contains(type))
        }
    }

    @Test("a paragraph has one fact per line, lists included")
    func paragraph() throws {
        let event = Event.JobDenied(
            digest: .sha256([1]), code: "c", decisions: [decision("m", "deny", "forbidden", ["F1", "F2"])])
        let rows = EntryText(try entry(event)).paragraph.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(rows.contains("decisions.0.rules.1 F2"))
        #expect(rows.contains("decisions.0.request.model m"))
        #expect(rows.contains("policy 1"))
    }
}
