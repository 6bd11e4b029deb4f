// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Records by digest: `blobs/sha256/HEX`. Written once, durable before the entry that names them.
public struct RecordStore: Sendable {
    private let directory: String

    /// - Parameter directory: the room's `blobs` directory; created when missing.
    public init(directory: String) throws(StoreError) {
        self.directory = directory + "/sha256"
        do {
            try Files.createDirectory(self.directory, mode: 0o700)
        } catch {
            throw Self.unwritten(error)
        }
    }

    /// Stores canonical JSON of a record and returns its digest. Durable on return.
    public func put(_ record: some Encodable) throws(StoreError) -> Digest {
        do {
            return try put(bytes: CanonicalJSON.encode(record))
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(
                .recordUnwritten, "a record has no canonical form: \(error)", remedy: "report this as a defect")
        }
    }

    /// Stores bytes and returns their digest. Durable on return; storing the same bytes again costs nothing.
    public func put(bytes: [UInt8]) throws(StoreError) -> Digest {
        let digest = Digest.sha256(bytes)
        let path = directory + "/" + digest.hex
        if Files.exists(path) { return digest }
        do {
            try Files.writeDurably(bytes, to: path, mode: 0o600)
        } catch {
            throw Self.unwritten(error)
        }
        return digest
    }

    /// Stores many small byte strings with one flush of the file system instead of two per record. Durable on return.
    public func put(all items: [[UInt8]]) throws(StoreError) {
        do {
            for bytes in items {
                let path = directory + "/" + Digest.sha256(bytes).hex
                if !Files.exists(path) { try Files.writeVisibly(bytes, to: path, mode: 0o600) }
            }
            try Files.syncFileSystem(of: directory)
        } catch {
            throw Self.unwritten(error)
        }
    }

    /// Where a record lies, relative to the directory that holds `blobs`: for a ``FileJournal``.
    public static func name(of digest: Digest) -> String { "blobs/sha256/" + digest.hex }

    /// Erases a record. Only what the log says was erased may go.
    public func remove(_ digest: Digest) throws(StoreError) {
        do throws(BaseError) {
            try Files.remove(directory + "/" + digest.hex)
            try Files.syncDirectory(directory)
        } catch {
            throw Self.unwritten(error)
        }
    }

    public func contains(_ digest: Digest) -> Bool { Files.exists(directory + "/" + digest.hex) }

    /// The bytes of a record.
    /// - Throws: `record-missing`, or `record-damaged` when they no longer hash to the digest.
    public func bytes(_ digest: Digest) throws(StoreError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(directory + "/" + digest.hex)
        } catch {
            throw StoreError(
                .recordMissing, "the record \(digest) cannot be read: \(error.message)",
                remedy: "restore the room's blobs from a backup", exit: .unverified, cause: error)
        }
        guard Digest.sha256(bytes) == digest else {
            throw StoreError(
                .recordDamaged, "the record \(digest) was changed on disk",
                remedy: "restore the room's blobs from a backup", exit: .unverified)
        }
        return bytes
    }

    /// A record as a value.
    public func record<T: Codable>(_ type: T.Type, _ digest: Digest) throws(StoreError) -> T {
        let bytes = try bytes(digest)
        do {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            throw StoreError(
                .recordDamaged, "the record \(digest) is not a \(type): \(error.message)",
                remedy: "open the room with the version that wrote it", exit: .unverified, cause: error)
        }
    }

    static func unwritten(_ error: BaseError) -> StoreError {
        StoreError(
            error.code == .diskFull ? .diskFull : .recordUnwritten, "a record could not be stored: \(error.message)",
            remedy: error.remedy, cause: error)
    }
}
