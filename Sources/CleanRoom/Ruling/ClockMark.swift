// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import RoomStore
internal import SovereignPolicy

/// What a room says of its clock in a request: nothing, or that it stands before what its own log has seen.
///
/// Small steps either way are recorded and change nothing. Behind a larger step back nobody knows what time it is, until the wall clock has
/// passed the newest entry: a policy then permits nothing by the time of day.
struct ClockMark: Sendable {
    let store: RoomStore
    /// How far a clock may step back, in nanoseconds.
    let tolerance: Int64

    init(store: RoomStore, policy: SovereignPolicy?) {
        self.store = store
        tolerance = (policy?.clockTolerance ?? SovereignPolicy.usualClockTolerance).value
    }

    /// Whether a time is before what the log has seen by more than the tolerance. Where that cannot be asked, it is taken to be.
    func isBehind(_ time: WallTime) -> Bool {
        guard let newest = try? store.newestWall() else { return true }
        return time.nanoseconds < newest - min(newest, tolerance)
    }

    /// What a request at this time says of the clock.
    func attributes(at time: WallTime) -> [String: AttributeValue] {
        isBehind(time) ? [PolicyAttribute.clock: .string(PolicyAttribute.clockBehind)] : [:]
    }
}
