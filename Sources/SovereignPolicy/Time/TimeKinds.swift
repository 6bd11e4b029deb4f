// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One instant of each kind that the windows of some policies tell apart, while one of them holds.
///
/// Between two changes of an offset windows repeat every week, so the first eight days after each change hold every kind that there is.
struct TimeKinds {
    struct Kind {
        let time: WallTime
        /// Whether every policy holds at that very time.
        let holdsNow: Bool
        /// For each policy whether it holds at an instant of this kind.
        let valid: [Bool]
    }

    /// Those of the last policy first.
    let kinds: [Kind]

    init(_ policies: [SovereignPolicy]) {
        let windows = policies.map { policy in
            policy.conditions.flatMap(SovereignPolicy.windows(of:)).compactMap { window in
                policy.zones?[window.zone].map { (window, $0) }
            }
        }
        var order: [[Bool]] = []
        var found: [[Bool]: Kind] = [:]
        for policy in policies.reversed() {
            for time in Self.instants(of: policy, among: policies, windows.flatMap { $0 }) {
                let mark = windows.flatMap { $0.map { window, offsets in window.contains(time, offsets) } }
                let holds = policies.map { $0.metadata.notBefore <= time && time < $0.metadata.expires }
                if let kind = found[mark] {
                    // A witness of a time when all hold says most.
                    let isBetter = !kind.holdsNow && !holds.contains(false)
                    found[mark] = Kind(
                        time: isBetter ? time : kind.time, holdsNow: kind.holdsNow || isBetter,
                        valid: zip(kind.valid, holds).map { $0 || $1 })
                } else {
                    order.append(mark)
                    found[mark] = Kind(time: time, holdsNow: !holds.contains(false), valid: holds)
                }
            }
        }
        kinds = order.compactMap { found[$0] }
    }

    /// Instants in a policy's validity at which anything about a window may change, and its beginning.
    private static func instants(
        of policy: SovereignPolicy, among policies: [SovereignPolicy], _ windows: [(TimeWindow, TimeZoneOffsets)]
    ) -> [WallTime] {
        let (start, end) = (policy.metadata.notBefore, policy.metadata.expires)
        guard start < end else { return [start] }
        var begins = [start] + policies.map(\.metadata.notBefore).filter { $0 > start && $0 < end }
        if windows.isEmpty { return begins }
        let week: Int64 = 8 * 86_400 * 1_000_000_000
        begins += windows.flatMap { $0.1.changes.map(\.at) }.filter { $0 > start && $0 < end }
        var edges: Set<Int64> = []
        for (window, offsets) in windows {
            let all = Set([offsets.offset] + offsets.changes.map(\.offset))
            for edge in window.edges { edges.formUnion(all.map { Int64(edge) * 60 - $0 }) }
        }
        var instants: Set<WallTime> = []
        for begin in Set(begins) {
            instants.insert(begin)
            let midnight = begin.nanoseconds / (86_400 * 1_000_000_000) - 1
            for day in midnight...(midnight + 10) {
                for edge in edges {
                    let time = WallTime(nanoseconds: (day * 86_400 + edge) * 1_000_000_000)
                    if time >= begin, time < end, time.nanoseconds <= begin.nanoseconds + week { instants.insert(time) }
                }
            }
        }
        return instants.sorted()
    }
}
