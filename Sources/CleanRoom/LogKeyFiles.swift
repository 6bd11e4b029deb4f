// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
public import TransparencyLog

/// The private keys of a room's log, where `room.yaml` says they are.
public struct LogKeyFiles: Sendable {
    private let paths: RoomPaths
    private let configuration: RoomConfiguration

    public init(_ paths: RoomPaths, _ configuration: RoomConfiguration) {
        self.paths = paths
        self.configuration = configuration
    }

    /// What signs the log's checkpoints.
    /// - Throws: `key-uri` for anything but a `file:` key, `key`, `io`.
    public func signer() throws -> NoteSigner {
        let key = try SigningKey(uri: Room.uri(configuration.logKey, in: paths))
        guard let uri = configuration.logPostQuantumKey else {
            return try NoteSigner(name: configuration.origin, key: key)
        }
        return try NoteSigner(
            name: configuration.origin, key: key, postQuantum: MLDSA65SigningKey(uri: Room.uri(uri, in: paths)))
    }

    /// What signs a checkpoint a second time before it leaves the room; nil for a room without such a key.
    /// - Throws: as ``signer()``.
    public func postQuantumSigner() throws -> PostQuantumNoteSigner? {
        guard let uri = configuration.logPostQuantumKey else { return nil }
        return try PostQuantumNoteSigner(
            name: configuration.origin, key: MLDSA65SigningKey(uri: Room.uri(uri, in: paths)))
    }
}

extension LogReader {
    /// The log of a room, for what leaves the room: under its checkpoint stand the lines of all the log's keys.
    ///
    /// The published checkpoint has them; a later one is signed here, which takes the room's key.
    /// - Throws: as ``init(room:key:)``; `key-uri`, `key`, `io` when the key cannot be used.
    public init(publishing room: String) throws {
        let reader = try LogReader(room: room)
        self = reader
        let paths = RoomPaths(room)
        guard Files.exists(paths.configuration), try !reader.isPostQuantumSigned() else { return }
        let configuration = try RoomConfiguration(reading: paths.configuration)
        guard let signer = try LogKeyFiles(paths, configuration).postQuantumSigner() else { return }
        self = try reader.completed(by: signer)
    }

    /// The same, also on a copy of the room without its keys: then the line is left out, and `note` is told. A reader who knows
    /// the key refuses such a checkpoint.
    public init(publishing room: String, note: (String) -> Void) throws {
        do {
            try self.init(publishing: room)
        } catch let error as SealingError {
            try self.init(room: room)
            note("the checkpoint has no ML-DSA-65 line: \(error.message)")
        }
    }
}
