// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

/// Golden vectors, made from `docs/auction.md` by a generator that shares no code with this package.
struct VectorTests {
    private func cases(_ file: String) throws -> [JSONValue] {
        let tree = try JSONValue.parse(
            try Files.read(TestFiles.package + "/Tests/Vectors/auction/" + file, limit: 64 << 20))
        return try #require(tree["cases"]?.arrayValue)
    }

    private func bytes(_ member: JSONValue?) throws -> [UInt8] {
        let text = try #require(member?.stringValue)
        return try #require(Base64.decode(text))
    }

    @Test func everyAwardIsTheOneOfTheVectors() throws {
        let cases = try cases("award.json")
        #expect(cases.count >= 60)
        for vector in cases {
            let name = try #require(vector["name"]?.stringValue)
            let input = try CanonicalJSON.decode(AuctionInput.self, from: try bytes(vector["input"]))
            let record = try AuctionRecord.hold(input)
            #expect(try CanonicalJSON.encode(record.award) == bytes(vector["award"]), "\(name)")
            #expect(try record.digest().description == vector["record"]?.stringValue, "\(name)")
        }
    }

    @Test func everyRefusalHasTheCodeOfTheVectors() throws {
        let cases = try cases("refused.json")
        #expect(cases.count >= 10)
        for vector in cases {
            let name = try #require(vector["name"]?.stringValue)
            let input = try CanonicalJSON.decode(AuctionInput.self, from: try bytes(vector["input"]))
            var code = "ok"
            do throws(AuctionError) { _ = try Auction.hold(input) } catch { code = error.codeName }
            #expect(code == vector["expect"]?.stringValue, "\(name)")
        }
    }
}
