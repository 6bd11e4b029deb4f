// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Sealing
public import TransparencyLog

/// A bundle taken apart, before anybody judged what it says.
public struct Bundle: Sendable {
    /// SHA-256 of the file.
    public let digest: Digest
    /// All members but the manifest, in the order of the archive.
    public let members: [CanonicalArchive.Member]
    /// `manifest.dsse`.
    public let manifest: [UInt8]
    /// What the manifest says, unverified until ``BundleVerifier`` said so.
    public var predicate: BundlePredicate { statement.predicate }
    let envelope: Envelope
    let statement: Statement<BundlePredicate>
    private let contents: [String: [UInt8]]

    /// Reads the bytes of a `.atomic` file.
    /// - Throws: `archive`, `manifest`.
    public init(bytes: [UInt8]) throws(BundleError) {
        try self.init(members: try CanonicalArchive.decode(bytes), digest: Digest.sha256(bytes))
    }

    init(members all: [CanonicalArchive.Member], digest: Digest) throws(BundleError) {
        guard let last = all.last, last.name == CanonicalArchive.manifestName else {
            throw .failed(.manifest, "the bundle has no \(CanonicalArchive.manifestName)")
        }
        self.digest = digest
        manifest = last.content
        members = all.dropLast()
        (envelope, statement) = try BundleManifest.open(last.content)
        contents = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.content) })
    }

    /// The content of a member.
    public subscript(name: String) -> [UInt8]? { contents[name] }

    /// The record that a digest names (`records/HEX.json`), checked to be the one.
    public func record(_ digest: Digest) -> [UInt8]? {
        contents["records/\(digest.hex).json"].flatMap { Digest.sha256($0) == digest ? $0 : nil }
    }

    /// The members below a directory, by the rest of their names.
    func files(in directory: String) -> [(name: String, content: [UInt8])] {
        members.filter { $0.name.hasPrefix(directory) }
            .map { (String($0.name.dropFirst(directory.utf8.count)), $0.content) }
    }

    /// The entries of the manifest's range, in order, as the bundle holds them: whether they are the log's is for
    /// ``BundleVerifier`` to say.
    /// - Throws: `log`.
    public func entries() throws(BundleError) -> [LogEntry] { try LogMembers(self).entries }
}
