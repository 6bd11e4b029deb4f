// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One file of a bundle or an image, as its list names it.
public struct ListedFile: Codable, Hashable, Sendable {
    /// Relative, without `.` and `..`.
    public let path: String
    /// Permission bits as four octal digits: `0555` or `0444`. Absent for links.
    public let mode: String?
    /// Bytes. Absent for links.
    public let size: UInt64?
    /// Of the content. Absent for links.
    public let digest: Digest?
    /// The target of a link as written; absent for files.
    public let link: String?

    init(path: String, executable: Bool, size: UInt64, digest: Digest) {
        self.path = path
        mode = executable ? "0555" : "0444"
        self.size = size
        self.digest = digest
        link = nil
    }

    init(path: String, link: String) {
        self.path = path
        self.link = link
        mode = nil
        size = nil
        digest = nil
    }

    /// Permission bits of the file in a jail.
    var modeBits: UInt32 { mode == "0555" ? 0o555 : 0o444 }

    /// Whether the path stays below the directory it is relative to.
    var isContained: Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.isEmpty && !path.utf8.contains(0) && !parts.contains { ["", ".", ".."].contains($0) }
    }
}

/// The files of an image in byte order of their paths. Modification times are kept on disk and are no part of it:
/// nothing in an image depends on them, and two installations of the same packages differ in nothing else.
struct ImageList: Codable, Hashable, Sendable {
    let v: Int
    let files: [ListedFile]

    var bytes: UInt64 { files.reduce(0) { $0 + ($1.size ?? 0) } }

    /// Byte code that an interpreter left beside a program: no part of a bundle.
    static func isByteCode(_ path: String) -> Bool { path.hasSuffix(".pyc") }

    /// Hashes everything below a directory.
    static func make(of directory: String) throws(ExecutorError) -> ImageList {
        var files: [ListedFile] = []
        for entry in try FileTree.walk(directory) {
            let path = "\(directory)/\(entry.path)"
            switch entry.facts.kind {
            case .link:
                guard let target = FileTree.target(ofLink: path) else { throw .image("readlink \(path) failed") }
                files.append(ListedFile(path: entry.path, link: target))
            case .file:
                let (size, digest) = try FileCopy.hash(path)
                files.append(
                    ListedFile(path: entry.path, executable: entry.facts.executable, size: size, digest: digest))
            default:
                throw .image("\(path) is neither a file nor a link")
            }
        }
        return ImageList(v: 1, files: files)
    }
}

/// What is hashed to make a model's digest; stored as `manifest.json`.
struct ModelRecord: Codable, Sendable {
    struct Image: Codable, Sendable {
        /// SHA-256 of the image's list.
        let digest: Digest
        let files: Int
        let bytes: UInt64
    }

    let v: Int
    let manifest: ModelManifest
    /// The bundle as it was given.
    let files: [ListedFile]
    let image: Image
}
