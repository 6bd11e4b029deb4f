// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing
import TransparencyLog

@Suite("Retention and witnesses of a policy") struct PolicyRetentionTests {
    private let day: Int64 = 86_400_000_000_000

    private func policy(_ retention: [String: DataClass.Retention]) throws -> SovereignPolicy {
        var classes = PolicyFixture.classes
        for (name, retention) in retention {
            let old = try #require(classes[name])
            classes[name] = DataClass(
                above: old.above, residency: old.residency, purposes: old.purposes, retention: retention)
        }
        return try #require(PolicyFixture.shared).policy(classes: classes)
    }

    private func days(_ count: Int64) -> Nanoseconds { Nanoseconds(count * day) }

    @Test("the shortest of a class and all below it counts, and of those beside and above none")
    func shortest() throws {
        let policy = try policy([
            "internal": .init(inputs: days(30)), "pii": .init(inputs: days(60), outputs: days(9)),
            "phi": .init(outputs: days(7)), "logs": .init(inputs: days(1)),
        ])
        #expect(policy.problems.isEmpty)
        #expect(policy.retention(of: "public") == .init())
        #expect(policy.retention(of: "internal") == .init(inputs: days(30)))
        #expect(policy.retention(of: "pii") == .init(inputs: days(30), outputs: days(9)))
        #expect(policy.retention(of: "phi") == .init(inputs: days(30), outputs: days(7)))
        #expect(policy.retention(of: "phi.genomic") == .init(inputs: days(1), outputs: days(7)))
    }

    @Test("data of a class that is not listed has the shortest of all")
    func unlisted() throws {
        let policy = try policy(["phi": .init(inputs: days(3)), "logs": .init(outputs: days(1))])
        for name in ["gone", ClassLattice.implicitTop] {
            #expect(policy.retention(of: name) == .init(inputs: days(3), outputs: days(1)))
        }
    }

    @Test("a policy that was signed elsewhere with nonsense in it is refused")
    func problems() throws {
        #expect(try policy(["pii": .init()]).problems.map(\.path) == [["dataClasses", "pii", "retention"]])
        #expect(
            try policy(["pii": .init(inputs: days(-1))]).problems.map(\.path)
                == [["dataClasses", "pii", "retention", "inputs"]])
    }

    @Test("only the listed witnesses count, and a key that cannot be read counts for nobody")
    func counted() throws {
        let base = try #require(PolicyFixture.shared).policy()
        func with(_ keys: [String]?, cosignatures: Int64? = nil) -> SovereignPolicy {
            SovereignPolicy(
                metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
                rules: base.rules,
                outputs: ["pii": OutputLimit(schema: nil, maxBytes: 4096, cosignatures: cosignatures)],
                tasks: base.tasks, requesters: base.requesters, auction: base.auction, witnesses: keys)
        }
        let (one, two) = try (
            CosignatureVerifier(name: "w1", publicKey: SigningKey.generate(.ed25519).publicKey),
            CosignatureVerifier(name: "w2", publicKey: SigningKey.generate(.ed25519).publicKey)
        )
        #expect(with(nil).countedWitnesses == nil)
        #expect(with([one.vkey, two.vkey], cosignatures: 2).problems.isEmpty)
        #expect(with([one.vkey, two.vkey]).countedWitnesses == [one, two])
        #expect(with([one.vkey, "nonsense"]).countedWitnesses == [one])
        #expect(with([one.vkey, "nonsense"]).problems.map(\.path) == [["witnesses", "1"]])
        let again = try CosignatureVerifier(name: "w3", publicKey: one.publicKey)
        #expect(with([one.vkey, again.vkey]).problems.map(\.path) == [["witnesses", "1"]])
        #expect(with([one.vkey], cosignatures: 2).problems.map(\.path) == [["outputs", "pii", "cosignatures"]])
        #expect(with([one.vkey]).remarks.warnings.map(\.path).contains(["witnesses"]))
        #expect(!with([one.vkey], cosignatures: 1).remarks.warnings.map(\.path).contains(["witnesses"]))
    }
}
