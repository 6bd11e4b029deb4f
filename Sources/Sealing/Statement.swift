// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// An in-toto Statement v1 (github.com/in-toto/attestation, spec/v1/statement.md): a claim about artifacts by digest.
///
/// It is signed as canonical JSON in a DSSE envelope. Reading one back refuses unknown fields and any other layout.
public struct Statement<Predicate: Codable & Sendable>: Codable, Sendable {
    public static var type: String { "https://in-toto.io/Statement/v1" }

    public let subject: [StatementSubject]
    /// A URI that says how to read the predicate.
    public let predicateType: String
    public let predicate: Predicate
    private let _type: String

    public init(subject: [StatementSubject], predicateType: String, predicate: Predicate) {
        self.subject = subject
        self.predicateType = predicateType
        self.predicate = predicate
        _type = Self.type
    }

    /// The statement in an envelope, *before* anybody looked at its signatures: they must be checked by the caller.
    /// - Throws: `statement` when it is not canonical JSON of this type with this predicate type.
    public init(unverified envelope: Envelope, predicateType: String) throws(SealingError) {
        guard envelope.payloadType == Envelope.inTotoPayloadType else {
            throw Self.malformed("the payload type is not \(Envelope.inTotoPayloadType)")
        }
        do throws(BaseError) {
            self = try CanonicalJSON.decode(Self.self, from: envelope.payload)
        } catch {
            throw Self.malformed(error.message, cause: error)
        }
        guard _type == Self.type else { throw Self.malformed("_type is not \(Self.type)") }
        guard self.predicateType == predicateType else { throw Self.malformed("predicateType is not \(predicateType)") }
    }

    /// The canonical JSON that is signed.
    public func canonical() throws(SealingError) -> [UInt8] {
        do throws(BaseError) {
            return try CanonicalJSON.encode(self)
        } catch {
            throw Self.malformed(error.message, cause: error)
        }
    }

    /// The statement in an envelope with one signature.
    public func signed(by key: borrowing SigningKey) throws(SealingError) -> Envelope {
        try Envelope.sign(payload: canonical(), by: key)
    }

    private static func malformed(_ why: String, cause: (any Error)? = nil) -> SealingError {
        SealingError(
            .statement, "not the signed statement that is expected: \(why)",
            remedy: "get the file again from its author", exit: .unverified, cause: cause)
    }
}

/// An artifact of a statement: a name for people, a digest for everybody else.
public struct StatementSubject: Codable, Hashable, Sendable {
    public let name: String
    public let digest: Digest

    private enum CodingKeys: String, CodingKey { case name, digest }
    private enum DigestKeys: String, CodingKey { case sha256 }

    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        let digests = try container.nestedContainer(keyedBy: DigestKeys.self, forKey: .digest)
        guard let digest = Digest(hex: try digests.decode(String.self, forKey: .sha256)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .sha256, in: digests, debugDescription: "sha256 is 64 lower-case hexadecimal digits")
        }
        self.digest = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        var digests = container.nestedContainer(keyedBy: DigestKeys.self, forKey: .digest)
        try digests.encode(digest.hex, forKey: .sha256)
    }
}
