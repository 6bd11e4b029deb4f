// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import TransparencyLog

/// Where a verb that changes a room does its work: in this process, or in the daemon that has the room. This is the one
/// place where that is chosen.
enum Supervisor {
    case here(Room)
    case daemon(DaemonClient)

    /// Opens the room; when the daemon has it, a connection to that.
    ///
    /// - Throws: `locked`, exit 75, when another process has the room and no daemon answers.
    static func open(_ directory: String) throws -> Supervisor {
        // A daemon that answers has the room's lock: nobody has to try for it.
        if let daemon = try daemon(of: directory) { return .daemon(daemon) }
        do {
            return .here(try Room(opening: directory, version: Version.text))
        } catch let error as LogError where error.code == .locked {
            // It may have started in this moment.
            guard let daemon = try daemon(of: directory) else { throw error }
            return .daemon(daemon)
        }
    }

    /// The daemon that has the room, or nil.
    static func daemon(of directory: String) throws -> DaemonClient? { try DaemonClient.connect(room: directory) }

    /// Does the work with the open room, and gives the room back; or asks the daemon.
    static func use<Result>(
        _ directory: String, here: (Room) throws -> Result, daemon: (DaemonClient) throws -> Result
    ) throws -> Result {
        switch try open(directory) {
        case .daemon(let client): return try daemon(client)
        case .here(let room):
            do {
                let result = try here(room)
                try room.close()
                return result
            } catch {
                try? room.close()
                throw error
            }
        }
    }
}
