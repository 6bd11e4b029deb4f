// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import PolicyFile
import Sealing
import SovereignPolicy
import Testing

/// A policy and its envelope are read without being written again: the same bytes must pass, and the same be refused, as when
/// they are.
@Suite struct PolicyFormTests {
    /// As every type is read that promises nothing: decoded, encoded and compared.
    private func byEncoding<T: Codable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
        try CanonicalJSON.decode(type, from: bytes)
    }

    /// The value, or the words of the refusal.
    private enum Outcome<Value: Equatable>: Equatable {
        case value(Value)
        case refused(String)

        init(_ body: () throws -> Value) {
            do { self = .value(try body()) } catch { self = .refused("\(error)") }
        }

        var isValue: Bool { if case .value = self { true } else { false } }
    }

    /// A policy in which everything is said that can be.
    private func everything() throws -> SovereignPolicy {
        let base = try #require(PolicyFixture.shared).policy(
            sequence: 2, previous: Digest.sha256([1]),
            classes: PolicyFixture.classes.filter { ["pii", "phi"].contains($0.key) },
            models: PolicyFixture.models.filter { $0.key == "local" },
            emergencyStop: .init(threshold: 1, may: ["halt", "revoke"]))
        let digest = PolicyFixture.task
        var classes = base.dataClasses
        classes["kept"] = DataClass(retention: .init(inputs: Nanoseconds(0), outputs: Nanoseconds(1)))
        var rules = base.rules
        rules.append(
            PolicyRule(
                id: "hours", effect: .permit, actions: ["explore"], classes: ["pii"],
                when: ["job.hours": ["06:00-22:00 UTC"]]))
        var models = base.models
        models["vendor"] = PolicyModel(
            digest: digest, deployment: "onprem", jurisdiction: "DE", maxClass: "pii", isolation: "process",
            publisher: "acme")
        return SovereignPolicy(
            metadata: base.metadata, authority: base.authority, dataClasses: classes, models: models,
            rules: rules,
            outputs: [
                "pii": OutputLimit(
                    schema: [digest], maxBytes: 4096, cosignatures: 1, canaries: "deny", minCell: 5, maxVerbatim: 40,
                    review: .init(reviewers: 1))
            ],
            budgets: [
                "pii": ClassBudget(
                    perJob: .init(cost: Money(micro: 400_000), wall: Nanoseconds(120_000_000_000)),
                    perDay: .init(cost: Money(micro: 9_000_000)))
            ], currency: "EUR", tasks: base.tasks,
            requesters: [
                "desk-4": PolicyRequester(recipient: PolicyFixture.recipient, uid: 1004, roles: ["requester"]),
                "desk-5": PolicyRequester(
                    recipient: PolicyFixture.recipient, key: base.authority.keys[0].key, roles: ["reviewer"]),
            ],
            auction: PolicyAuction(
                weights: .init(quality: 1, price: 2, latency: 3, risk: 4), explorationFloor: 5, minBids: 1,
                bidsPerPublisher: 2, trials: 8),
            tests: [
                PolicyTest(
                    name: "never", given: PolicyFixture.request(attributes: ["output.bytes": .integer(7)]),
                    expect: .deny, kind: .forbidden, by: ["F1"])
            ], invariants: [PolicyInvariant(name: "never", never: ["class": ["pii"]])],
            zones: [
                "UTC": TimeZoneOffsets(offset: 0, changes: [.init(at: base.metadata.notBefore, offset: 3_600)])
            ], clockTolerance: Nanoseconds(1),
            witnesses: ["w1+a17e4d4f+BLR4rNQPhV2kYTdjgPTzBDGZkWVTDh3pRnKmNJU/Ui4T"])
    }

    /// What a policy can say, and what this one does not: a new key belongs into `everything()`.
    @Test func thePolicyOfTheseTestsSaysEverything() throws {
        var silent: Set<String> = []
        var said: Set<String> = []
        func look(_ value: Any) {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .optional {
                mirror.children.forEach { look($0.value) }
                return
            }
            for child in mirror.children {
                let place = "\(mirror.subjectType).\(child.label ?? "")"
                let inner = Mirror(reflecting: child.value)
                let isEmpty =
                    [.optional, .collection, .dictionary].contains(inner.displayStyle) && inner.children.isEmpty
                if isEmpty { silent.insert(place) } else { said.insert(place) }
                look(child.value)
            }
        }
        look(try everything())
        #expect(silent.subtracting(said).isEmpty, "\(silent.subtracting(said).sorted())")
        #expect(said.count > 60)
    }

    @Test func everyChangeOfAPolicyIsReadAsByWritingItAgain() throws {
        let policy = try everything()
        let tree = try CanonicalJSON.value(policy)
        var accepted = 0
        var formAlone = 0
        func compare(_ bytes: [UInt8]) throws {
            let slow = Outcome { try byEncoding(SovereignPolicy.self, bytes) }
            let fast = Outcome { try CanonicalJSON.decode(SovereignPolicy.self, from: bytes) }
            try #require(fast == slow, "\(String(decoding: bytes, as: UTF8.self))")
            if slow.isValue { accepted += 1 }
            // What a check of the form alone would let pass.
            if !slow.isValue, let tree = try? JSONValue.parse(bytes), tree.canonical == bytes,
                (try? CanonicalJSON.decode(SovereignPolicy.self, from: tree)) != nil
            {
                formAlone += 1
            }
        }
        try compare(tree.canonical)
        #expect(accepted == 1)
        var changes = 0
        for changed in Self.changes(of: tree) {
            try compare(changed.canonical)
            changes += 1
        }
        var dice = Dice(seed: 21)
        for _ in 0..<Self.setting("ATOMIC_POLICY_TEXTS", 300) { try compare(Self.damaged(tree.canonical, &dice)) }
        #expect(changes > 900 && accepted > 100 && formAlone > 100, "\(changes), \(accepted), \(formAlone)")
    }

    @Test func everyChangeOfAnEnvelopeIsReadAsByWritingItAgain() throws {
        let fixture = try #require(PolicyFixture.shared)
        var envelope = Envelope(
            payloadType: PolicyEnvelope.payloadType, payload: Array(try fixture.policy().canonicalBytes.prefix(100)))
        try envelope.addSignature(by: fixture.officer)
        try envelope.addSignature(by: fixture.security)
        let bytes = try envelope.canonical()
        var accepted = 0
        func compare(_ bytes: [UInt8]) throws {
            let slow = Outcome { try byEncoding(Envelope.self, bytes) }
            let fast = Outcome { try CanonicalJSON.decode(Envelope.self, from: bytes) }
            try #require(fast == slow, "\(String(decoding: bytes, as: UTF8.self))")
            if slow.isValue { accepted += 1 }
        }
        for changed in try Self.changes(of: JSONValue.parse(bytes)) { try compare(changed.canonical) }
        var dice = Dice(seed: 22)
        for _ in 0..<Self.setting("ATOMIC_POLICY_TEXTS", 300) { try compare(Self.damaged(bytes, &dice)) }
        #expect(accepted > 10)
    }

    private static func setting(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
    }

    /// A tree with one place changed, for each place and each way to change it.
    private static func changes(of tree: JSONValue) -> [JSONValue] {
        var found = others(than: tree)
        switch tree {
        case .object(let members):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                var without = members
                without[name] = nil
                found.append(.object(without))
                without[name + "s"] = value
                found.append(.object(without))
                without[name + "s"] = nil
                without["\u{212a}"] = value
                found.append(.object(without))
                for change in changes(of: value) {
                    var changed = members
                    changed[name] = change
                    found.append(.object(changed))
                }
            }
            for stranger in [JSONValue.null, .integer(1), .string("x"), .array([]), .object([:])] {
                found.append(.object(members.merging(["zz": stranger]) { $1 }))
                found.append(.object(members.merging(["A": stranger]) { $1 }))
            }
        case .array(let items):
            found.append(.array(items + [.null]))
            found.append(.array(items + items))
            found.append(.array(items.dropLast()))
            for (place, item) in items.enumerated() {
                for change in changes(of: item) {
                    var changed = items
                    changed[place] = change
                    found.append(.array(changed))
                }
            }
        default: break
        }
        return found
    }

    /// Values for one place: of other kinds, and other spellings of what it says.
    private static func others(than value: JSONValue) -> [JSONValue] {
        switch value {
        case .string(let text):
            [
                .null, .integer(7), .bool(true), .array([value]), .string(text + " "), .string(text.uppercased()),
                .string(text.replacingOccurrences(of: ".000000000Z", with: "Z")), .string("\u{212a}"), .string(""),
                .string("7"), .string("07"), .string(text + "="),
            ]
        case .integer(let number):
            [.null, .string(String(number)), .integer(number + 1), .double(Double(number) + 0.5), .integer(.min)]
        case .array(let items): [.null, .object([:]), .string(""), .array(items.reversed())]
        case .object: [.null, .array([]), .object([:]), .integer(0)]
        case .null, .bool, .double: []
        }
    }

    /// Bytes changed without regard to what they mean.
    private static func damaged(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<2, using: &dice) {
            let place = Int.random(in: bytes.indices, using: &dice)
            let other = Int.random(in: bytes.indices, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(dice.one(of: Array(" \n\t0-\"{}[],:\\".utf8)), at: place)
            case 3: bytes.swapAt(place, other)
            case 4:
                bytes.insert(
                    contentsOf: bytes[min(place, other)...min(max(place, other), min(place, other) + 40)], at: place)
            default: bytes[place] = dice.one(of: Array("019aZ\" ".utf8))
            }
        }
        return bytes
    }
}
