// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy
public import TransparencyLog

extension Event {
    /// The room was put back from a copy, and its quorum says so.
    public struct RoomRestored: EventData {
        public static let type = "room.restored"
        /// As in the statement.
        public var reason: String
        /// Key ids, sorted.
        public var signers: [String]
        /// The signed statement: a DSSE envelope as canonical JSON text.
        public var statement: String

        public init(reason: String, signers: [String], statement: String) {
            self.reason = reason
            self.signers = signers
            self.statement = statement
        }
    }
}

extension RestoreStatement {
    /// The lost checkpoints, each checked: of the log, and signed by a key of it. That they are not of *this* history, whoever has the log compares.
    /// - Throws: `lost`, naming the one that is not.
    public func lostHeads(signedBy keys: KeyHistory) throws(PolicyError) -> [Checkpoint] {
        var heads: [Checkpoint] = []
        for (index, note) in (lost ?? []).enumerated() {
            let head: Checkpoint
            do throws(LogError) {
                head = try keys.checkEarlier(Array(note.utf8), published: false)
            } catch {
                throw PolicyError(
                    "lost", "lost checkpoint \(index + 1): \(error.message)",
                    remedy: "give checkpoints as atomic audit checkpoint wrote them, or leave this one out",
                    cause: error)
            }
            guard head.origin == room else {
                throw PolicyError(
                    "lost", "lost checkpoint \(index + 1) is of the log \(head.origin)", remedy: "leave it out")
            }
            heads.append(head)
        }
        return heads
    }
}
