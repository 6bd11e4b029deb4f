// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Jail
internal import SovereignPolicy
internal import Synchronization

/// Jobs at the desk: run, joined, attached to, stopped.
extension Desk {
    /// Runs an order, on a worker's thread.
    /// - Returns: nil when an identical job is at work and whoever listened to this ticket listens to that now.
    func run(_ order: JobOrder, uid: UInt32, ticket: Ticket) throws -> JSONValue? {
        try room.admitting { try runOnce(order, uid: uid, ticket: ticket) }
    }

    private func runOnce(_ order: JobOrder, uid: UInt32, ticket: Ticket) throws -> JSONValue? {
        let request = try intake.withLock { _ in
            try JobRequest(order: order, caller: uid, room: room) { self.broadcast(.progress($0), ticket) }
        }
        try order.labels.map { try LabelFile($0).check(request) }
        if order.once, let earlier = try room.earlierJob(answering: request) {
            return try CanonicalJSON.value(JobResult(earlier: earlier))
        }
        if join(ticket, identicalTo: request.digest) { return nil }
        let runner = try JobRunner(
            room: room, request: request, launcher: launcher, scheduler: scheduler, labels: order.labels ?? [:]
        ) { progress in
            if case .accepted(let job, _, _) = progress {
                self.state.withLock { $0.works[ticket]?.job = job }
            }
            self.broadcast(.progress(progress), ticket)
        }
        let isStopping = state.withLock { state in
            state.works[ticket]?.runner = runner
            return state.queue.isStopping
        }
        if isStopping { throw DaemonError.isStopping }
        return try CanonicalJSON.value(JobResult(report: runner.run()))
    }

    /// Two runs of one job would repeat each other's work: the second joins the first.
    private func join(_ ticket: Ticket, identicalTo digest: Digest) -> Bool {
        state.withLock { state in
            guard let other = state.works.first(where: { $0.key != ticket && $0.value.digest == digest })?.key else {
                state.works[ticket]?.digest = digest
                return false
            }
            let audience = state.works[ticket]?.audience ?? []
            state.works[other]?.audience += audience
            state.works[ticket]?.audience = []
            return true
        }
    }

    func attach(_ client: Client, to job: String) {
        let found = state.withLock { state in
            guard let ticket = state.works.first(where: { $0.value.job == job })?.key else { return false }
            state.works[ticket]?.audience.append(client)
            return true
        }
        if !found { mailbox.post(.failed(.init(DaemonError.isNotRunning(job))), to: [client]) }
    }

    func stop(_ job: String, _ client: Client) {
        let runner = state.withLock { state in state.works.values.first { $0.job == job }?.runner }
        runner?.stop()
        answer(client) {
            guard runner != nil else { throw DaemonError.isNotRunning(job) }
            return .object([:])
        }
    }

    func status() -> DaemonStatus {
        state.withLock { state in
            DaemonStatus(
                state: state.queue.isStopping || state.isStopWanted ? "stopping" : "ready", room: room.paths.root,
                policy: room.policy?.sequence ?? 0, workers: Int64(state.queue.workers),
                capacity: Int64(state.queue.capacity),
                running: state.works.values.filter { $0.runner != nil }.map { $0.job ?? "" }.sorted(),
                waiting: Int64(state.queue.waitingJobs.count))
        }
    }
}

extension DaemonError {
    static func isNotRunning(_ job: String) -> DaemonError {
        DaemonError(
            .notRunning, "the job \(job) is not at work in this daemon", remedy: "see: atomic job list", exit: .usage)
    }
}
