// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The text of a checkpoint (C2SP tlog-checkpoint@v1.0.0): which log, how many entries, which root.
public struct Checkpoint: Hashable, Sendable {
    /// Identity of the log, one line.
    public let origin: String
    /// Entries in the tree.
    public let size: UInt64
    /// RFC 6962 root hash at that size.
    public let root: Digest
    /// Further lines, opaque; none in checkpoints of our own.
    public let extensions: [String]

    /// A checkpoint.
    public init(origin: String, size: UInt64, root: Digest, extensions: [String] = []) {
        self.origin = origin
        self.size = size
        self.root = root
        self.extensions = extensions
    }

    /// Reads the text of a note, final newline included.
    public init(text: [UInt8]) throws(LogError) {
        guard let whole = String(validating: text, as: UTF8.self), whole.utf8.last == 0x0a else {
            throw Self.malformed("it is not lines of UTF-8")
        }
        let lines = whole.utf8.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map { String($0) }
        let texts = lines.compactMap { $0 }
        guard texts.count == lines.count, texts.count >= 3, texts.allSatisfy({ !$0.isEmpty }) else {
            throw Self.malformed("it has not three non-empty lines")
        }
        guard let size = UInt64(texts[1]), String(size) == texts[1] else {
            throw Self.malformed("“\(texts[1])” is not a tree size")
        }
        guard let hash = Base64.decode(texts[2]), hash.count == 32, let root = Digest(hex: Hex.encode(hash)) else {
            throw Self.malformed("the third line is not base64 of a SHA-256 hash")
        }
        self.init(origin: texts[0], size: size, root: root, extensions: Array(texts.dropFirst(3)))
    }

    /// Reads a signed checkpoint and demands the signature of `key` and its name as origin.
    public init(note: [UInt8], signedBy key: NoteVerifier) throws(LogError) {
        let note = try SignedNote(bytes: note)
        try note.verified(by: [key])
        try self.init(text: note.text)
        guard origin == key.name else {
            throw LogError(
                .checkpoint, "the checkpoint is of the log \(origin), not of \(key.name)",
                remedy: "give the checkpoint of the right log", exit: .unverified)
        }
    }

    /// The text that is signed.
    public var text: [UInt8] {
        Array(([origin, String(size), Base64.encode(root.bytes)] + extensions).map { $0 + "\n" }.joined().utf8)
    }

    private static func malformed(_ why: String) -> LogError {
        LogError(
            .checkpoint, "not a checkpoint: \(why)", remedy: "give the log's checkpoint unchanged", exit: .unverified)
    }
}
