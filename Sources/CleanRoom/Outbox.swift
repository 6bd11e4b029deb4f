// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Sealed answers that wait for their release entry.
///
/// An answer is staged durably (``NamedFile``), then its `output.released` entry is written, then it is put into the output
/// directory. A crash before the entry leaves a file that nobody may have and that is removed; a crash after it leaves
/// a file that recovery links. So an answer is never released twice and never lost. Where the room demands cosignatures,
/// witnesses sign between entry and placing; a ``Clearance`` shows that they did.
struct Outbox: Sendable {
    private let directory: String

    init(directory: String) throws {
        self.directory = directory
        try Files.createDirectory(directory, mode: 0o700)
    }

    /// Copies a staged answer to its place. Doing it again is harmless: the same bytes replace themselves.
    func place(_ digest: Digest, at destination: String, _ clearance: Clearance) throws {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path(digest))
        } catch {
            // Already placed and cleared before a crash: fine when the destination holds exactly these bytes.
            if let placed = try? Files.read(destination), Digest.sha256(placed) == digest { return }
            throw RoomError(
                .output, "the sealed answer \(digest) is neither staged nor at \(destination)",
                remedy: "restore the room's outbox from a backup", cause: error)
        }
        try place(bytes, at: destination, clearance)
    }

    /// Puts a released answer in its place. Until ``settle(_:)`` it is staged too, so the disk need not have it yet.
    func place(_ ciphertext: [UInt8], at destination: String, _: Clearance) throws {
        do {
            try Files.createDirectory(Files.parent(of: destination))
            try Files.writeVisibly(ciphertext, to: destination, mode: 0o644)
        } catch {
            throw Self.unplaced(error)
        }
    }

    /// Makes what was placed in a directory durable. Before the job ends, because then nothing is staged any more.
    func settle(_ directory: String) throws {
        guard Files.isDirectory(directory) else { return }
        do {
            try Files.syncFileSystem(of: directory)
        } catch {
            throw Self.unplaced(error)
        }
    }

    private static func unplaced(_ error: BaseError) -> RoomError {
        RoomError(
            .output, "the answer could not be placed: \(error.message)",
            remedy: "\(error.remedy); the same atomic run then places it without running a model again", cause: error)
    }

    /// Removes answers that are in their places.
    func remove(_ digests: some Sequence<Digest>) throws {
        for digest in digests { try Files.remove(path(digest)) }
    }

    /// Removes what is staged and not in `keep`. Only where nobody is staging anything.
    func clear(keeping keep: Set<Digest>) throws {
        let names = Set(keep.map(\.hex))
        for name in try Files.list(directory) where !names.contains(name) {
            try Files.remove(directory + "/" + name)
        }
    }

    private func path(_ digest: Digest) -> String { directory + "/" + digest.hex }
}
