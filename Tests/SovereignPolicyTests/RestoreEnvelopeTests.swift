// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@Suite("Signed restores") struct RestoreEnvelopeTests {
    let fixture: PolicyFixture
    let policy: SovereignPolicy
    let room = "atomic-room/ward-3/0a1b2c3d"

    init() throws {
        fixture = try #require(PolicyFixture.shared)
        policy = fixture.policy(emergencyStop: .init(threshold: 1, may: ["halt", "revoke"]))
    }

    func code(_ code: String) -> PolicyError { PolicyError(.init(rawValue: code), "", remedy: "") }

    func statement(
        room: String? = nil, policy: SovereignPolicy? = nil, newest: Int64? = nil, size: Int64 = 7,
        lost: [String]? = nil, reason: String = "the disk failed"
    ) throws -> RestoreStatement {
        RestoreStatement(
            room: room ?? self.room, policy: try StatedPolicy(policy ?? self.policy),
            newest: newest.map { StatedPolicy(sequence: $0, digest: .sha256([1])) },
            backup: .init(size: size, root: .sha256([2])), lost: lost, at: try #require(PolicyFixture.noon),
            nonce: Hex.encode(RandomBytes.make(16)), reason: reason)
    }

    func examine(_ bytes: [UInt8], trusted: Set<PublicKey>? = nil) throws -> RestoreEnvelope.Examined {
        try RestoreEnvelope.examine(bytes, room: room, policy: policy, trusted: trusted)
    }

    @Test("only the quorum restores, its required role among it; who may halt may not")
    func quorum() throws {
        let one = try RestoreEnvelope.sign(statement(newest: 3, lost: ["a note"]), by: fixture.security)
        #expect(throws: code("threshold")) { try examine(one) }
        #expect(throws: code("role")) { try examine(RestoreEnvelope.add(by: fixture.director, to: one)) }
        #expect(throws: code("unknown-signer")) { try examine(RestoreEnvelope.add(by: fixture.stranger, to: one)) }
        let both = try RestoreEnvelope.add(by: fixture.officer, to: one)
        let examined = try examine(both)
        #expect(examined.statement.newest?.sequence == 3 && examined.signers.count == 2)
        #expect(throws: code("duplicate-signer")) { try RestoreEnvelope.add(by: fixture.officer, to: both) }
        // A reader who trusts one of the two sees one signer.
        #expect(throws: code("threshold")) { try examine(both, trusted: [fixture.officer.publicKey]) }
    }

    @Test("a restore is of one room under one policy, and is no halt")
    func bound() throws {
        func signed(_ statement: RestoreStatement) throws -> [UInt8] {
            try RestoreEnvelope.add(by: fixture.officer, to: RestoreEnvelope.sign(statement, by: fixture.security))
        }
        _ = try examine(signed(statement()))
        #expect(throws: code("other-room")) { try examine(signed(statement(room: "another"))) }
        let other = fixture.policy(expires: "2027-06-01T00:00:00Z")
        #expect(throws: code("other-policy")) { try examine(signed(statement(policy: other))) }
        #expect(throws: code("payload-type")) { try StopEnvelope.inspect(signed(statement())) }
    }

    @Test(
        "nonsense is not signed",
        arguments: [(0, 3, 1, "why"), (7, 1, 1, "why"), (7, 3, 0, "why"), (7, 3, 5, "why"), (7, 3, 1, "")]
            as [(Int64, Int64, Int, String)])
    func malformed(size: Int64, newest: Int64, lost: Int, reason: String) throws {
        _ = try RestoreEnvelope.sign(statement(newest: 3, lost: ["x"]), by: fixture.officer)
        #expect(throws: code("payload")) {
            try RestoreEnvelope.sign(
                statement(newest: newest, size: size, lost: Array(repeating: "x", count: lost), reason: reason),
                by: fixture.officer)
        }
    }
}
