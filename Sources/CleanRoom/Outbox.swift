// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Sealed answers that wait for their release entry.
///
/// An answer is staged durably, then its `output.released` entry is written, then it is linked into the output
/// directory. A crash before the entry leaves a file that nobody may have and that is removed; a crash after it leaves
/// a file that recovery links. So an answer is never released twice and never lost.
struct Outbox: Sendable {
    private let directory: String

    init(directory: String) throws {
        self.directory = directory
        try Files.createDirectory(directory, mode: 0o700)
    }

    /// Stages a sealed answer. Durable on return.
    func stage(_ ciphertext: [UInt8]) throws -> Digest {
        let digest = Digest.sha256(ciphertext)
        try Files.writeDurably(ciphertext, to: path(digest), mode: 0o600)
        return digest
    }

    /// Copies a staged answer to its place. Doing it again is harmless: the same bytes replace themselves.
    func place(_ digest: Digest, at destination: String) throws {
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
        do {
            try Files.createDirectory(Files.parent(of: destination))
            try Files.writeDurably(bytes, to: destination, mode: 0o644)
        } catch {
            throw RoomError(
                .output, "the answer could not be placed: \(error.message)",
                remedy: "\(error.remedy); the same atomic run then places it without running a model again",
                cause: error)
        }
    }

    /// Removes what is staged and not in `keep`.
    func clear(keeping keep: Set<Digest>) throws {
        for name in try Files.list(directory) where !keep.contains(where: { $0.hex == name }) {
            try Files.remove(directory + "/" + name)
        }
    }

    private func path(_ digest: Digest) -> String { directory + "/" + digest.hex }
}
