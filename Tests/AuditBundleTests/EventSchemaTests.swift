// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing
import TransparencyLog
import TypedOutput

@testable import AuditBundle

/// The closed schemas of `Attestation/` say what the structs say: the same members, the same ones required.
@Suite("Schemas of events and statements") struct EventSchemaTests {
    static let directory = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Attestation"

    static func schema(_ path: String) throws -> JSONValue {
        try JSONValue.parse(try Files.read(directory + "/" + path))
    }

    /// Every event with all its members, and with the required ones only.
    static var samples: [(type: String, full: JSONValue, minimal: JSONValue)] {
        get throws {
            let digest = Digest.sha256([1])
            let time = try #require(WallTime(rfc3339: "2026-11-21T10:00:00Z"))
            let key = "ed25519:MCowBQYDK2VwAyEA" + String(repeating: "A", count: 43) + "="
            let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
            let request = PolicyRequest(
                action: "release", at: time, model: "m", class: "pii", purpose: "p", requester: "r", task: digest,
                attributes: ["output.check": .string("pass"), "output.bytes": .integer(3)])
            let decision = RecordedDecision(request: request, outcome: "permit", kind: "permitted", rules: ["P1"])
            let micro = "0000/spam"
            func both<T: EventData>(_ full: T, _ minimal: T? = nil) throws -> (
                type: String, full: JSONValue, minimal: JSONValue
            ) {
                (T.type, try CanonicalJSON.value(full), try CanonicalJSON.value(minimal ?? full))
            }
            return [
                try both(
                    Event.RoomCreated(
                        name: "n", origin: "o", logKey: key, statementKey: key, recipient: recipient,
                        postQuantumLogKey: "mldsa65:" + String(repeating: "A", count: 2_632)),
                    Event.RoomCreated(name: "n", origin: "o", logKey: key, statementKey: key, recipient: recipient)),
                try both(
                    Event.RoomOpened(version: "1", executable: digest, halted: true),
                    Event.RoomOpened(version: "1", executable: digest)),
                try both(
                    Event.Halt(reason: "leak", signers: [digest.hex], statement: "{}"),
                    Event.Halt(reason: nil, signers: [digest.hex], statement: "{}")),
                try both(
                    Event.Resume(reason: "mended", signers: [digest.hex], statement: "{}"),
                    Event.Resume(reason: nil, signers: [digest.hex], statement: "{}")),
                try both(Event.KeyCreated(purpose: "log", key: key)),
                try both(
                    Event.KeyRotated(
                        purpose: "log", key: key,
                        postQuantumKey: "mldsa65:" + String(repeating: "A", count: 2_632), statement: "a note"),
                    Event.KeyRotated(purpose: "log", key: key, statement: "a note")),
                try both(Event.PolicyAccepted(sequence: 1, digest: digest, envelope: digest, signers: [digest.hex])),
                try both(Event.PolicyRefused(code: "threshold", envelope: digest)),
                try both(Event.ModelRegistered(name: "m", version: "1", digest: digest, image: digest)),
                try both(
                    Event.JobAccepted(
                        digest: digest, file: digest, task: .init(name: "t", digest: digest),
                        inputs: .init(count: 1, record: digest), purpose: "p",
                        requester: "r", recipient: recipient, budget: .init(cost: 1, wall: "2"))),
                try both(
                    Event.JobDenied(digest: digest, code: "class", decisions: [decision], inputs: digest),
                    Event.JobDenied(digest: digest, code: "label-expired", decisions: [])),
                try both(Event.JobDecomposed(graph: digest, microtasks: 1)),
                try both(
                    Event.AuctionHeld(
                        microtask: micro, input: digest, attempt: 1, at: time, record: digest, winner: "m", bidders: 2,
                        excluded: 1, plan: digest, clock: "behind", trial: true),
                    Event.AuctionHeld(
                        microtask: micro, input: digest, attempt: 1, at: time, record: digest, winner: nil, bidders: 0,
                        excluded: 1)),
                try both(Event.KeyReleased(microtask: micro, input: digest, attempt: 1, decision: decision)),
                try both(
                    Event.JailStarted(jail: "j", model: "m", digest: digest, measurement: digest, role: "executor")),
                try both(
                    Event.InputDelivered(
                        jail: "j", microtask: micro, input: digest, attempt: 1, model: "m", decision: decision,
                        keyDecision: decision),
                    Event.InputDelivered(
                        jail: "j", microtask: micro, input: digest, attempt: 1, model: "m", decision: decision)),
                try both(
                    Event.JailEnded(
                        jail: "j", cause: "exited", exit: 0, signal: 9, limits: "cgroup2", cpuNs: "1", wallNs: "2",
                        peakBytes: 3, bytesIn: 4, bytesOut: 5),
                    Event.JailEnded(
                        jail: "j", cause: "wall-limit", limits: "rlimit", cpuNs: "0", wallNs: "0", peakBytes: 0,
                        bytesIn: 0, bytesOut: 0)),
                try both(
                    Event.OutputValidated(
                        microtask: micro, input: digest, model: "m", jail: "j", verdict: "rejected", code: "schema",
                        schema: digest),
                    Event.OutputValidated(
                        microtask: micro, input: digest, model: "m", jail: "j", verdict: "valid", schema: digest)),
                try both(
                    Event.AuctionSettled(
                        microtask: micro, input: digest, attempt: 1, record: digest, model: "m", outcome: "valid",
                        cost: 1, latencyNs: "2", cpuNs: "3", credits: -4)),
                try both(
                    Event.OutputWithheld(
                        input: digest, code: "schema", decision: decision,
                        microtasks: [.init(id: "spam", state: .denied, model: "m", code: "x", decision: decision)]),
                    Event.OutputWithheld(
                        input: digest, microtasks: [.init(id: "spam", state: .failed, code: "exhausted")])),
                try both(
                    Event.OutputReleased(
                        input: digest, ciphertext: digest, bytes: 3, review: true,
                        microtasks: [.init(id: "a", state: .skipped), .init(id: "b", state: .unsure, model: "m")],
                        decisions: [decision], sidecar: digest, learn: decision),
                    Event.OutputReleased(
                        input: digest, ciphertext: digest, bytes: 3, review: false,
                        microtasks: [.init(id: "spam", state: .answered, model: "m")], decisions: [decision])),
                try both(
                    Event.AirlockQueued(
                        input: digest, held: digest, bytes: 3, approvals: 2, canaries: "pass",
                        microtasks: [.init(id: "spam", state: .answered, model: "m")], decisions: [decision])),
                try both(
                    Event.AirlockDecided(
                        input: digest, held: digest, reviewer: "rev-1", verdict: "approve", reason: "fine", uid: 3,
                        signature: "AAAA"),
                    Event.AirlockDecided(
                        input: digest, held: digest, reviewer: "rev-1", verdict: "reject", reason: "no")),
                try both(
                    Event.JobEnded(
                        state: "released", released: 1, review: 1, failed: 0, denied: 0, cost: 1, wallNs: "2",
                        receipt: digest)),
                try both(
                    Event.FeedbackAdded(
                        microtask: micro, input: digest, model: "m", record: digest, outcome: "right",
                        source: "label", credits: -1, memory: digest, decision: decision),
                    Event.FeedbackAdded(
                        microtask: micro, input: digest, model: "m", record: digest, outcome: "wrong",
                        source: "correction", credits: 1, decision: decision)),
                try both(
                    Event.MemoryErased(entries: [digest], inputs: [digest], reason: "retention"),
                    Event.MemoryErased(entries: [digest], reason: "requested")),
                try both(Event.RoomRestored(reason: "the disk failed", signers: [digest.hex], statement: "{}")),
                try both(
                    Event.CheckpointCosigned(
                        size: 7, root: digest, note: digest,
                        witnesses: [.init(name: "w", keyId: "0a1b2c3d", timestamp: "1790000000")])),
            ]
        }
    }

