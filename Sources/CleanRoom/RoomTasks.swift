// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle

extension Room {
    /// Puts a task graph into the room and returns the digest by which a policy lists it.
    public static func addTask(_ file: String, to directory: String) throws -> (name: String, digest: Digest) {
        let paths = RoomPaths(directory)
        _ = try RoomConfiguration(reading: paths.configuration)
        let graph = try TaskGraphFile.read(file)
        let bytes = try CanonicalJSON.encode(graph)
        try Files.createDirectory(paths.tasks, mode: 0o700)
        try Files.writeDurably(bytes, to: "\(paths.tasks)/\(graph.name).json")
        return (graph.name, .sha256(bytes))
    }

    /// The graph of a name. Which digest is good is the policy's word, checked when a job is admitted.
    func taskGraph(_ name: String) throws -> Record.TaskGraph {
        let path = "\(paths.tasks)/\(name).json"
        guard !name.contains("/"), Files.exists(path) else {
            throw RoomError(
                .task, "the room has no task graph named \(name)",
                remedy: "add it with: atomic task add FILE --room \(paths.root)", exit: .usage)
        }
        return try CanonicalJSON.decode(Record.TaskGraph.self, from: Files.read(path, limit: 1 << 20))
    }
}
