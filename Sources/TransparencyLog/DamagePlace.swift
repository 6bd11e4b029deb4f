// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Where damage that a verification has met really lies.
///
/// Two neighbours that do not fit each other do not say which of them was changed: an entry whose `prev` is another one and
/// an entry whose successor's `prev` is right look the same. The signed root does say it.
enum DamagePlace {
    /// The first published entry that does not lead to the signed root, as the error to report; the error that was met when
    /// all of them do, when a tile does not, or when the log cannot be read at all.
    static func of(_ met: LogError, room: String) -> LogError {
        // A changed entry may also name keys that are none.
        guard met.exit == .unverified, let reader = try? LogReader(room: room) else { return met }
        do throws(LogError) {
            var next: UInt64 = 0
            while next < reader.publishedSize {
                let end = min(next + 256, reader.publishedSize)
                // A tile that does not lead to the root says nothing of the entries below it.
                guard (try? reader.tile(level: 0, index: next / 256)) != nil else { return met }
                _ = try reader.rawEntries(in: next..<end)
                next = end
            }
            return met
        } catch {
            return error.code == .damaged ? error : met
        }
    }
}
