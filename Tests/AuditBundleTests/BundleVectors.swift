// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// The golden bundles of `Tests/Vectors/bundle`.
struct BundleVectors {
    struct Case: CustomStringConvertible, Sendable {
        let name: String
        let expect: String
        let bytes: [UInt8]
        var description: String { name }
    }

    let good: [UInt8]
    let trust: [UInt8]
    let bundles: [Case]
    let trusts: [Case]

    static let directory = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Vectors/bundle"

    init() throws {
        let good = try Files.read(Self.directory + "/good.atomic")
        self.good = good
        trust = try Files.read(Self.directory + "/trust.json")
        bundles = try Self.cases("bundles.json") { item in
            try (item["pieces"]?.arrayValue ?? []).flatMap { piece -> [UInt8] in
                guard let text = piece.stringValue else { throw Malformed() }
                let copy = text.dropFirst().split(separator: "+").compactMap { Int($0) }
                if text.hasPrefix("@"), copy.count == 2 { return Array(good[copy[0]..<copy[0] + copy[1]]) }
                guard let bytes = Base64.decode(text) else { throw Malformed() }
                return bytes
            }
        }
        trusts = try Self.cases("trust-files.json") { $0["trust"]?.canonical ?? [] }
    }

    struct Malformed: Error {}

    private static func cases(_ file: String, bytes: (JSONValue) throws -> [UInt8]) throws -> [Case] {
        let root = try JSONValue.parse(try Files.read(directory + "/" + file))
        return try (root["cases"]?.arrayValue ?? []).map { item in
            guard let name = item["name"]?.stringValue, let expect = item["expect"]?.stringValue else {
                throw Malformed()
            }
            return Case(name: name, expect: expect, bytes: try bytes(item))
        }
    }
}
