// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Sealing
internal import SovereignPolicy

/// How a halt or a resume is signed: at once, or by several people one after the other in a file.
struct StopOptions: ParsableArguments {
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

    enum Outcome {
        case done(StopResult)
        /// Too few have signed yet, for this reason.
        case unfinished(PolicyError, file: String, signatures: Int)
    }

    func validate() throws {
        if key.isEmpty && statement == nil { throw ValidationError("give at least one --key") }
        if let reason, reason.isEmpty || reason.count > StopStatement.longestReason {
            throw ValidationError("a reason has 1 to \(StopStatement.longestReason) characters")
        }
    }

    /// Signs, and carries out what enough have signed.
    func run(_ kind: StopStatement.Kind, in room: RoomOptions) throws -> Outcome {
        let directory = try room.directory()
        let order = try StopOrder(room: directory)
        var envelope: [UInt8]?
        if let statement, Files.exists(statement) {
            let bytes = try Files.read(statement, limit: StopEnvelope.maximumBytes + 1)
            let found = try StopEnvelope.inspect(bytes).statement
            guard found.kind == kind, reason == nil || reason == found.reason else {
                throw PolicyError(
                    "payload",
                    "\(statement) holds a \(found.kind.rawValue) with another kind or reason than is asked for",
                    remedy: "sign it as what it is, without --reason, or begin a new file", exit: .usage)
            }
            envelope = bytes
        }
        for uri in key {
            let signer = try SigningKey(uri: uri)
            if let before = envelope {
                envelope = try StopEnvelope.add(by: signer, to: before)
            } else {
                envelope = try StopEnvelope.sign(try order.statement(kind, reason: reason), by: signer)
            }
        }
        guard let envelope else {
            throw UsageFault("there is no \(statement ?? "statement") yet", remedy: "sign it first, with --key")
        }
        if let statement {
            try Files.writeDurably(envelope, to: statement)
            let policy = try order.policy()
            let signed = try Envelope(canonical: envelope)
            let signers = signed.verified(by: policy.authority.distinctKeys)
            if let lack = StopEnvelope.lack(of: signers, for: kind, under: policy) {
                return .unfinished(lack, file: statement, signatures: signed.signatures.count)
            }
        }
        return .done(try order.deliver(envelope, version: Version.text))
    }

    private struct Unfinished: Encodable {
        let complete = false
        let signatures: Int
        let statement: String
    }

    /// Says that more people have to sign.
    func report(_ outcome: Outcome, json: Bool) throws {
        guard case .unfinished(let lack, let file, let signatures) = outcome else { return }
        if json { return try Console.json(Unfinished(signatures: signatures, statement: file)) }
        try Console.line(file)
        Console.note("not carried out yet: \(lack.message)")
    }
}
