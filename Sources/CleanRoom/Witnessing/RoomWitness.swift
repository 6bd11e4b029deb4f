// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Courier
internal import PolicyFile
public import TransparencyLog

/// A witness of the room's log as `room.yaml` names it.
public struct RoomWitness: Sendable, Equatable {
    /// Its key.
    public let key: CosignatureVerifier
    /// Its submission prefix, without a slash at the end.
    public let url: String
    /// A PEM file with certificates to trust beside the system's, relative to the room.
    public let roots: String?

    /// Where checkpoints are sent.
    var address: String { url + "/add-checkpoint" }

    /// Reads `witnesses` and `cosignatures` of a room's configuration.
    static func read(_ top: YAMLMapping) throws(PolicyFileError) -> (witnesses: [RoomWitness], required: Int) {
        var witnesses: [RoomWitness] = []
        for node in try top.optional("witnesses")?.sequence() ?? [] {
            let witness = try RoomWitness(node)
            guard !witnesses.contains(where: { $0.key.publicKey == witness.key.publicKey }) else {
                throw node.refusing(
                    "value", found: "a second witness with the key of \(witness.key.name)",
                    allowed: "witnesses with different keys")
            }
            witnesses.append(witness)
        }
        guard let node = top.optional("cosignatures") else { return (witnesses, 0) }
        return (witnesses, Int(try node.integer(in: 0...Int64(witnesses.count))))
    }

    private init(_ node: YAMLNode) throws(PolicyFileError) {
        let fields = try node.mapping()
        let vkey = try fields.required("vkey")
        do throws(LogError) {
            key = try CosignatureVerifier(vkey: try Self.text(of: vkey))
        } catch {
            throw vkey.refusing(
                "value", found: error.message, allowed: "a witness's verifier key, as `atomic witness init` prints it")
        }
        let url = try fields.required("url")
        guard let parsed = CourierURL(try url.string()) else {
            throw url.refusing("value", allowed: "https://HOST/PATH, or http:// with 127.0.0.1, [::1] or localhost")
        }
        self.url = parsed.description
        roots = try fields.optional("roots")?.string()
        try fields.finish()
    }

    private static func text(of node: YAMLNode) throws(LogError) -> String {
        do throws(PolicyFileError) {
            return try node.string()
        } catch {
            throw LogError(.note, "no string", remedy: error.remedy)
        }
    }
}
