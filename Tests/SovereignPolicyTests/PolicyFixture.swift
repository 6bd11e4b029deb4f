// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Sealing
import SovereignPolicy

/// A small clinic's policy and the keys that sign it.
final class PolicyFixture: Sendable {
    let officer: SigningKey
    let security: SigningKey
    let director: SigningKey
    let stranger: SigningKey

    init() throws {
        officer = try SigningKey.generate(.ed25519)
        security = try SigningKey.generate(.ed25519)
        director = try SigningKey.generate(.p384)
        stranger = try SigningKey.generate(.ed25519)
    }

    static let shared: PolicyFixture? = try? PolicyFixture()

    static let task = Digest.sha256(Array("triage".utf8))
    static let noon = WallTime(rfc3339: "2026-11-21T12:00:00Z")

    var members: [PolicyAuthority.Member] {
        [
            .init(id: "dpo", role: "data-owner", key: officer.publicKey),
            .init(id: "ciso", role: "security", key: security.publicKey),
            .init(id: "mdir", role: "medical", key: director.publicKey),
        ]
    }

    /// Two of three, the data owner among them.
    func policy(
        sequence: Int64 = 1, previous: Digest? = nil, notBefore: String = "2026-11-01T00:00:00Z",
        expires: String = "2027-05-01T00:00:00Z", threshold: Int64 = 2, members: [PolicyAuthority.Member]? = nil,
        requireRoles: [String] = ["data-owner"], rules: [PolicyRule] = PolicyFixture.rules,
        classes: [String: DataClass] = PolicyFixture.classes, models: [String: PolicyModel] = PolicyFixture.models,
        emergencyStop: PolicyAuthority.EmergencyStop? = nil
    ) -> SovereignPolicy {
        SovereignPolicy(
            metadata: PolicyMetadata(
                id: "clinic", sequence: sequence, previous: previous,
                notBefore: WallTime(rfc3339: notBefore) ?? WallTime(nanoseconds: 0),
                expires: WallTime(rfc3339: expires) ?? WallTime(nanoseconds: 0)),
            authority: PolicyAuthority(
                threshold: threshold, keys: members ?? self.members, requireRoles: requireRoles,
                emergencyStop: emergencyStop),
            dataClasses: classes, models: models, rules: rules,
            outputs: ["pii": OutputLimit(schema: nil, maxBytes: 4096)],
            tasks: ["triage": PolicyTask(digest: Self.task)],
            requesters: [
                "desk-4": PolicyRequester(recipient: Self.recipient, uid: 1004, roles: ["requester"])
            ],
            auction: PolicyAuction(
                weights: .init(quality: 600_000_000, price: 300_000_000, latency: 100_000_000),
                explorationFloor: 20_000_000, minBids: 1))
    }

    static let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

    /// public < internal < pii < phi < phi.genomic, and logs beside pii.
    static let classes: [String: DataClass] = [
        "public": DataClass(),
        "internal": DataClass(above: ["public"]),
        "logs": DataClass(above: ["internal"]),
        "pii": DataClass(above: ["internal"]),
        "phi": DataClass(above: ["pii"], residency: ["DE", "FR"], purposes: ["treatment", "discharge"]),
        "phi.genomic": DataClass(above: ["phi", "logs"], residency: ["DE"], purposes: ["treatment"]),
    ]

    static func model(
        _ name: String, deployment: String = "onprem", jurisdiction: String = "DE", maxClass: String = "phi.genomic"
    ) -> PolicyModel {
        PolicyModel(
            digest: Digest.sha256(Array(name.utf8)), deployment: deployment, jurisdiction: jurisdiction,
            maxClass: maxClass, isolation: "process")
    }

    static let models: [String: PolicyModel] = [
        "local": model("local"),
        "french": model("french", jurisdiction: "FR"),
        "low": model("low", maxClass: "internal"),
        "cloud": model("cloud", deployment: "cloud", jurisdiction: "US"),
    ]

    static let rules: [PolicyRule] = [
        PolicyRule(
            id: "P1", effect: .permit, actions: ["bid", "run", "key-release"], classes: ["pii", "phi"],
            when: ["purpose": ["treatment", "support"]]),
        PolicyRule(
            id: "P2", effect: .permit, actions: ["release"], classes: ["pii", "phi"], when: ["output.check": ["pass"]]),
        PolicyRule(
            id: "F1", effect: .forbid, actions: ["bid", "run"], classes: ["pii"], when: ["model.deployment": ["cloud"]],
            reason: "personal data never leaves the site"),
        PolicyRule(
            id: "F2", effect: .forbid, actions: ["release"], classes: ["internal"],
            unless: ["output.check": ["pass"], "requester.roles": ["requester", "auditor"]]),
    ]

    static func request(
        _ action: String = "bid", model: String? = "local", class: String? = "pii", purpose: String? = "treatment",
        at: WallTime? = noon, requester: String? = "desk-4", task: Digest? = task,
        attributes: [String: AttributeValue] = [:]
    ) -> PolicyRequest {
        PolicyRequest(
            action: action, at: at, model: model, class: `class`, purpose: purpose, requester: requester, task: task,
            attributes: attributes)
    }
}