    @Test("there is a schema for every event and no other") func complete() throws {
        let files = try Files.list(Self.directory + "/events").map { String($0.dropLast(".json".utf8.count)) }
        #expect(files.sorted() == (try Self.samples.map(\.type)).sorted())
    }

    @Test("members and required members are those of the structs") func members() throws {
        for sample in try Self.samples {
            let schema = try Self.schema("events/\(sample.type).json")
            #expect(schema["$id"]?.stringValue == "urn:atomic:event:\(sample.type)")
            #expect(schema["additionalProperties"]?.boolValue == false, "\(sample.type)")
            #expect(
                Set(schema["properties"]?.objectValue?.keys.map { $0 } ?? [])
                    == Set(sample.full.objectValue?.keys.map { $0 } ?? []), "\(sample.type)")
            let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
            #expect(required == Set(sample.minimal.objectValue?.keys.map { $0 } ?? []), "\(sample.type)")
        }
    }

    @Test("whole and minimal events satisfy their schema; a strange or a missing member does not") func validity()
        throws
    {
        for sample in try Self.samples {
            let schema = try OutputSchema(Self.schema("events/\(sample.type).json"))
            #expect(schema.check(sample.full).isEmpty, "\(sample.type)")
            #expect(schema.check(sample.minimal).isEmpty, "\(sample.type)")
            var members = try #require(sample.minimal.objectValue)
            for name in members.keys {
                let kept = members.removeValue(forKey: name)
                #expect(!schema.check(.object(members)).isEmpty, "\(sample.type) without \(name)")
                members[name] = kept
            }
            members["stranger"] = .null
            #expect(!schema.check(.object(members)).isEmpty, "\(sample.type) with a stranger")
        }
    }

    /// Fields of each row of the table in `docs/audit-format.md`, "Events"; `optional` are those in italics.
    struct Row: Equatable {
        var fields: Set<String>
        var optional: Set<String>
    }

    static func table(_ page: String) throws -> [String: Row] {
        let section = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("Events\n") })
        var rows: [String: Row] = [:]
        for line in section.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingPrefix { $0 == " " } }
            let type = try #require(cells.first?.split(separator: "`").first.map(String.init))
            #expect(rows[type] == nil, "\(type) has two rows")
            var row = Row(fields: [], optional: [])
            for word in try #require(cells.dropFirst(2).first).split(separator: " ") {
                let name = String(word.filter { $0 != "`" && $0 != "*" })
                row.fields.insert(name)
                if word.hasPrefix("*") { row.optional.insert(name) }
            }
            rows[type] = row
        }
        return rows
    }

    /// The same from the structs.
    static func rowsOfCode() throws -> [String: Row] {
        Dictionary(
            uniqueKeysWithValues: try samples.map { sample in
                let fields = Set(sample.full.objectValue?.keys.map { $0 } ?? [])
                return (
                    sample.type,
                    Row(fields: fields, optional: fields.subtracting(sample.minimal.objectValue?.keys.map { $0 } ?? []))
                )
            })
    }

    @Test("the table of docs/audit-format.md says what the structs say, type by type and field by field") func table()
        throws
    {
        let path = Self.directory + "/../docs/audit-format.md"
        let page = String(decoding: try Files.read(path), as: UTF8.self)
        let code = try Self.rowsOfCode()
        let documented = try Self.table(page)
        #expect(Set(documented.keys) == Set(code.keys))
        for (type, row) in code { #expect(documented[type] == row, "\(type)") }
        // Whoever forgets a field, its italics or a row does not get past this.
        let changes = [
            ("`code` `envelope` |", "`code` |"), ("*`winner`*", "`winner`"), ("`digest` `image`", "`digest` *`image`*"),
            ("| `memory.erased` |", "| `memory.forgotten` |"),
        ]
        for (from, to) in changes {
            #expect(page.contains(from), "\(from)")
            #expect(try Self.table(page.replacing(from, with: to)) != code, "\(to)")
        }
    }

    @Test("every struct of an event is in the reader of bundles") func readable() throws {
        for sample in try Self.samples {
            let entry = try JSONValue.parse(
                Array(
                    """
                    {"actor":{"id":"uid:0","role":"operator"},"boot":"b","data":{},"mono":"1","policy":0,"prev":\
                    "\(String(repeating: "0", count: 64))","seq":0,"type":"\(sample.type)","v":1,\
                    "wall":"2026-11-21T10:00:00.000000000Z"}
                    """.utf8))
            var members = try #require(entry.objectValue)
            members["data"] = sample.full
            _ = try TypedEvent(LogEntry(bytes: JSONValue.object(members).canonical))
            members["data"] = .object(["stranger": .null])
            let strange = try LogEntry(bytes: JSONValue.object(members).canonical)
            #expect(throws: BundleError.self, "\(sample.type)") { try TypedEvent(strange) }
        }
    }

    @Test("the entries of the golden bundle satisfy the schemas") func golden() throws {
        let entries = try Bundle(bytes: BundleVectors().good).entries()
        #expect(entries.count == 65)
        for entry in entries {
            let schema = try OutputSchema(Self.schema("events/\(entry.type).json"))
            #expect(schema.check(entry.data).isEmpty, "entry \(entry.seq): \(schema.check(entry.data))")
        }
    }

    @Test("the statements of the golden bundle satisfy theirs") func statements() throws {
        let vectors = try BundleVectors()
        let bundle = try Bundle(bytes: vectors.good)
        func check(_ path: String, _ value: JSONValue) throws {
            let found = try OutputSchema(Self.schema("statements/\(path)")).check(value)
            #expect(found.isEmpty, "\(path): \(found)")
        }
        func payload(_ envelope: [UInt8]) throws -> JSONValue {
            let text = try #require(try JSONValue.parse(envelope)["payload"]?.stringValue)
            let bytes = try #require(Base64.decode(text))
            return try JSONValue.parse(bytes)
        }
        try check("bundle.v1.json", payload(bundle.manifest))
        try check("room.v1.json", JSONValue.parse(try #require(bundle[RoomStatement.memberName])))
        try check("trust.json", JSONValue.parse(vectors.trust))
        let labels = bundle.members.filter { $0.name.hasPrefix("labels/") }
        #expect(labels.count == 2)
        for label in labels { try check("label.v1.json", payload(label.content)) }
    }
}
