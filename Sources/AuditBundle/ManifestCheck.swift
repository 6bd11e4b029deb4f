// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

/// The manifest: signed by the room and by nobody else, with every member as a subject.
enum ManifestCheck {
    /// The room's key that signed, when it is the only signature.
    /// - Throws: `signature`.
    static func signer(of bundle: Bundle, _ room: TrustFile.Room) throws(BundleError) -> PublicKey {
        do throws(SealingError) {
            guard let key = try bundle.envelope.requireSignatures(1, by: room.statementKeys).first else {
                throw SealingError(.signature, "nobody signed", remedy: "ask the room for a fresh bundle")
            }
            return key
        } catch {
            throw .failed(.signature, error.message, cause: error)
        }
    }

    /// Every member is a subject under its digest, in the archive's order; nothing is missing and nothing is strange.
    /// - Throws: `members`.
    static func subjects(of bundle: Bundle) throws(BundleError) {
        let subjects = bundle.statement.subject
        for (position, subject) in subjects.enumerated() {
            guard bundle.members.indices.contains(position), bundle.members[position].name == subject.name else {
                let given = bundle.members.indices.contains(position) ? bundle.members[position].name : "the end"
                throw .failed(.members, "the manifest names \(subject.name) where the archive has \(given)")
            }
            guard Digest.sha256(bundle.members[position].content) == subject.digest else {
                throw .failed(.members, "\(subject.name) is not what the manifest says")
            }
        }
        guard subjects.count == bundle.members.count else {
            throw .failed(.members, "\(bundle.members[subjects.count].name) is not in the manifest")
        }
        for member in bundle.members where !hasPlace(member.name) {
            throw .failed(.members, "\(member.name) has no place in a bundle")
        }
    }

    /// The members that a bundle of this version may have.
    static func hasPlace(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        func isDigest(_ text: String, _ suffix: String) -> Bool {
            text.hasSuffix(suffix) && Digest(hex: String(text.dropLast(suffix.utf8.count))) != nil
        }
        switch (parts[0], parts.count) {
        case ("log", 2...): return true
        case ("policy", 2): return parts[1].hasSuffix(".json")
        case ("labels", 2):
            let part = parts[1].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first ?? ""
            let isSecond = part.utf8.count == 16 && Hex.decode(String(part)) != nil
            return isDigest(parts[1], isSecond ? ".\(part).label" : ".label")
        case ("records", 2), ("jails", 2): return isDigest(parts[1], ".json")
        case ("models", 3): return Digest(hex: parts[1]) != nil && parts[2] == "manifest.json"
        case ("receipts", 2): return parts[1].hasSuffix(".json")
        default: return name == RoomStatement.memberName
        }
    }
}
