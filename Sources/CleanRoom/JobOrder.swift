// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What somebody asks for: the text of a job file, and what its relative paths are relative to. It means the same in
/// another process, so a client can hand it to the daemon that has the room.
public struct JobOrder: Codable, Sendable, Equatable {
    /// The largest job file, in bytes.
    public static let maximumBytes = 1 << 20

    /// What the job file is called in errors.
    public let name: String
    public let text: String
    /// Absolute; where the patterns of `input` start.
    public let directory: String
    /// Absolute; where `output.dir` starts.
    public let workingDirectory: String
    /// Key URI of the data owner, with an absolute path; nil for what `room.yaml` names.
    public let owner: String?
    /// Whether a job that already answered exactly these inputs into the same place is found instead of run again.
    public let once: Bool

    /// What the answers should be, by message and microtask; only counted.
    public let labels: [String: [String: JSONValue]]?

    public init(
        name: String, text: String, directory: String, workingDirectory: String, owner: String?, once: Bool = false,
        labels: [String: [String: JSONValue]]? = nil
    ) {
        self.name = name
        self.text = text
        self.directory = directory
        self.workingDirectory = workingDirectory
        self.owner = owner
        self.once = once
        self.labels = labels
    }

    /// Reads a job file of this machine and checks its form.
    ///
    /// - Throws: what ``JobFile`` throws; `io`, `not-found`.
    public init(
        jobFile path: String, owner: String? = nil, labels: [String: [String: JSONValue]]? = nil
    ) throws {
        let bytes = try Files.read(path, limit: Self.maximumBytes)
        _ = try JobFile(bytes: bytes, file: path)
        self.init(
            name: path, text: String(decoding: bytes, as: UTF8.self),
            directory: try AbsolutePath.of(Files.parent(of: path)),
            workingDirectory: try AbsolutePath.workingDirectory(), owner: try owner.map(AbsolutePath.uri),
            labels: labels)
    }

    /// The job file, its output directory made absolute.
    public func file() throws -> JobFile {
        guard directory.hasPrefix("/"), workingDirectory.hasPrefix("/") else {
            throw RoomError(.job, "an order names a directory that is not absolute", exit: .usage)
        }
        var file = try JobFile(bytes: Array(text.utf8), file: name)
        if !file.outputDirectory.hasPrefix("/") {
            file.outputDirectory = workingDirectory + "/" + file.outputDirectory
        }
        return file
    }
}
