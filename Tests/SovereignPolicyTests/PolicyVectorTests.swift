// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing

/// The golden vectors of `Tests/Vectors/policy`, made by a generator that shares no code with ours.
@Suite struct PolicyVectorTests {
    struct Vectors {
        let cases: [JSONValue]
        private let policies: [String: JSONValue]

        init(_ name: String) throws {
            let here = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            let file = try JSONValue.parse(Files.read("/\(here)/Vectors/policy/\(name).json", limit: 1 << 22))
            cases = try #require(file["cases"]?.arrayValue)
            policies = try #require(file["policies"]?.objectValue)
        }

        /// A policy by its digest, which must be the digest that we compute.
        func policy(_ digest: String) throws -> SovereignPolicy {
            let text = try #require(policies[digest]?.stringValue)
            let bytes = try #require(Base64.decode(text))
            let policy = try CanonicalJSON.decode(SovereignPolicy.self, from: bytes)
            #expect(try policy.digest.description == digest)
            return policy
        }
    }

    func text(_ item: JSONValue, _ key: String) throws -> String { try #require(item[key]?.stringValue) }

    @Test func decisionsAgree() throws {
        let vectors = try Vectors("decision")
        #expect(vectors.cases.count >= 30)
        for item in vectors.cases {
            let name = try text(item, "name")
            let policy = try vectors.policy(text(item, "policy"))
            #expect(policy.problems.isEmpty, "\(name)")
            let bytes = try #require(Base64.decode(text(item, "request")))
            let request = try CanonicalJSON.decode(PolicyRequest.self, from: bytes)
            let decision = policy.decide(request)
            #expect(decision.outcome.rawValue == item["outcome"]?.stringValue, "\(name)")
            #expect(decision.kind.rawValue == item["kind"]?.stringValue, "\(name)")
            let rules = try #require(item["rules"]?.arrayValue).compactMap(\.stringValue)
            #expect(decision.ruleIDs.sorted() == rules, "\(name)")
        }
    }

    @Test func joinsAgree() throws {
        let vectors = try Vectors("join")
        #expect(vectors.cases.count >= 10)
        for item in vectors.cases {
            let name = try text(item, "name")
            let policy = try vectors.policy(text(item, "policy"))
            let classes = try #require(item["classes"]?.arrayValue).compactMap(\.stringValue)
            #expect(policy.join(classes) == item["join"]?.stringValue, "\(name)")
        }
    }

    @Test func envelopesAgree() throws {
        let vectors = try Vectors("envelope")
        #expect(vectors.cases.count >= 30)
        for item in vectors.cases {
            let name = try text(item, "name")
            let expected = try text(item, "expect")
            let envelope = try #require(Base64.decode(text(item, "envelope")))
            let now = try #require(WallTime(rfc3339: text(item, "now")))
            let previous = try item["previous"]?.stringValue.map { try vectors.policy($0) }
            var code = "ok"
            do throws(PolicyError) {
                let accepted = try PolicyEnvelope.examine(envelope, previous: previous, now: now)
                #expect(accepted.policy.sequence == item["sequence"]?.integerValue, "\(name)")
                #expect(accepted.digest.description == item["digest"]?.stringValue, "\(name)")
            } catch {
                code = error.codeName
            }
            #expect(code == expected, "\(name)")
        }
    }
}
