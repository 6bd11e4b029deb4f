// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@testable import PolicyFile

/// The reference and the schema for editors say what the reader and the evaluator do.
@Suite struct PolicyReferenceTests {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private func text(_ path: String) throws -> String {
        String(decoding: try Files.read("\(root)/\(path)", limit: 1 << 20), as: UTF8.self)
    }

    /// Fails when the page or the schema was edited, or a word was added: run scripts/reference and read the difference.
    @Test func thePageAndTheSchemaAreWhatTheVocabularySays() throws {
        let page = try text("docs/policy-reference.md")
        let pageDifference = try PolicyReference.difference(page, PolicyReference.page(page))
        #expect(pageDifference == nil, "docs/policy-reference.md: run scripts/reference")
        let schemaDifference = try PolicyReference.difference(
            text("Policies/sovereign-policy.schema.json"), PolicyReference.schema)
        #expect(schemaDifference == nil, "Policies/sovereign-policy.schema.json: run scripts/reference")
    }

    /// Without this the test above could be one that never fails.
    @Test func anEditOfAGeneratedSectionIsSeenAndOneOfTheProseIsKept() throws {
        let page = try PolicyReference.page(text("docs/policy-reference.md"))
        for meaning in PolicyAttribute.allCases.map(\.meaning) + PolicyAction.meanings.map(\.1) {
            let edited = page.replacing(meaning, with: meaning + " and more", maxReplacements: 1)
            #expect(edited != page)
            #expect(try PolicyReference.page(edited) == page)
            #expect(PolicyReference.difference(edited, page)?.contains("and more") == true)
        }
        let prose = page.replacing("## Meaning", with: "## What it means")
        #expect(prose != page)
        #expect(try PolicyReference.page(prose) == prose)
        #expect(throws: PolicyFileError.self) {
            try PolicyReference.page(page.replacing("<!-- end of actions -->", with: ""))
        }
    }

    @Test func theSchemaIsJSONAndKnowsEveryWord() throws {
        let schema = try JSONValue.parse(Array(PolicyReference.schema.utf8))
        let conditions = try #require(schema["$defs"]?["conditions"]?["properties"]?.objectValue)
        #expect(Set(conditions.keys) == Set(PolicyAttribute.allCases.map(\.rawValue)))
        let rule = try #require(schema["properties"]?["rules"]?["items"]?["properties"])
        let actions = rule["action"]?["anyOf"]?.arrayValue?.first?["enum"]?.arrayValue?.compactMap(\.stringValue)
        #expect(actions == PolicyAction.all)
        #expect(PolicySchema.plain("so ([below](#there)) and [here](x.md) `a` *b*") == "so and here a b")
    }

    /// Only of these actions does a request have an attribute; of any other a rule that asks about it errs.
    @Test(arguments: PolicyAttribute.allCases)
    func anAttributeIsAskedOfItsActions(_ attribute: PolicyAttribute) throws {
        let values: [PolicyAttribute: String] = [
            .modelName: "local", .modelDeployment: "onprem", .modelJurisdiction: "DE", .modelIsolation: "process",
            .purpose: "support", .class: "pii", .requesterName: "desk-4", .requesterRoles: "requester", .task: "triage",
            .jobHours: "00:00-24:00 UTC", .jobDay: "mon-sun UTC", .outputCheck: "pass", .outputBytes: ">= 0",
            .outputCanaries: "pass", .review: "none", .approvals: ">= 0",
        ]
        let value = try #require(values[attribute])
        let rule = PolicyRule(
            id: "only", effect: .permit, actions: PolicyAction.all, classes: ["pii"],
            when: [attribute.rawValue: [value]])
        let policy = try #require(PolicyFixture.shared).policy(rules: [rule])
            .with(zones: ["UTC": TimeZoneOffsets(offset: 0, changes: [])])
        for action in PolicyAction.all {
            // A request as a room makes it: about a model unless it is about the room, with an output at release.
            let request = PolicyFixture.request(
                action, model: action == PolicyAction.learn ? nil : "local", purpose: "support",
                attributes: action == PolicyAction.release
                    ? [
                        "output.check": .string("pass"), "output.bytes": .integer(1),
                        "output.canaries": .string("pass"),
                        "review": .string("none"), "approvals": .integer(0),
                    ] : [:])
            let decision = policy.decide(request)
            #expect(decision.isPermitted == attribute.actions.contains(action), "\(action): \(decision)")
            if !decision.isPermitted { #expect(decision.kind == .error) }
        }
    }

    /// The reader asks each mapping for the keys of the table and for no other, and demands those that the table says.
    @Test func theReaderAsksForTheKeysOfTheTable() throws {
        let everything = try Sample().mapping(PolicyKeys.all)
        _ = try PolicyReader(everything).read()
        var sections = 0
        for (path, keys) in Self.sections(PolicyKeys.all, []) {
            sections += 1
            let more = everything.editing(path) { $0 + [Sample.entry("zzz", .integer(1))] }
            let unknown = #expect(throws: PolicyFileError.self, "\(path)") { try PolicyReader(more).read() }
            let allowed = unknown?.message.split(separator: "; allowed ").last?.split(separator: ", ").map(String.init)
            #expect(Set(allowed ?? []) == Set(keys.map(\.name)), "\(path)")
            for key in keys {
                let less = everything.editing(path) { $0.filter { $0.key != key.name } }
                if key.isRequired {
                    let missing = #expect(throws: PolicyFileError.self, "\(path) without \(key.name)") {
                        try PolicyReader(less).read()
                    }
                    #expect(missing?.codeName == "missing-key")
                } else {
                    #expect(throws: Never.self, "\(path) without \(key.name)") { try PolicyReader(less).read() }
                }
            }
        }
        #expect(sections >= 20)
    }

    /// Each mapping of the table whose keys are the language's, with the way to one of it.
    private static func sections(_ keys: [PolicyKey], _ path: [String]) -> [(path: [String], keys: [PolicyKey])] {
        func within(_ value: PolicyValue, _ path: [String]) -> [(path: [String], keys: [PolicyKey])] {
            switch value {
            case .mapping(let keys), .mappingWithOne(_, let keys): sections(keys, path)
            case .list(let value, _): within(value, path + ["[]"])
            case .named(_, let value): within(value, path + ["a"])
            default: []
            }
        }
        return [(path, keys)] + keys.flatMap { within($0.value, path + [$0.name]) }
    }
}

