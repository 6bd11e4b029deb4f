// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Testing

@testable import Executors

/// Parsers, featurizers and the hints of adaptation in `model.yaml`.
struct ServiceManifestTests {
    static let parser = """
        name: a-parser
        version: "1"
        licence: MIT
        tasks: [{type: parse, schema: "urn:atomic:schema:parsed:v1"}]
        protocol: oneshot
        argv: [/usr/bin/true]
        image: {closure: {programs: [/usr/bin/true]}}
        profile: executor
        prices: {call: "0 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
        answer: {json: true}
        """
    static let model = """
        name: a-model
        version: "1"
        licence: MIT
        tasks: [{type: category, schema: "urn:atomic:schema:category:v1"}]
        protocol: jsonrpc
        argv: [/usr/bin/true]
        image: {closure: {programs: [/usr/bin/true]}}
        profile: executor
        prices: {call: "0.00001 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
        bid: {fixed: {confidence: 0.8, cost: "0.00001 EUR", latency: 2s}}
        adaptation:
          demonstrations: 8
          memory: 200
          templates: [plain, short]
          parameters: [{name: temperature, values: ["0", "0.7"]}, {name: samples, values: [1, 3]}]
        """

    private func read(_ text: String) throws -> ModelManifest {
        try ManifestFile.read(Array(text.utf8), file: "model.yaml")
    }

    private func featurizer() -> String {
        Self.parser.replacing("parse,", with: "features,").replacing("oneshot", with: "jsonrpc")
            .replacing("answer: {json: true}", with: "")
    }

    @Test func aParserAndAFeaturizerHaveNoBid() throws {
        let parser = try read(Self.parser)
        #expect(parser.isService && parser.bid == nil && parser.answer == .json)
        let bytes = try CanonicalJSON.encode(parser)
        #expect(try CanonicalJSON.decode(ModelManifest.self, from: bytes) == parser)
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""answer":{"json":true}"#))
        #expect(try read(featurizer()).isService)
        #expect(try !read(Self.model).isService)
    }

    @Test func theHintsOfAdaptationAreRead() throws {
        let manifest = try read(Self.model)
        let hints = try #require(manifest.adaptation)
        #expect(hints.demonstrations == 8 && hints.memory == 200 && hints.templates == ["plain", "short"])
        #expect(hints.parameters.map(\.name) == ["temperature", "samples"])
        #expect(hints.parameters.last?.values == [.integer(1), .integer(3)])
        #expect(try CanonicalJSON.decode(ModelManifest.self, from: CanonicalJSON.encode(manifest)) == manifest)
        #expect(try read(Self.parser).adaptation == nil)
    }

    /// The digest of a registered model is the digest of this form: what came later must not change it.
    @Test func aModelThatUsesNothingNewKeepsItsForm() throws {
        let form = String(decoding: try CanonicalJSON.encode(try read(BundleFileTests.good)), as: UTF8.self)
        #expect(form.contains(#""answer":{"confidence":{"complement":[1],"#) && form.contains(#""bid":{"fixed":"#))
        #expect(!form.contains("adaptation") && !form.contains("json\""))
    }

    @Test(arguments: [
        ("answer: {json: true}", "answer: {json: false}"), ("answer: {json: true}", "answer: {json: true, exit: {}}"),
        ("answer: {json: true}", "answer: {exit: {0: {}}}"), ("answer: {json: true}", ""),
        ("call: \"0 EUR\"", "call: \"0.1 EUR\""), ("protocol: oneshot", "protocol: jsonrpc"),
        ("tasks: [", "tasks: [{type: spam, schema: s}, "), ("parse,", "spam,"),
        ("answer:", "bid: {fixed: {confidence: 0.8, cost: \"0 EUR\", latency: 2s}}\nanswer:"),
    ])
    func aParserThatBidsOrCostsOrLivesOnIsRefused(old: String, new: String) throws {
        try refuse(Self.parser, old, new)
    }

    @Test(arguments: [
        ("demonstrations: 8", "demonstrations: 65"), ("memory: 200", "memory: 1001"), ("memory: 200", "memori: 200"),
        ("[plain, short]", "[plain, plain]"), ("[plain, short]", "[]"), ("[1, 3]", "[[1]]"), ("[1, 3]", "[]"),
        ("[1, 3]", "[0.5]"), ("name: samples", "name: temperature"), ("name: samples", "nam: samples"),
        ("bid:", "# bid:"), ("protocol: jsonrpc", "protocol: oneshot\nanswer: {json: true}"),
        ("protocol: jsonrpc", "protocol: jsonrpc\nanswer: {json: true}"),
    ])
    func hintsOutOfBoundsAreRefused(old: String, new: String) throws { try refuse(Self.model, old, new) }

    private func refuse(_ good: String, _ old: String, _ new: String) throws {
        _ = try read(good)
        #expect(good.contains(old))
        let error = #expect(throws: PolicyFileError.self) { try read(good.replacing(old, with: new)) }
        #expect(error?.message.hasPrefix("model.yaml:") == true, "\(String(describing: error?.message))")
    }
}
