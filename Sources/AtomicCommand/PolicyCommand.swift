// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import PolicyFile
internal import SovereignPolicy

/// `atomic policy`
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Sovereign policies: check, sign, accept, ask, compare, show.",
        subcommands: [
            PolicyLint.self, PolicyTestCommand.self, PolicyExplain.self, PolicyWhoCan.self, PolicyWhatCan.self,
            PolicyDiff.self, PolicySign.self, PolicyAccept.self, PolicyShow.self, PolicyExport.self,
            PolicyReferenceCommand.self,
        ])
}

/// A policy from a file: YAML as people write it, or an envelope as the quorum signed it.
struct PolicySource {
    static let limit = 4 << 20

    let policy: SovereignPolicy
    let digest: Digest
    /// Good signatures by keys of the policy itself; nil for YAML.
    let signers: [String]?

    init(_ path: String) throws {
        try self.init(Files.read(path, limit: Self.limit), file: path)
    }

    init(_ bytes: [UInt8], file: String) throws {
        // An envelope is canonical JSON, which begins with a brace; a policy file has its apiVersion.
        guard bytes.first == UInt8(ascii: "{") else {
            policy = try PolicyFile.read(bytes, file: file)
            digest = try policy.digest
            signers = nil
            return
        }
        let envelope = try PolicyEnvelope.inspect(bytes)
        if let problem = envelope.policy.problems.first { throw problem.error }
        policy = envelope.policy
        digest = envelope.digest
        let keys = Set(envelope.signers)
        signers = policy.authority.keys.filter { keys.contains($0.key) }.map { "\($0.id) (\($0.role))" }
    }

    /// The newest accepted envelope of a room.
    init(room: String) throws {
        let directory = room + "/policy"
        let names = Files.exists(directory) ? try Files.list(directory).filter { $0.hasSuffix(".json") } : []
        guard let newest = names.max() else {
            throw PolicyError(
                "no-policy", "the room \(room) has accepted no policy", remedy: "accept one with atomic policy accept",
                exit: .failed)
        }
        try self.init("\(directory)/\(newest)")
    }
}
