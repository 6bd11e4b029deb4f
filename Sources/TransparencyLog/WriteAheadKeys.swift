// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The keys of write-ahead files: one key per file, and a file with another key follows one that ends with its announcement.
enum WriteAheadKeys {
    /// The key of each file.
    /// - Throws: `damaged` when a key follows another without having been announced by it.
    static func read(_ segments: [WriteAheadSegment]) throws(LogError) -> [NoteVerifier] {
        var keys: [NoteVerifier] = []
        for segment in segments {
            let key: NoteVerifier
            do {
                key = try NoteVerifier(vkey: segment.vkey)
            } catch {
                throw .damaged(error.message, file: segment.file)
            }
            if let before = keys.last, before != key {
                try check(segments[keys.count - 1], before, handsOverTo: key, in: segment)
            }
            keys.append(key)
        }
        return keys
    }

    /// Each key once.
    static func distinct(_ keys: [NoteVerifier]) -> [NoteVerifier] {
        keys.reduce(into: []) { found, key in if !found.contains(key) { found.append(key) } }
    }

    private static func check(
        _ last: WriteAheadSegment, _ old: NoteVerifier, handsOverTo new: NoteVerifier, in next: WriteAheadSegment
    ) throws(LogError) {
        do throws(LogError) {
            let base = try Checkpoint(text: SignedNote(bytes: next.base).text)
            guard let rotation = try announcement(in: last, at: base.size, by: old), rotation.new.classical == new
            else {
                throw KeyRotation.refused("\(last.file) does not end with its announcement")
            }
        } catch {
            throw .damaged("its verifier key is not that of \(last.file): \(error.message)", file: next.file)
        }
    }

    /// The rotation that the last entry announces when the log has `size` entries and its newest file is still the old key's.
    static func pending(_ segments: [WriteAheadSegment], size: UInt64) throws(LogError) -> KeyRotation? {
        guard let last = segments.last else { return nil }
        do throws(LogError) {
            return try announcement(in: last, at: size, by: NoteVerifier(vkey: last.vkey))
        } catch {
            throw .damaged(error.message, file: last.file, entry: size - 1)
        }
    }

    /// The rotation in the entry with which a file's batches reach `size`, signed by the file's key.
    private static func announcement(
        in segment: WriteAheadSegment, at size: UInt64, by key: NoteVerifier
    ) throws(LogError) -> KeyRotation? {
        guard let frame = segment.frames.last(where: { $0.range.upperBound == size }), !frame.entries.isEmpty else {
            return nil
        }
        let bytes = frame.entries[frame.entries.count - 1]
        guard KeyRotation.isIn(bytes[...]) else { return nil }
        let (rotation, statement) = try KeyRotation.read(LogEntry(bytes: bytes))
        // The file does not say which ML-DSA-65 key the log had; whoever knows it checks that line too.
        try rotation.verify(statement, by: LogKeys(key))
        return rotation
    }
}
