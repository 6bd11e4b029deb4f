// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Sealing
internal import SovereignPolicy

/// How a statement is signed: at once, or by several people one after the other in a file.
struct StatementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Key URI of a signer (file:PATH or a path to a PKCS#8 PEM); may be repeated.", valueName: "uri"))
    var key: [String] = []
    @Option(help: ArgumentHelp("Why, in a sentence; it stands in the log.", valueName: "text"))
    var reason: String?
    @Option(
        help: ArgumentHelp(
            "The file that several people sign one after the other: made when it is not there, added to when it is; carried out as "
                + "soon as enough have signed.", valueName: "file"))
    var statement: String?

    func validate() throws {
        if key.isEmpty && statement == nil { throw ValidationError("give at least one --key") }
        if let reason, reason.isEmpty || reason.count > SignedStatement.longestReason {
            throw ValidationError("a reason has 1 to \(SignedStatement.longestReason) characters")
        }
    }

    /// Signs, and keeps the file.
    /// - Parameters:
    ///   - isAsked: whether the statement in the file is what is asked for; the same reason is looked for in any case.
    ///   - make: makes the statement where there is none yet.
    /// - Returns: the envelope.
    func sign<Content: PolicyStatement>(
        _: Content.Type, isAsked: (Content) -> Bool = { _ in true }, make: () throws -> Content
    ) throws -> [UInt8] {
        var envelope: [UInt8]?
        if let statement, Files.exists(statement) {
            let bytes = try Files.read(statement, limit: SignedStatement.maximumBytes + 1)
            let found = try StatementEnvelope<Content>.inspect(bytes).statement
            guard isAsked(found), reason == nil || reason == found.stated else {
                throw PolicyError(
                    "payload", "\(statement) holds another statement or another reason than is asked for",
                    remedy: "sign it as what it is, without --reason, or begin a new file", exit: .usage)
            }
            envelope = bytes
        }
        for uri in key {
            let signer = try SigningKey(uri: uri)
            if let before = envelope {
                envelope = try StatementEnvelope<Content>.add(by: signer, to: before)
            } else {
                envelope = try StatementEnvelope<Content>.sign(make(), by: signer)
            }
        }
        guard let envelope else {
            throw UsageFault("there is no \(statement ?? "statement") yet", remedy: "sign it first, with --key")
        }
        if let statement { try Files.writeDurably(envelope, to: statement) }
        return envelope
    }

    /// Why a statement in a file cannot be carried out yet; nil when it can, or when it is in no file and has to be now.
    func lack(
        in envelope: [UInt8], under policy: SovereignPolicy, _ lack: (Set<PublicKey>, SovereignPolicy) -> PolicyError?
    ) throws -> PolicyError? {
        guard statement != nil else { return nil }
        return lack(try Envelope(canonical: envelope).verified(by: policy.authority.distinctKeys), policy)
    }

    private struct Unfinished: Encodable {
        let complete = false
        let signatures: Int
        let statement: String
    }

    /// Says that more people have to sign.
    func report(_ lack: PolicyError, _ envelope: [UInt8], json: Bool) throws {
        let file = statement ?? ""
        let signatures = try Envelope(canonical: envelope).signatures.count
        if json { return try Console.json(Unfinished(signatures: signatures, statement: file)) }
        try Console.line(file)
        Console.note("not carried out yet: \(lack.message)")
    }
}
