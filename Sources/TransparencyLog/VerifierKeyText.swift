// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A verifier key as text (C2SP signed-note): `name+hexid+base64(type || key)`. The id is the first four bytes of
/// `SHA-256(name || 0x0A || type || key)`.
struct VerifierKeyText {
    let name: String
    let keyID: UInt32
    /// The key without its type.
    let key: [UInt8]
    private let type: [UInt8]

    init(name: String, type: [UInt8], key: [UInt8]) {
        self.name = name
        self.type = type
        self.key = key
        let digest = Digest.sha256(Array(name.utf8) + [0x0a] + type + key)
        keyID = digest.bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    /// Reads a verifier key of one type.
    /// - Parameters:
    ///   - what: which keys these are, for the message.
    /// - Throws: `note` when it has another form, is of another type, or its id does not fit.
    init(_ text: String, type: [UInt8], _ what: String) throws(LogError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let hash = Hex.decode(parts[1]), hash.count == 4 else {
            throw .note("a verifier key is name+hash+base64")
        }
        guard let blob = Base64.decode(parts[2]), blob.starts(with: type) else {
            throw .note("the verifier key of \(parts[0]) is not \(what)")
        }
        self.init(name: parts[0], type: type, key: Array(blob.dropFirst(type.count)))
        guard hash == idBytes else {
            throw .note("the hash in the verifier key of \(name) does not fit name and key")
        }
    }

    /// The verifier key as other tools take it.
    var text: String { "\(name)+\(Hex.encode(idBytes))+\(Base64.encode(type + key))" }

    private var idBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(keyID)
        return bytes
    }
}
