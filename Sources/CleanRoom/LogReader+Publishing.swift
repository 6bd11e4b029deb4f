// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
public import TransparencyLog

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
        guard let signer = try LogKeyFiles(paths, configuration).postQuantumSigner(beside: reader.key) else { return }
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
