// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import TransparencyLog

extension Event {
    /// Witnesses signed a checkpoint of this log, which is of fewer entries than stand before this one.
    public struct CheckpointCosigned: EventData {
        public static let type = "checkpoint.cosigned"
        /// Entries under the checkpoint.
        public var size: Int64
        /// RFC 6962 root at that size.
        public var root: Digest
        /// The `cosigned-checkpoint` record.
        public var note: Digest
        /// Who signed, in the order of `room.yaml`.
        public var witnesses: [Witness]

        /// One cosignature.
        public struct Witness: Codable, Equatable, Sendable {
            public var name: String
            /// The key's id (C2SP tlog-cosignature), eight hexadecimal digits.
            public var keyId: String
            /// When, as the witness says; seconds since 1970, in decimal.
            public var timestamp: String

            public init(name: String, keyId: String, timestamp: String) {
                self.name = name
                self.keyId = keyId
                self.timestamp = timestamp
            }

            public init(_ cosignature: Cosignature) {
                name = cosignature.witness.name
                let hex = String(cosignature.witness.keyID, radix: 16)
                keyId = String(repeating: "0", count: 8 - hex.count) + hex
                timestamp = String(cosignature.timestamp)
            }
        }

        public init(size: Int64, root: Digest, note: Digest, witnesses: [Witness]) {
            self.size = size
            self.root = root
            self.note = note
            self.witnesses = witnesses
        }
    }
}
