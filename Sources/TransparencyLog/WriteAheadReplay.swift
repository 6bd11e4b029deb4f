// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Continues the published log with the write-ahead files: what was acknowledged must be there and be what was
/// signed; a last batch that nobody was told about may be torn, and then never was.
struct WriteAheadReplay {
    /// How many of the signatures to check. The last one covers all entries before it; the others are checked by a
    /// full verification, which wants to know of every damaged byte.
    enum Signatures { case last, all }

    /// The tree with every accepted batch.
    private(set) var tree: TreeState
    /// Entries after the published size.
    private(set) var entries: EntryTail
    /// Tiles that became full after the published size.
    private(set) var completed: [CompletedTile] = []
    /// Signed checkpoint of `tree`.
    private(set) var note: [UInt8]
    /// Something after the last accepted batch was dropped.
    private(set) var isTorn = false
    /// Accepted batches lie after the mark: they may not be durable yet.
    private(set) var isUnmarked = false
    /// Where the accepted frames of the last file end.
    private(set) var end = 0

    /// That of the file being replayed.
    private var key: NoteVerifier
    private let published: UInt64

    /// - Parameters:
    ///   - tree: the published tree.
    ///   - note: its signed checkpoint, already checked.
    ///   - keys: the key of each file; that they follow each other is already checked.
    init(
        _ segments: [WriteAheadSegment], tree: TreeState, note: [UInt8], keys: [NoteVerifier], signatures: Signatures
    ) throws(LogError) {
        self.tree = tree
        self.note = note
        key = keys[0]
        published = tree.size
        entries = EntryTail(start: tree.size)
        var position: UInt64?
        for (number, segment) in segments.enumerated() {
            key = keys[number]
            let base = try checkpoint(segment.base, file: segment.file, signed: true)
            // Where the keys change, the first checkpoint of the new one stands for the last of the old one.
            if number > 0, keys[number - 1] != key, base.size == self.tree.size { self.note = segment.base }
            if let position {
                guard base.size == position else {
                    throw .damaged(
                        "its batches end at entry \(position), the next file continues at \(base.size)",
                        file: segments[number - 1].file, entry: position)
                }
                guard base.size < published || base.root == self.tree.root else {
                    throw .damaged("its checkpoint does not fit the log before it", file: segment.file)
                }
            } else {
                guard base.size <= published else {
                    throw .damaged(
                        "it ends at \(published) entries, but \(segment.file) begins after \(base.size): "
                            + "log/ is an older copy or was cut", file: "log/checkpoint", entry: published)
                }
                guard base.size < published || base.root == tree.root else {
                    throw .damaged("its checkpoint does not fit log/checkpoint", file: segment.file)
                }
            }
            let next = number + 1 < segments.count ? segments[number + 1] : nil
            // What it says is enough here; its signature is checked when its turn comes.
            let known = try next.map { segment throws(LogError) in
                try checkpoint(segment.base, file: segment.file, signed: false).size
            }
            position = try replay(segment, from: base.size, known: known, signatures: signatures)
        }
        guard let position, position >= published else {
            throw .damaged(
                "the write-ahead file ends at entry \(position ?? 0), log/checkpoint has \(published): "
                    + "it is an older copy or was cut", file: segments.last?.file ?? "log-wal", entry: position ?? 0)
        }
    }

    /// - Parameter known: where the next file begins; what lies before that was acknowledged, what lies after was not.
    /// - Returns: the entry after the last accepted one.
    private mutating func replay(
        _ segment: WriteAheadSegment, from base: UInt64, known: UInt64?, signatures: Signatures
    ) throws(LogError) -> UInt64 {
        var position = base
        end = segment.start
        var boundaries: Set<Int> = [end]
        for (index, frame) in segment.frames.enumerated() {
            if let known, frame.range.upperBound > known { break }
            let acknowledged = frame.place.upperBound <= segment.mark || known != nil
            // A signature costs more than a hundred hashes; the last batch's covers everything before it.
            let last = index == segment.frames.count - 1
            let signed = signatures == .all || last && known == nil
            do throws(LogError) {
                try accept(frame, position: position, file: segment.file, signed: signed)
            } catch {
                guard !acknowledged, last else { throw error }
                break
            }
            if !acknowledged { isUnmarked = true }
            position = frame.range.upperBound
            end = frame.place.upperBound
            boundaries.insert(end)
        }
        if let known {
            guard position == known else {
                throw .damaged("acknowledged batches are missing", file: segment.file, entry: position)
            }
            return position
        }
        guard end >= segment.mark else {
            throw .damaged(
                "acknowledged up to byte \(segment.mark), sound up to byte \(end)", file: segment.file, entry: position)
        }
        guard boundaries.contains(segment.mark) else {
            throw .damaged("byte \(segment.mark) of the mark is not the end of a batch", file: segment.file)
        }
        isTorn = end < segment.end || segment.hasMore
        return position
    }

    private mutating func accept(
        _ frame: WriteAheadSegment.Frame, position: UInt64, file: String, signed: Bool
    ) throws(LogError) {
        guard frame.first == position else {
            throw .damaged("a batch begins at entry \(frame.first)", file: file, entry: position)
        }
        guard frame.range.lowerBound >= published else {
            guard frame.range.upperBound <= published else {
                throw .damaged("a batch reaches over the published size \(published)", file: file, entry: position)
            }
            if signed { _ = try checkpoint(frame.note, file: file, signed: true) }
            return
        }
        var grown = tree
        var full: [CompletedTile] = []
        var engine = SHA256Engine()
        let text = frame.entries.bytes.span
        for position in 0..<frame.entries.count {
            let leaf = MerkleTree.leafHash(text.extracting(frame.entries.place(position)), engine: &engine)
            grown.append(leaf: leaf, engine: &engine, completed: &full)
        }
        let head = try checkpoint(frame.note, file: file, signed: signed)
        guard head.size == grown.size, head.root == grown.root else {
            throw .damaged(
                "the batch of entries \(frame.range.lowerBound) to \(frame.range.upperBound - 1) is not what was signed",
                file: file, entry: EntryChain.firstBroken(frame.entries, from: frame.first))
        }
        tree = grown
        completed += full
        entries.append(frame.entries)
        note = frame.note
    }

    private func checkpoint(_ note: [UInt8], file: String, signed: Bool) throws(LogError) -> Checkpoint {
        do throws(LogError) {
            if signed { return try Checkpoint(note: note, signedBy: key) }
            let head = try Checkpoint(text: SignedNote(bytes: note).text)
            guard head.origin == key.name else { throw LogError.note("it is of another log") }
            return head
        } catch {
            throw .damaged("a checkpoint in it is broken: \(error.message)", file: file)
        }
    }
}
