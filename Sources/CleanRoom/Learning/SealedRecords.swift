// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Adaptation
internal import AtomicBase
internal import RoomStore
internal import Sealing

/// What was answered to one input, for those who will say whether it was right. Sealed to the room.
struct Sidecar: Codable, Sendable {
    static let kind = "sidecar"
    var v: Int64 = 1
    var kind = Sidecar.kind
    /// Of the input's ciphertext.
    let input: Digest
    /// The beginning of the message, as ``Excerpt`` takes it.
    let text: String
    /// What the featurizer made of it; absent without one.
    let vector: [Int64]?
    /// By microtask, of those that have an answer.
    let answers: [String: Answer]
    /// By microtask, valid answers of other models that did not leave; absent where there are none.
    let others: [String: [Answer]]?

    struct Answer: Codable, Sendable {
        let value: JSONValue
        let model: String
        /// Of the model's manifest.
        let digest: Digest
        /// The auction by which the model ran.
        let record: Digest
        /// Of the answer, in 1e-9.
        let confidence: Int64
    }

    init(
        input: Digest, text: String, vector: FeatureVector?, answers: [String: Answer], others: [String: [Answer]] = [:]
    ) {
        self.input = input
        self.text = text
        self.vector = vector.map { $0.values.map(Int64.init) }
        self.answers = answers
        self.others = others.isEmpty ? nil : others
    }
}

/// A message and the label that a person gave it, as the room remembers it. Sealed to the room.
struct RememberedMessage: Codable, Sendable {
    static let kind = "memory"
    var v: Int64 = 1
    var kind = RememberedMessage.kind
    let input: Digest
    let text: String
    let vector: [Int64]?
    /// Type of the microtask that the label answers.
    let type: String
    /// The answer as a model should have given it, as far as the label says.
    let value: JSONValue
    let owners: [String]
    let `class`: String
    let purpose: String
}

/// The beginning of a message: enough to recognise it, little enough to show several to a model.
enum Excerpt {
    /// Bytes of UTF-8.
    static let limit = 2_048

    /// Subject and text of a parsed message.
    static func of(parsed: JSONValue) -> String {
        let subject = parsed["headers"]?["subject"]?.stringValue ?? ""
        let text = parsed["text"]?.stringValue ?? ""
        return cut(subject.isEmpty ? text : subject + "\n" + text)
    }

    /// The beginning of an unparsed message.
    static func of(message: borrowing SealedMemory) throws -> String {
        let contents = try message.contents()
        // SAFETY: the buffer is lent for the call, which copies the beginning of it.
        let beginning = unsafe contents.withBytes { unsafe Array($0.prefix(limit)) }
        return cut(String(decoding: beginning, as: UTF8.self))
    }

    /// Cuts between characters and leaves out what no text has: a memory is shown to programs that expect text.
    static func cut(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars where scalar.value >= 0x20 || scalar == "\n" || scalar == "\t" {
            bytes += UTF8.width(scalar)
            if bytes > limit { break }
            result.append(scalar)
        }
        return String(result)
    }
}

/// Sealed records of the room: written to its recipient, opened with its identity, named by the digest of the ciphertext.
///
/// The digest is of the ciphertext, which is never the same twice: it confirms no guess of the content.
struct SealedRecords: Sendable {
    private let recipient: AgeRecipient
    private let records: RecordStore
    private let keyURI: String

    init(room: Room) throws {
        recipient = try AgeRecipient(room.configuration.recipient)
        records = room.records
        keyURI = Room.uri(room.configuration.recipientKey, in: room.paths)
    }

    /// Seals a record. Its file must be durable before the entry that names it.
    func seal(_ record: some Encodable) throws -> (name: Digest, file: NamedFile) {
        let cleartext = SecretBytes(copying: try CanonicalJSON.encode(record))
        let file = NamedFile(record: try Age.encrypt(cleartext, recipients: [recipient]))
        return (.sha256(file.bytes), file)
    }

    /// Opens several records with one reading of the key; what was erased meanwhile is left out.
    func open<T: Codable>(_ type: T.Type, _ names: [Digest]) throws -> [Digest: T] {
        guard !names.isEmpty else { return [:] }
        let identity = try AgeIdentity(uri: keyURI)
        var opened: [Digest: T] = [:]
        for name in names where records.contains(name) {
            let cleartext = try Age.decrypt(records.bytes(name), identity: identity)
            // SAFETY: the bytes are read for the decoding only, which copies what it keeps.
            let bytes = unsafe cleartext.withBytes { unsafe Array($0) }
            do {
                opened[name] = try CanonicalJSON.decode(type, from: bytes)
            } catch {
                throw RoomError(
                    .inconsistent, "the sealed record \(name) is not a \(type)",
                    remedy: "open the room with the version that wrote it", exit: .unverified, cause: error)
            }
        }
        return opened
    }
}

/// Writes sidecars, and reads them when somebody says what was right.
struct SidecarStore: Sendable {
    let sealed: SealedRecords

    init(room: Room) throws { sealed = try SealedRecords(room: room) }

    /// Only where the policy permits `learn` for the data.
    func seal(_ sidecar: Sidecar) throws -> (name: Digest, file: NamedFile) { try sealed.seal(sidecar) }

    func open(_ names: [Digest]) throws -> [Digest: Sidecar] { try sealed.open(Sidecar.self, names) }
}
