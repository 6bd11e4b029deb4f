// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import TransparencyLog

/// The broker: the one place where ciphertext becomes plaintext, and only into a sealed memfd.
extension JobRunner {
    /// Opens an input whose `key.released` entry is durable.
    func decrypt(_ item: Record.Inputs.Item) throws -> SealedMemory {
        guard let path = request.sealed.ciphertexts[item.digest] else {
            throw RoomError(.inconsistent, "input \(item.index) has no file", remedy: "run the job again")
        }
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, limit: InputIntake.maximumBytes)
        } catch {
            // One message that went away does not hold the others back.
            throw SealingError(
                .payload, "input \(item.index) cannot be read any more: \(error.message)", remedy: error.remedy,
                cause: error)
        }
        // Between sealing and now the file may have been replaced; the label speaks of these bytes and no others.
        guard Digest.sha256(bytes) == item.digest else {
            throw SealingError(
                .payload, "input \(item.index) changed since its label was checked", remedy: "seal it again")
        }
        return try SealedMemory(copying: Age.decrypt(bytes, identity: identity))
    }
}

extension Room {
    /// Staged answers that this or another unfinished job still has to place when it is resumed.
    func staged() throws -> Set<Digest> {
        Set(try (store.unplacedAnswers() + store.heldAnswers()).compactMap { Digest(string: $0) })
    }

    /// How many jails of a job have ended, by the log.
    func jailsEnded(job: String) throws -> Int64 { try store.job(job)?.jailsEnded ?? 0 }
}
