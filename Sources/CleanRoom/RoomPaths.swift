// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Where things lie in a room's directory.
public struct RoomPaths: Sendable {
    public let root: String

    public init(_ root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    public var configuration: String { root + "/room.yaml" }
    public var policies: String { root + "/policy" }
    public var models: String { root + "/models" }
    public var tasks: String { root + "/tasks" }
    public var blobs: String { root + "/blobs" }
    public var outbox: String { root + "/outbox" }
    /// Small files of the directories above that were written last; see `FileJournal`.
    public var journal: String { root + "/files.journal" }
    /// The newest checkpoint that enough witnesses have signed.
    public var cosigned: String { root + "/cosigned-checkpoint" }
    public var inputs: String { root + "/inputs" }
    /// Halts and resumes that wait for whoever has the room.
    public var stops: String { root + "/halt" }
    public var keys: String { root + "/keys" }
    public var database: String { root + "/state.db" }

    /// The envelope of an accepted policy, for example `policy/000007.json`.
    public func policy(_ sequence: Int64) -> String {
        let digits = String(sequence)
        return "\(policies)/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).json"
    }

    /// A path of `room.yaml`, which may be relative to the room.
    public func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : root + "/" + path }
}
