// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a data owner says about one sealed input (`urn:atomic:label:v1`).
public struct LabelPredicate: Codable, Hashable, Sendable {
    /// A class of the policy's lattice.
    public let `class`: String
    /// What the data may be used for; sorted, without repetition, not empty.
    public let purposes: [String]
    /// Who labels: the owner's id in policy and trust file, or the key id of the owner's key.
    public let owner: String
    /// Counts the owner's labels of one ciphertext: a room never goes back to a lower one.
    public let serial: Int64
    /// The room it is for: the origin of the room's log, or the recipient that the input is sealed to.
    public let room: String
    /// Valid from here…
    public let notBefore: WallTime
    /// …up to here, exclusive.
    public let expires: WallTime
    /// How long what derives from the input may be kept, as in `30d`.
    public let retention: String
    /// Base64 of random bytes, so that the digest of a label tells nothing about it.
    public let salt: String

    public init(
        class: String, purposes: some Sequence<String>, owner: String, serial: Int64, room: String,
        notBefore: WallTime, expires: WallTime, retention: String, salt: String
    ) {
        self.class = `class`
        self.purposes = Set(purposes).sorted()
        self.owner = owner
        self.serial = serial
        self.room = room
        self.notBefore = notBefore
        self.expires = expires
        self.retention = retention
        self.salt = salt
    }

    /// Why it is not a label at all, nil when it is one.
    var fault: String? {
        if `class`.isEmpty { return "class is empty" }
        if purposes.isEmpty || purposes != Set(purposes).sorted() || purposes.contains("") {
            return "purposes are not a sorted list without repetition"
        }
        if owner.isEmpty { return "owner is empty" }
        if serial < 0 { return "serial is negative" }
        if room.isEmpty { return "room is empty" }
        if notBefore >= expires { return "expires is not after notBefore" }
        if Durations.parse(retention) == nil { return "retention is not a duration such as 30d" }
        if (Base64.decode(salt)?.count ?? 0) < Label.saltLength { return "salt is too short" }
        return nil
    }
}

/// A label that was checked.
public struct VerifiedLabel: Hashable, Sendable {
    /// The owner's id as the room knows it.
    public let owner: String
    /// The owner's key that signed.
    public let key: PublicKey
    /// What was signed.
    public let predicate: LabelPredicate

    public var `class`: String { predicate.class }
    public var purposes: [String] { predicate.purposes }
    public var serial: Int64 { predicate.serial }
    public var expires: WallTime { predicate.expires }
}

/// The label file `X.age.label` beside `X.age`: a DSSE envelope, in canonical JSON, of a Statement about the ciphertext.
public enum Label {
    public static let predicateType = "urn:atomic:label:v1"
    /// What is appended to the name of the age file.
    public static let suffix = ".label"
    /// Least bytes of salt.
    public static let saltLength = 16
    /// Largest label file that is worth reading.
    public static let sizeLimit = 65_536

    /// A fresh salt.
    public static func newSalt() -> String { Base64.encode(RandomBytes.make(saltLength)) }

    /// Makes a label file.
    /// - Parameters:
    ///   - ciphertext: SHA-256 of the age file.
    ///   - name: the age file's name, for people.
    ///   - key: the owner's.
    /// - Throws: `statement` when the predicate is not a label; `crypto`.
    public static func sign(
        _ predicate: LabelPredicate, ciphertext: Digest, name: String, by key: borrowing SigningKey
    ) throws(SealingError) -> [UInt8] {
        if let fault = predicate.fault { throw malformed(fault, exit: .usage) }
        let statement = Statement(
            subject: [StatementSubject(name: name, digest: ciphertext)], predicateType: predicateType,
            predicate: predicate)
        return try statement.signed(by: key).canonical()
    }

