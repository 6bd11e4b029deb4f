// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension LogReader {
    /// Proof that the entry is in the log at an earlier checkpoint of it, for example one that witnesses have signed.
    /// - Throws: `signature`, `checkpoint` when the note is not one of this log; `damaged` when it is of another history;
    ///   `range` when the entry came later; as `tile`.
    public func inclusionProof(_ index: UInt64, under note: SignedNote) throws(LogError) -> InclusionProof {
        let head = try Checkpoint(note: note.bytes, signedBy: key)
        guard head.size <= size, try root(at: head.size) == head.root else {
            throw .damaged("the log does not begin with what an earlier checkpoint has signed", file: "log/checkpoint")
        }
        let tree = TiledTree(size: head.size) { level, index throws(LogError) in try tile(level: level, index: index) }
        return InclusionProof(index: index, path: try tree.inclusionPath(index), checkpoint: note.bytes)
    }
}
