// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension Event.AuctionSettled {
    /// Outcome of a call that ended with its supervisor: billed is the price that was set aside for it.
    public static let interrupted = "interrupted"
}

extension Event {
    /// The room was stopped: from here on nothing is permitted, and what ran was killed.
    public struct Halt: EventData {
        public static let type = "halt"
        /// As in the statement.
        public var reason: String?
        /// Key ids, sorted.
        public var signers: [String]
        /// The signed statement: a DSSE envelope as canonical JSON text.
        public var statement: String

        public init(reason: String?, signers: [String], statement: String) {
            self.reason = reason
            self.signers = signers
            self.statement = statement
        }
    }

    /// A quorum lets a halted room go on.
    public struct Resume: EventData {
        public static let type = "resume"
        /// As in the statement.
        public var reason: String?
        /// Key ids, sorted.
        public var signers: [String]
        /// The signed statement: a DSSE envelope as canonical JSON text.
        public var statement: String

        public init(reason: String?, signers: [String], statement: String) {
            self.reason = reason
            self.signers = signers
            self.statement = statement
        }
    }

    /// Whether entries of a type permit something, or set it off. A halted room has none of them.
    public static func isPermission(_ type: String) -> Bool { permissions.contains(type) }

    private static let permissions: Set<String> = [
        JobAccepted.type, AuctionHeld.type, KeyReleased.type, JailStarted.type, InputDelivered.type,
        OutputReleased.type, FeedbackAdded.type,
    ]
}