    /// Checks a label file against everything that the room knows.
    ///
    /// The owner is looked up by what the label says, then the signature must be by that owner's key and no other.
    /// - Parameters:
    ///   - file: the content of `X.age.label`.
    ///   - ciphertext: SHA-256 of `X.age` as it lies there.
    ///   - room: the origin of this room's log.
    ///   - recipient: this room's recipient, which a label may name instead.
    ///   - owners: the keys of the owners that the room knows, by id.
    ///   - now: the decision's wall time.
    ///   - highestSerial: the highest serial that the room has seen for this ciphertext.
    /// - Throws: `envelope`, `statement`, `signature`, `label-owner`, `label-subject`, `label-room`,
    ///   `label-not-yet-valid`, `label-expired`, `label-replayed`; all are denials (exit 3) or failed verification
    ///   (exit 4).
    public static func check(
        file: [UInt8], ciphertext: Digest, room: String, recipient: AgeRecipient? = nil, owners: [String: PublicKey],
        now: WallTime, highestSerial: Int64?
    ) throws(SealingError) -> VerifiedLabel {
        let envelope = try Envelope(canonical: file)
        guard envelope.signatures.count == 1, let line = envelope.signatures.first else {
            throw SealingError(
                .signature, "the label has \(envelope.signatures.count) signatures where one is expected",
                remedy: "let the owner sign it again", exit: .unverified)
        }
        let statement = try Statement<LabelPredicate>(unverified: envelope, predicateType: predicateType)
        let predicate = statement.predicate
        if let fault = predicate.fault { throw malformed(fault, exit: .unverified) }
        guard let (owner, key) = owner(of: predicate, in: owners), key.keyID == line.keyid else {
            throw refused(
                .labelOwner, "the label is not signed by a known key of its owner '\(predicate.owner)'",
                remedy: "tell the room the owner's key, or let the owner sign")
        }
        _ = try envelope.requireSignatures(1, by: [key])
        guard statement.subject.count == 1, statement.subject.first?.digest == ciphertext else {
            throw refused(.labelSubject, "the label speaks of another file", remedy: "put each label beside its file")
        }
        guard predicate.room == room || predicate.room == recipient?.string else {
            throw refused(
                .labelRoom, "the label was made for the room '\(predicate.room)'", remedy: "let the owner label it anew"
            )
        }
        guard now >= predicate.notBefore else {
            throw refused(
                .labelNotYetValid, "the label is valid from \(predicate.notBefore) only", remedy: "wait until then")
        }
        guard now < predicate.expires else {
            throw refused(
                .labelExpired, "the label expired at \(predicate.expires)", remedy: "let the owner label it anew")
        }
        if let highestSerial, predicate.serial < highestSerial {
            throw refused(
                .labelReplayed, "the label has serial \(predicate.serial), but \(highestSerial) was seen already",
                remedy: "use the owner's newest label")
        }
        return VerifiedLabel(owner: owner, key: key, predicate: predicate)
    }

    /// What a label file says, its signature and place unseen: never to decide by, only to find a limit that binds whoever made it.
    /// - Throws: `envelope`, `statement`.
    public static func inspect(_ file: [UInt8]) throws(SealingError) -> LabelPredicate {
        try Statement<LabelPredicate>(unverified: Envelope(canonical: file), predicateType: predicateType).predicate
    }

    /// The owner that a label names: by id, or by the key id of the owner's key.
    private static func owner(of predicate: LabelPredicate, in owners: [String: PublicKey]) -> (String, PublicKey)? {
        if let key = owners[predicate.owner] { return (predicate.owner, key) }
        return owners.sorted { $0.key < $1.key }.first { $0.value.keyID == predicate.owner }.map { ($0.key, $0.value) }
    }

    private static func malformed(_ why: String, exit: ExitStatus) -> SealingError {
        SealingError(.statement, "not a label: \(why)", remedy: "let the owner label it anew", exit: exit)
    }

    private static func refused(_ code: SealingError.Code, _ message: String, remedy: String) -> SealingError {
        SealingError(code, message, remedy: remedy, exit: .denied)
    }
}
