// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import PolicyFile
internal import Sealing
internal import SovereignPolicy

/// `atomic policy sign`
struct PolicySign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a policy file into an envelope, or add a signature to one.",
        discussion: """
            Example: atomic policy sign ward.yaml --key dpo.pem -o ward-1.json
                     atomic policy sign ward.yaml --key ciso.pem --add -o ward-1.json

            A policy that contradicts itself or fails its own tests is not signed. When keys change, give the policy \
            that rules with --previous, so that its keys may sign too.
            """)

    private struct Report: Encodable {
        let digest: String
        let sequence: Int64
        let signers: [String]
        let quorum: Bool
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy's YAML file.")
    var file: String
    @Option(
        help: ArgumentHelp(
            "Key URI of a signer (file:PATH or a path to a PKCS#8 PEM); may be repeated.", valueName: "uri"))
    var key: [String]
    @Option(name: [.short, .customLong("output")], help: "Where the envelope is, or goes.")
    var output: String
    @Flag(help: "Add to the envelope that is there already.")
    var add = false
    @Option(help: "Envelope of the policy that rules, when its keys sign too.")
    var previous: String?

    func validate() throws {
        if key.isEmpty { throw ValidationError("give at least one --key") }
    }

    func run() throws {
        let document = try PolicyFile.document(Files.read(file, limit: PolicySource.limit), file: file)
        if let error = document.problems.first ?? document.failedTests.first { throw error }
        let policy = document.policy
        let ruling = try previous.map { try PolicyEnvelope.inspect(Files.read($0, limit: PolicySource.limit)).policy }
        var envelope: [UInt8]?
        if add {
            envelope = try Files.read(output, limit: PolicySource.limit)
        } else if Files.exists(output) {
            throw PolicyError(
                "exists", "\(output) is there already", remedy: "add to it with --add, or remove it", exit: .usage)
        }
        for uri in key {
            let signer = try SigningKey(uri: uri)
            if let before = envelope {
                envelope = try PolicyEnvelope.add(by: signer, to: before, of: policy, previous: ruling)
            } else {
                envelope = try PolicyEnvelope.sign(policy, by: signer, previous: ruling)
            }
        }
        guard let envelope else { return }
        try Files.writeDurably(envelope, to: output)
        try report(policy, ruling, envelope)
    }

    private func report(_ policy: SovereignPolicy, _ ruling: SovereignPolicy?, _ envelope: [UInt8]) throws {
        let signed = try Envelope(canonical: envelope)
        let known = policy.authority.distinctKeys.union(ruling?.authority.distinctKeys ?? [])
        let signers = signed.verified(by: known)
        let lack = PolicyEnvelope.lack(of: signers, for: policy, after: ruling)
        let isQuorum = policy.authority.lack(of: signers, whose: "") == nil
        if options.json {
            try Console.json(
                Report(
                    digest: policy.digest.description, sequence: policy.sequence,
                    signers: signers.map(\.keyID).sorted(), quorum: lack == nil))
        } else {
            try Console.line(policy.digest.description)
            let who = isQuorum ? "a quorum" : "those who may tighten it"
            Console.note(lack.map { "not yet a quorum: \($0.message)" } ?? "signed by \(who) (\(signers.count) keys)")
        }
    }
}
