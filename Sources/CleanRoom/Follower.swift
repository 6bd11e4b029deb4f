// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import RoomStore
internal import Synchronization
internal import TransparencyLog

/// Brings the room's state up to its log, one thread at a time.
final class Follower: Sendable {
    private let log: TransparencyLog
    private let store: RoomStore
    private let records: RecordStore
    private let turn = Mutex<Void>(())

    init(log: TransparencyLog, store: RoomStore, records: RecordStore) {
        self.log = log
        self.store = store
        self.records = records
    }

    func follow() throws {
        try turn.withLock { _ in
            let next = UInt64(try store.nextEntry())
            let end = log.size
            guard next <= end else {
                throw RoomError(
                    .inconsistent, "state.db has followed \(next) entries, the log has \(end)",
                    remedy: "the log was cut or restored from an older copy: restore the newest copy; "
                        + "state.db alone may be deleted", exit: .unverified)
            }
            guard next < end else { return }
            try LogProjection.follow(log.reader(), from: next, in: store, records: records)
        }
    }
}
