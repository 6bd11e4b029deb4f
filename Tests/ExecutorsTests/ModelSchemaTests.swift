// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Testing
import TypedOutput

@testable import Executors

/// `Models/model.schema.json`, which editors read, says what `atomic model add` does.
struct ModelSchemaTests {
    private static let models = "\(ExecutorFixture.package)/Models"

    @Test(arguments: [
        ("prices: {call: \"0 EUR\"", "prices: {call: \"0.1 EUR\""), ("answer: {json: true}", "answer: {json: false}"),
        ("answer:", "bid: {program: [/x]}\nanswer:"), ("parse,", "spam,"),
        ("tasks: [", "tasks: [{type: spam, schema: s}, "),
    ])
    func aParserIsHeldToTheSameBySchemaAndReader(old: String, new: String) throws {
        try holdAlike(ServiceManifestTests.parser, old, new)
    }

    @Test(arguments: [
        ("demonstrations: 8", "demonstrations: 65"), ("memory: 200", "memori: 200"), ("[plain, short]", "[a, a]"),
        ("[1, 3]", "[[1]]"), ("bid:", "# bid:"),
    ])
    func hintsAreHeldToTheSameBySchemaAndReader(old: String, new: String) throws {
        try holdAlike(ServiceManifestTests.model, old, new)
    }

    private func holdAlike(_ good: String, _ old: String, _ new: String) throws {
        #expect(try schema().check(json(YAMLNode.read(Array(good.utf8), file: "x"))) == [])
        _ = try ManifestFile.read(Array(good.utf8), file: "x")
        let bad = Array(good.replacing(old, with: new).utf8)
        #expect(throws: PolicyFileError.self) { try ManifestFile.read(bad, file: "x") }
        #expect(try schema().admits(json(YAMLNode.read(bad, file: "x"))) == false)
    }

    private func schema() throws -> OutputSchema {
        try OutputSchema(JSONValue.parse(Files.read("\(Self.models)/model.schema.json")))
    }

    private func json(_ node: YAMLNode) throws -> JSONValue {
        switch node.content {
        case .decimal(let value): .double(Double(value) / 1e9)
        case .sequence(let nodes): .array(try nodes.map(json))
        case .mapping(let entries):
            .object(try Dictionary(uniqueKeysWithValues: entries.map { ($0.key, try json($0.value)) }))
        default: try node.json
        }
    }

    static let bundles = ((try? Files.list(models)) ?? []).filter { Files.exists("\(models)/\($0)/model.yaml") }

    @Test(arguments: bundles)
    func aShippedBundleIsReadAndFitsTheSchema(name: String) throws {
        let path = "\(Self.models)/\(name)/model.yaml"
        let bytes = try Files.read(path)
        let manifest = try ManifestFile.read(bytes, file: path)
        #expect(manifest.name == name)
        #expect(try schema().check(json(YAMLNode.read(bytes, file: path))) == [])
        // Its tasks' schemas are the ones that the demo's graph names.
        for task in manifest.tasks {
            let name = task.type == "parse" ? "parsed" : task.type
            let schema = try JSONValue.parse(Files.read("\(Self.models)/tasks/\(name).schema.json"))
            #expect(schema["$id"] == .string(task.schema))
        }
        let keys = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.first?.isLetter == true }
        #expect(keys.count <= 20, "a model takes one file and at most twenty keys")
    }

    @Test(arguments: [
        ("name: a-model", "name: A/Model"), ("licence: MIT", "licenze: MIT"), ("oneshot", "openai"),
        ("64MiB", "64MB"), ("wall: 10s", "wall: 0s"), ("0.80", "1.01"), ("version: \"1\"", "version: 1"),
        ("{fixed:", "{guessed:"), ("scale: 1", "scale: 0"), ("processes: 3", "processes: 0"),
    ])
    func whatTheReaderRefusesTheSchemaRefuses(old: String, new: String) throws {
        let good = BundleFileTests.good.replacing("complement: [1]", with: "scale: 1, complement: [1]")
        #expect(try schema().check(json(YAMLNode.read(Array(good.utf8), file: "x"))) == [])
        _ = try ManifestFile.read(Array(good.utf8), file: "x")
        let bad = Array(good.replacing(old, with: new).utf8)
        #expect(throws: PolicyFileError.self) { try ManifestFile.read(bad, file: "x") }
        #expect(try schema().admits(json(YAMLNode.read(bad, file: "x"))) == false)
    }
}
