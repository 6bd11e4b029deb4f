// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import SovereignPolicy
internal import TransparencyLog

/// The halts and resumes of a room's log, without reading all of it.
enum StopShelf {
    /// The course so far.
    ///
    /// state.db is only a memory of the log: what it remembers is compared with its entries, and whether the room is halted with
    /// what the last opening says and everything behind it. Whoever edits the file does not set a halted room going.
    static func course(store: RoomStore, log: LogReader) throws -> StopCourse {
        var course = StopCourse()
        for row in try store.stops() {
            let entry = try log.entry(UInt64(clamping: row.entry))
            guard entry.type == row.kind, let kind = StopStatement.Kind(rawValue: row.kind),
                try statement(of: entry) == row.statement
            else { throw contradiction }
            course.follow(kind, row.statement)
        }
        guard try course.isHalted == isHalted(log, from: store.lastOpening()) else { throw contradiction }
        return course
    }

    /// Whether the room is halted, by the entries from an opening on.
    private static func isHalted(_ log: LogReader, from opening: Int64?) throws -> Bool {
        let first = UInt64(clamping: opening ?? 0)
        guard first < log.size else { return false }
        var isHalted = false
        if opening != nil {
            let opened = try log.entry(first)
            guard opened.type == Event.RoomOpened.type else { throw contradiction }
            isHalted = opened.data["halted"]?.boolValue ?? false
        }
        for start in stride(from: first, to: log.size, by: 1_024) {
            for entry in try log.entries(in: start..<min(start + 1_024, log.size)) {
                if entry.type == Event.Halt.type { isHalted = true }
                if entry.type == Event.Resume.type { isHalted = false }
            }
        }
        return isHalted
    }

    private static func statement(of entry: LogEntry) throws -> Digest {
        try StopEnvelope.inspect(Array((entry.data["statement"]?.stringValue ?? "").utf8)).digest
    }

    private static let contradiction = RoomError(
        .inconsistent, "state.db names other halts than the log",
        remedy: "find out who changed it, then delete state.db; it is made again from the log", exit: .unverified)
}
