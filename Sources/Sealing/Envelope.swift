// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A DSSE v1.0.2 envelope (github.com/secure-systems-lab/dsse): bytes, their type and who signed them.
///
/// In our own files an envelope is canonical JSON, so that no byte of one can change unnoticed. `keyid` is a hint that
/// no signature covers: it is only ever used to pick a key that is trusted already.
public struct Envelope: Hashable, Sendable {
    /// One signature line.
    public struct Signature: Codable, Hashable, Sendable {
        /// Lower-case hex of the SHA-256 of the signer's SPKI.
        public let keyid: String
        /// The signature's bytes; padded base64 in JSON.
        public let sig: [UInt8]

        private enum CodingKeys: String, CodingKey {
            case keyid, sig
        }

        init(keyid: String, sig: [UInt8]) {
            self.keyid = keyid
            self.sig = sig
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            keyid = try container.decode(String.self, forKey: .keyid)
            guard let sig = Base64.decode(try container.decode(String.self, forKey: .sig)) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .sig, in: container, debugDescription: "the signature is not canonical padded base64")
            }
            self.sig = sig
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(keyid, forKey: .keyid)
            try container.encode(Base64.encode(sig), forKey: .sig)
        }
    }

    /// in-toto's payload type (github.com/in-toto/attestation, spec/v1/envelope.md).
    public static let inTotoPayloadType = "application/vnd.in-toto+json"

    public let payloadType: String
    /// The signed bytes.
    public let payload: [UInt8]
    public private(set) var signatures: [Signature]

    /// An envelope that nobody has signed yet.
    public init(payloadType: String, payload: [UInt8]) {
        self.payloadType = payloadType
        self.payload = payload
        signatures = []
    }

    /// An envelope with one signature.
    /// - Throws: `crypto` when OpenSSL fails.
    public static func sign(
        payloadType: String = inTotoPayloadType, payload: [UInt8], by key: borrowing SigningKey
    ) throws(SealingError) -> Envelope {
        var envelope = Envelope(payloadType: payloadType, payload: payload)
        try envelope.addSignature(by: key)
        return envelope
    }

    /// Signs once more, for thresholds. Lines stay sorted by key id, so that the order of signing does not show.
    /// - Throws: `signature` when the key has signed already; `crypto` when OpenSSL fails.
    public mutating func addSignature(by key: borrowing SigningKey) throws(SealingError) {
        let keyID = key.publicKey.keyID
        guard !signatures.contains(where: { $0.keyid == keyID }) else {
            throw SealingError(
                .signature, "key \(keyID.prefix(12)) has signed this already", remedy: "sign with another key")
        }
        signatures.append(Signature(keyid: keyID, sig: try key.sign(signedBytes)))
        signatures.sort { $0.keyid < $1.keyid }
    }

    /// What is signed: the pre-authentication encoding of DSSE.
    public var signedBytes: [UInt8] { Self.preAuthenticationEncoding(payloadType: payloadType, payload: payload) }

    /// `"DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload`, lengths in ASCII decimal bytes.
    public static func preAuthenticationEncoding(payloadType: String, payload: [UInt8]) -> [UInt8] {
        let type = Array(payloadType.utf8)
        return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }

    /// The distinct keys among `keys` that signed this. Lines that are unknown or wrong count for nothing.
    public func verified(by keys: some Sequence<PublicKey>) -> Set<PublicKey> {
        let message = signedBytes
        var found: Set<PublicKey> = []
        for key in Set(keys) {
            for line in signatures where line.keyid == key.keyID && key.verify(line.sig, of: message) {
                found.insert(key)
            }
        }
        return found
    }

    /// The keys that signed, when there are exactly `count` lines and each is a good one by a different key of `keys`.
    ///
    /// This is the strict reading for files of ours, where a line that proves nothing would be a byte that carries
    /// nothing.
    /// - Throws: `signature` for a missing, surplus, repeated, unknown or wrong line.
    public func requireSignatures(_ count: Int, by keys: some Sequence<PublicKey>) throws(SealingError)
        -> Set<PublicKey>
    {
        guard signatures.count == count else {
            throw Self.unsigned("it has \(signatures.count) signatures where \(count) are expected")
        }
        let keys = Set(keys)
        for line in signatures where !keys.contains(where: { $0.keyID == line.keyid }) {
            throw Self.unsigned("key \(line.keyid.prefix(12)) is not trusted for this")
        }
        let found = verified(by: keys)
        guard found.count == count else {
            throw Self.unsigned("\(found.count) of \(count) signatures are good and by different keys")
        }
        return found
    }

    private static func unsigned(_ why: String) -> SealingError {
        SealingError(
            .signature, "the envelope does not verify: \(why)", remedy: "get the file and its signers' keys again",
            exit: .unverified)
    }
}

extension Envelope: FaithfullyCodable {
    private enum CodingKeys: String, CodingKey {
        case payload, payloadType, signatures
    }

    /// Reads the JSON form; the payload must be canonical padded base64.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        payloadType = try container.decode(String.self, forKey: .payloadType)
        guard let payload = Base64.decode(try container.decode(String.self, forKey: .payload)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .payload, in: container, debugDescription: "the payload is not canonical padded base64")
        }
        self.payload = payload
        signatures = try container.decode([Signature].self, forKey: .signatures)
    }

    /// Writes the JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Base64.encode(payload), forKey: .payload)
        try container.encode(payloadType, forKey: .payloadType)
        try container.encode(signatures, forKey: .signatures)
    }

    /// Reads exactly the canonical JSON of an envelope (RFC 8785), which is how our own files hold one.
    /// - Throws: `envelope`, for a single byte that differs too.
    public init(canonical bytes: [UInt8]) throws(SealingError) {
        do throws(BaseError) {
            self = try CanonicalJSON.decode(Envelope.self, from: bytes)
        } catch {
            throw Self.malformed(error)
        }
    }

    /// Reads an envelope in any JSON layout, as other tools write it; unknown fields are refused all the same.
    /// - Throws: `envelope`.
    public init(anyLayout bytes: [UInt8]) throws(SealingError) {
        do throws(BaseError) {
            self = try CanonicalJSON.decodeRelaxed(Envelope.self, from: bytes)
        } catch {
            throw Self.malformed(error)
        }
    }

    /// The canonical JSON bytes.
    public func canonical() throws(SealingError) -> [UInt8] {
        do throws(BaseError) {
            return try CanonicalJSON.encode(self)
        } catch {
            throw Self.malformed(error)
        }
    }

    private static func malformed(_ error: BaseError) -> SealingError {
        SealingError(
            .envelope, "not a DSSE envelope: \(error.message)", remedy: "get the file again from its author",
            exit: .unverified, cause: error)
    }
}
