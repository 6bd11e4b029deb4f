// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Glibc
public import Jail
internal import RoomStore

/// How an order ended: with a job's report, or with the job that had decided it before.
public struct JobResult: Codable, Sendable {
    public let report: JobReport?
    public let earlier: EarlierJob?
    /// How each message ended.
    public let messages: [JobMessage]

    public init(report: JobReport) {
        self.report = report
        messages = report.messages
        earlier = nil
    }

    public init(earlier: EarlierJob) {
        report = nil
        messages = earlier.messages
        self.earlier = earlier
    }
}

/// A job that decided these inputs before, under the policy of that time.
public struct EarlierJob: Codable, Sendable, Equatable {
    public let job: String
    /// How its inputs ended.
    public let messages: [JobMessage]
}

extension Room {
    /// A job that decided exactly these inputs, for the same task and requester, into the same place.
    ///
    /// A job is found again by its digest as long as job file and policy stay as they are. An order that is to be carried
    /// out once has to be found also when its budget was edited, or a new policy accepted, between a crash and now.
    public func earlierJob(answering request: JobRequest) throws -> EarlierJob? {
        let inputs = Digest.sha256(try CanonicalJSON.encode(request.inputs)).description
        for row in try store.jobs(inputs: inputs)
        where row.taskDigest == request.graphDigest.description && row.requester == request.file.requester {
            guard let digest = Digest(string: row.file), try place(of: digest) == request.file.outputDirectory else {
                continue
            }
            // The same job is resumed by its own way, which places what was released and ends it.
            if row.receipt == nil, row.digest == request.digest.description { return nil }
            let inputs = try store.inputs(job: row.id)
            // Nothing of an input that is still open has left the room: it may be decided anew.
            guard inputs.count == request.inputs.items.count, inputs.allSatisfy({ $0.state != "open" }) else {
                continue
            }
            // It will not be resumed.
            if row.receipt == nil { try placeReleased(inputs, of: row.id, request) }
            return EarlierJob(job: row.id, messages: endings(inputs, of: request))
        }
        return nil
    }

    private func endings(_ rows: [InputRow], of request: JobRequest) -> [JobMessage] {
        rows.map { row in
            let item = request.inputs.items.first { $0.digest.description == row.input }
            return JobMessage(name: item?.name ?? "", state: row.state, code: row.code)
        }
    }

    private func place(of file: Digest) throws -> String {
        let text = try records.record(Record.Job.self, file).text
        return try JobFile(bytes: Array(text.utf8), file: "the job file of an earlier job").outputDirectory
    }

    /// Puts answers of a job whose release is in the log in their places.
    func placeReleased(_ rows: [InputRow], of job: String, _ request: JobRequest) throws {
        let items = Dictionary(
            request.inputs.items.map { ($0.digest.description, $0) }, uniquingKeysWith: { first, _ in first })
        let staged = rows.compactMap { row in
            row.ciphertext.flatMap { Digest(string: $0) }.flatMap { digest in items[row.input].map { (digest, $0) } }
        }
        guard !staged.isEmpty else { return }
        // No release of the job stands behind its last entry.
        let clearance = try clearance(
            for: store.job(job).map { UInt64($0.lastEntry) + 1 }, class: request.label.class)
        for (digest, item) in staged { try outbox.place(digest, at: request.answerPath(item), clearance) }
    }
}

extension Room {
    /// Carries out an order for the user whose process this is.
    public func carryOut(
        _ order: JobOrder, launcher: Launcher, scheduler: Scheduler,
        progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
    ) throws -> JobResult {
        try admitting {
            let request = try JobRequest(order: order, caller: getuid(), room: self, progress: progress)
            if order.once, let earlier = try earlierJob(answering: request) { return JobResult(earlier: earlier) }
            let runner = try JobRunner(
                room: self, request: request, launcher: launcher, scheduler: scheduler, progress: progress)
            return JobResult(report: try runner.run())
        }
    }

    /// Reads and runs a job; from the start, where another policy came into force before the job was accepted.
    public func admitting<Result>(_ body: () throws -> Result) throws -> Result {
        while true {
            do {
                return try body()
            } catch is PolicyMoved {}
        }
    }
}

extension JobRequest {
    /// Where the answer to an input goes.
    func answerPath(_ item: Record.Inputs.Item) -> String {
        let directory = file.outputDirectory
        return (directory.hasSuffix("/") ? directory : directory + "/") + item.name + ".json.age"
    }
}
