// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import AuditBundle
public import Sealing
public import TransparencyLog

/// Where the parts of a bundle lie that the log only names.
public struct BundleSources {
    /// The bytes with this SHA-256: records, label files, jail measurements and receipts.
    public let blob: (Digest) throws -> [UInt8]?
    /// The policy envelope with this sequence, exactly as it was accepted.
    public let policy: (Int64) throws -> [UInt8]?
    /// `manifest.json` of the registered model with this digest.
    public let model: (Digest) throws -> [UInt8]?

    public init(
        blob: @escaping (Digest) throws -> [UInt8]?, policy: @escaping (Int64) throws -> [UInt8]?,
        model: @escaping (Digest) throws -> [UInt8]?
    ) {
        self.blob = blob
        self.policy = policy
        self.model = model
    }
}

/// Writes audit bundles: a range of the log with all that its entries name, under a manifest signed by the room.
public enum BundleWriter {
    /// The bytes of a bundle over `range` of a log.
    ///
    /// What to take along follows from the entries alone: policies with all their predecessors, registered models and
    /// those that ran, the inputs' labels, every record that an entry names, measurements, receipts, and a proof per
    /// `job.accepted`, `output.released` and `job.ended`.
    /// - Parameters:
    ///   - range: entries of the log; all of it by default.
    ///   - room: the room's statement; its `statementKey` must be that of `key`.
    /// - Throws: `BundleError` with the code of the claim that could not be supported, for example `record` for one
    ///   that `sources` does not have; exit 1 where the room lacks its own files.
    public static func encode(
        log: LogReader, range: Range<UInt64>? = nil, room: RoomStatement, sources: BundleSources,
        key: borrowing SigningKey
    ) throws(BundleError) -> [UInt8] {
        let range = range ?? 0..<log.size
        guard !range.isEmpty, range.upperBound <= log.size else {
            throw BundleError(
                .log, "a log of \(log.size) entries has no range \(range.lowerBound)..<\(range.upperBound)",
                remedy: "choose a range inside the log", exit: .usage)
        }
        guard room.statementKey == key.publicKey.description, room.origin == log.key.name else {
            throw BundleError(
                .attestation, "the statement is of another room or key", remedy: "use the room's own statement key",
                exit: .usage)
        }
        var collection = BundleCollection(sources: sources, log: log, range: range)
        try collection.collect()
        collection.add(RoomStatement.memberName, try canonical(room))
        let predicate = BundlePredicate(
            room: room.origin, jobs: collection.jobs.sorted(), range: .init(range),
            policySequences: collection.policySequences.sorted(), assurance: room.assurance)
        let members = collection.members
        let manifest = try BundleManifest.sign(predicate, members: members, by: key)
        return try CanonicalArchive.encode(
            members + [.init(name: CanonicalArchive.manifestName, content: manifest)])
    }

    /// Writes a bundle durably to `path` and returns its digest. Parameters and errors as ``encode(log:range:room:sources:key:)``.
    @discardableResult
    public static func write(
        to path: String, log: LogReader, range: Range<UInt64>? = nil, room: RoomStatement, sources: BundleSources,
        key: borrowing SigningKey
    ) throws(BundleError) -> Digest {
        let bytes = try encode(log: log, range: range, room: room, sources: sources, key: key)
        do throws(BaseError) {
            try Files.writeDurably(bytes, to: path)
        } catch {
            throw BundleError(.archive, error.message, remedy: error.remedy, exit: error.exit, cause: error)
        }
        return Digest.sha256(bytes)
    }

    static func canonical(_ value: some Encodable) throws(BundleError) -> [UInt8] {
        do throws(BaseError) {
            return try CanonicalJSON.encode(value)
        } catch {
            throw BundleError(.manifest, error.message, remedy: error.remedy, cause: error)
        }
    }
}