/// A value for each key of the table.
private struct Sample {
    private let key: String

    init() throws { key = try SigningKey.generate(.ed25519).publicKey.description }

    private static let place = YAMLPlace(file: "p.yaml", line: 1, column: 1)

    static func node(_ content: YAMLNode.Content) -> YAMLNode { YAMLNode(content: content, place: place) }

    static func entry(_ key: String, _ content: YAMLNode.Content) -> YAMLEntry {
        YAMLEntry(key: key, keyPlace: place, value: node(content))
    }

    func mapping(_ keys: [PolicyKey]) -> YAMLNode {
        Self.node(.mapping(keys.map { Self.entry($0.name, content($0.value)) }))
    }

    private func content(_ value: PolicyValue) -> YAMLNode.Content {
        switch value {
        case .constant(let text): .string(text)
        case .name, .line, .text, .nameOrDigest: .string("a")
        case .integer(let least, _): .integer(least ?? 0)
        case .decimal: .integer(1)
        case .isTrue: .boolean(true)
        case .words(let words): .string(words[0])
        case .digest: .string(PolicyFixture.task.description)
        case .time: .string("2026-11-01T00:00:00Z")
        case .duration: .string("120s")
        case .money: .string("0.40 EUR")
        case .country: .string("DE")
        case .publicKey: .string(key)
        case .recipient: .string(PolicyFixture.recipient)
        case .witness: .string("w1+a17e4d4f+BLR4rNQPhV2kYTdjgPTzBDGZkWVTDh3pRnKmNJU/Ui4T")
        case .oneOrMany(let value): content(value)
        case .list(let value, _): .sequence([Self.node(content(value))])
        case .named(_, let value): .mapping([Self.entry("a", content(value))])
        case .mapping(let keys), .mappingWithOne(_, let keys): mapping(keys).content
        case .conditions: .mapping([Self.entry("class", .string("a"))])
        case .comparison: .string("<= 1")
        case .hours: .string("06:00-22:00 UTC")
        case .days: .string("mon-fri UTC")
        }
    }
}

extension YAMLNode {
    /// The node with other entries in the mapping at a path of keys, where `[]` is the first item of a list.
    fileprivate func editing(_ path: [String], _ edit: ([YAMLEntry]) -> [YAMLEntry]) -> YAMLNode {
        switch content {
        case .mapping(let entries) where path.isEmpty: YAMLNode(content: .mapping(edit(entries)), place: place)
        case .mapping(let entries):
            YAMLNode(
                content: .mapping(
                    entries.map { entry in
                        guard entry.key == path[0] else { return entry }
                        return YAMLEntry(
                            key: entry.key, keyPlace: entry.keyPlace,
                            value: entry.value.editing(Array(path.dropFirst()), edit))
                    }), place: place)
        case .sequence(let items):
            YAMLNode(content: .sequence(items.map { $0.editing(Array(path.dropFirst()), edit) }), place: place)
        default: self
        }
    }
}
