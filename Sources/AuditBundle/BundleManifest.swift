// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// What the signed manifest says of its bundle, beside the digest of every member.
public struct BundlePredicate: Codable, Equatable, Sendable {
    /// Entries from `start` on, up to and without `end`.
    public struct EntryRange: Codable, Equatable, Sendable {
        public var start: UInt64
        public var end: UInt64

        public init(_ range: Range<UInt64>) {
            start = range.lowerBound
            end = range.upperBound
        }
    }

    /// Origin of the room's log.
    public var room: String
    /// Jobs with entries in the range, sorted.
    public var jobs: [String]
    public var range: EntryRange
    /// Policies in force in the range, ascending.
    public var policySequences: [Int64]
    /// The level truly reached: `process`, `measured-boot` or `tee`.
    public var assurance: String

    public init(room: String, jobs: [String], range: EntryRange, policySequences: [Int64], assurance: String) {
        self.room = room
        self.jobs = jobs
        self.range = range
        self.policySequences = policySequences
        self.assurance = assurance
    }
}

/// `manifest.dsse`: an in-toto Statement whose subjects are the other members, in the order of the archive.
public enum BundleManifest {
    public static let predicateType = "urn:atomic:bundle:v1"
    /// Levels of assurance from the lowest up.
    public static let assuranceLevels = ["process", "measured-boot", "tee"]

    /// The manifest of these members, signed by the room.
    /// - Throws: `manifest`.
    public static func sign(
        _ predicate: BundlePredicate, members: [CanonicalArchive.Member], by key: borrowing SigningKey
    ) throws(BundleError) -> [UInt8] {
        let subjects = members.sorted { CanonicalArchive.precedes($0.name, $1.name) }
            .map { StatementSubject(name: $0.name, digest: Digest.sha256($0.content)) }
        do throws(SealingError) {
            let statement = Statement(subject: subjects, predicateType: predicateType, predicate: predicate)
            return try statement.signed(by: key).canonical()
        } catch {
            throw BundleError(.manifest, error.message, remedy: error.remedy, cause: error)
        }
    }

    /// Reads a manifest without judging its signatures.
    /// - Throws: `manifest`.
    static func open(_ bytes: [UInt8]) throws(BundleError) -> (
        envelope: Envelope, statement: Statement<BundlePredicate>
    ) {
        do throws(SealingError) {
            let envelope = try Envelope(canonical: bytes)
            let statement = try Statement<BundlePredicate>(unverified: envelope, predicateType: predicateType)
            let range = statement.predicate.range
            guard range.start < range.end else { throw malformed("its range is empty") }
            guard assuranceLevels.contains(statement.predicate.assurance) else {
                throw malformed("\(statement.predicate.assurance) is no level of assurance")
            }
            return (envelope, statement)
        } catch {
            throw .failed(.manifest, "\(CanonicalArchive.manifestName): \(error.message)", cause: error)
        }
    }

    private static func malformed(_ why: String) -> SealingError {
        SealingError(.statement, why, remedy: "do not rely on this bundle", exit: .unverified)
    }
}
