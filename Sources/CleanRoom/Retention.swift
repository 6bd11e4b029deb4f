// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import Synchronization
internal import TransparencyLog

/// Erases what the policy in force, or the owner of the data in its label, does not let the room keep any longer: when the room is
/// opened, after every job where the policy sets an end, and once an hour.
///
/// It never touches what a job that has not ended needs. Time counts from the acceptance of the job, by the wall clock; so a clock
/// that is set forward erases early, and nothing but copies that the room kept for itself.
struct Retention {
    /// How often an open room looks, in nanoseconds.
    static let interval: UInt64 = 3_600_000_000_000
    /// How long an input without any job is kept at least: one that is being sealed belongs to none yet.
    private static let unclaimed: Int64 = 86_400_000_000_000

    private let room: Room
    private let policy: SovereignPolicy
    private let now: WallTime

    /// Nil before the first policy.
    init?(_ room: Room) {
        guard let policy = room.policy else { return nil }
        self.room = room
        self.policy = policy
        now = room.clock.wall()
    }

    func apply() throws {
        try room.forget(expiredRecords(), reason: "retention")
        // Nobody takes up an input again between the look at it and its end.
        try room.intake.withLock { _ in try room.forget(inputs: expiredInputs(), reason: "retention") }
    }

    /// How long records of a class may be kept: they hold a part of the input and the answers to it.
    static func ofRecords(_ policy: SovereignPolicy, class name: String) -> Nanoseconds? {
        let retention = policy.retention(of: name)
        return [retention.inputs, retention.outputs].compactMap(\.self).min()
    }

    private func expiredRecords() throws -> [String] {
        guard policy.limitsRetention else { return [] }
        let log = room.log.reader()
        let limits = Dictionary(uniqueKeysWithValues: policy.dataClasses.keys.map { ($0, limit($0)) })
        guard let shortest = limits.values.compactMap(\.self).min() else { return [] }
        var expired: [String] = []
        var accepted: (entry: Int64, at: WallTime)?
        for row in try room.store.kept() {
            if accepted?.entry != row.accepted {
                accepted = (row.accepted, try log.entry(UInt64(clamping: row.accepted)).wall)
            }
            guard let accepted, isOver(shortest, since: accepted.at) else { break }
            let own = limits[row.dataClass] ?? limit(row.dataClass)
            if let own, isOver(own, since: accepted.at) { expired.append(row.name) }
        }
        return expired
    }

    private func limit(_ name: String) -> Nanoseconds? { Self.ofRecords(policy, class: name) }

    private func expiredInputs() throws -> [(digest: Digest, path: String)] {
        let directory = room.paths.inputs
        guard Files.isDirectory(directory) else { return [] }
        // Without a word of the policy the labels say a month: not worth reading before a day has gone by.
        let least = Nanoseconds(policy.limitsRetention ? 0 : Self.unclaimed)
        var expired: [(digest: Digest, path: String)] = []
        for name in try Files.list(directory) where name.hasSuffix(".age") {
            let path = directory + "/" + name
            guard let used = Files.modified(path), isOver(least, since: used), let limit = limit(ofInput: path),
                isOver(limit, since: used)
            else { continue }
            let digest = Digest.sha256(try Files.read(path, limit: InputIntake.maximumBytes))
            let use = try room.store.use(of: digest)
            guard let last = use.lastEntry else {
                if isOver(Nanoseconds(Self.unclaimed), since: used) { expired.append((digest, path)) }
                continue
            }
            guard use.ended == use.jobs else { continue }
            // Taken up again since: by a job that is about to be accepted.
            let ended = try room.log.reader().entry(UInt64(clamping: last)).wall
            if used <= ended || isOver(Nanoseconds(Self.unclaimed), since: used) { expired.append((digest, path)) }
        }
        return expired
    }

    /// How long an input may be kept: what the policy says of its class, and the owner in its label.
    private func limit(ofInput path: String) -> Nanoseconds? {
        let bytes = try? Files.read(path + Label.suffix, limit: Label.sizeLimit)
        // The room's own label, which was checked when the input was taken.
        let label = bytes.flatMap { try? Label.inspect($0) }
        let own = label.flatMap { Durations.parse($0.retention) }.map { Nanoseconds($0) }
        return [policy.retention(of: label?.class ?? policy.top).inputs, own].compactMap(\.self).min()
    }

    private func isOver(_ duration: Nanoseconds, since time: WallTime) -> Bool {
        let (age, overflow) = now.nanoseconds.subtractingReportingOverflow(time.nanoseconds)
        return !overflow && age >= duration.value
    }
}

extension Room {
    /// Erases what has expired; what cannot be erased now waits for the next time.
    func tidy() { try? Retention(self)?.apply() }

    /// The same, where the policy says how long.
    func tidyAfterJob() {
        if policy?.limitsRetention == true { tidy() }
    }
}

extension Array {
    /// The same in arrays of at most `count`.
    func pieces(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
