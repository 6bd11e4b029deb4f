// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import AuditBundle
internal import Glibc
internal import RoomStore
internal import Sealing
internal import SovereignPolicy

/// A job that was read, whose inputs are sealed and labelled, and that has a digest. Nothing was decided yet.
public struct JobRequest: Sendable {
    public let file: JobFile
    public let inputs: Record.Inputs
    public let graph: Record.TaskGraph
    public let graphDigest: Digest
    /// Join of the inputs' labels.
    public let label: DataLabel
    /// SHA-256 over job file, ciphertexts and policy sequence: the same request under the same policy is the same job.
    public let digest: Digest
    /// Who asks: the user whose process this is, or who is at the other end of the daemon's socket.
    public let caller: UInt32
    /// Sequence of the policy under which it was read.
    let policy: Int64
    let sealed: SealedInputs

    private struct Identity: Codable {
        let file: Digest
        let inputs: [Digest]
        let policy: Int64
    }

    init(
        file: JobFile, sealed: SealedInputs, graph: Record.TaskGraph, policy: SovereignPolicy, caller: UInt32
    ) throws {
        self.file = file
        self.caller = caller
        self.policy = policy.sequence
        self.sealed = sealed
        inputs = sealed.inputs
        self.graph = graph
        graphDigest = .sha256(try CanonicalJSON.encode(graph))
        label = DataLabel(
            class: policy.join(inputs.items.map(\.class)), owners: inputs.items.compactMap(\.owner))
        digest = try Self.digest(of: file, inputs: inputs.items.map(\.digest), policy: policy.sequence)
    }

    static func digest(of file: JobFile, inputs: [Digest], policy: Int64) throws -> Digest {
        .sha256(try CanonicalJSON.encode(Identity(file: .sha256(file.bytes), inputs: inputs, policy: policy)))
    }

    /// Records that a job was denied before it had any input, and returns the error to throw.
    static func deny(
        _ file: JobFile, code: String, _ error: RoomError, policy: Int64, in room: Room
    ) throws -> RoomError {
        let digest = try digest(of: file, inputs: [], policy: policy)
        try room.record(Event.JobDenied(digest: digest, code: code, decisions: []))
        return error
    }
}

/// Why a job is not taken: the policy's decisions, or a plain reason with a closed code.
struct Admission {
    let code: String
    let message: String
    let decisions: [RecordedDecision]
    let remedy: String

    /// Checks everything about a job that needs no model: the task, the requester and the caller, the class, and that the
    /// room has as many witnesses as the policy demands.
    static func refusal(
        of request: JobRequest, policy: SovereignPolicy, callerUID: UInt32, witnesses: [RoomWitness]
    ) -> Admission? {
        let file = request.file
        guard let listed = policy.tasks[file.task], listed.digest == request.graphDigest else {
            return Admission(
                "task", "the policy does not list the task \(file.task) with the graph \(request.graphDigest)")
        }
        guard let requester = policy.requesters[file.requester] else {
            return Admission("requester", "the policy does not list the requester \(file.requester)")
        }
        guard requester.isCaller(uid: callerUID) else {
            return Admission(
                "caller", "the caller (uid \(callerUID)) is not the requester \(file.requester) of the policy")
        }
        guard requester.roles.contains("requester") else {
            return Admission("role", "\(file.requester) does not have the role requester in the policy")
        }
        guard request.label.class == file.dataClass else {
            return Admission(
                "class",
                "the job says class \(file.dataClass), but the labels of its inputs join to \(request.label.class)")
        }
        if let purposes = request.sealed.purposes, !purposes.contains(file.purpose) {
            return Admission("purpose", "the labels of its inputs do not allow the purpose \(file.purpose)")
        }
        let bounds = policy.outputBounds(of: request.label.class)
        // Nothing that it answers could leave: say so before a model has seen the data.
        if let microtask = request.graph.microtasks.first(where: {
            !bounds.allows(schema: .sha256($0.schema.canonical))
        }) {
            return Admission(
                "schema", "the policy does not list the schema of \(microtask.id) for answers of \(request.label.class)"
            )
        }
        let demand = CosignatureDemand(of: policy, class: request.label.class)
        if let demand, demand.of(witnesses).count < demand.count {
            let which = demand.witnesses == nil ? "witnesses" : "of the witnesses that the policy lists"
            return Admission(
                "witness",
                "its answers may leave with \(demand.count) cosignatures, and room.yaml names "
                    + "\(demand.of(witnesses).count) \(which)",
                remedy: "add witnesses to room.yaml (witnesses: [{vkey: \"…\", url: \"https://…\"}])")
        }
        return nil
    }

    init(
        _ code: String, _ message: String, decisions: [RecordedDecision] = [],
        remedy: String = "ask the policy's quorum, or correct the job"
    ) {
        self.code = code
        self.message = message
        self.decisions = decisions
        self.remedy = remedy
    }

    var error: RoomError {
        let rules = decisions.flatMap(\.rules)
        let named = rules.isEmpty ? "" : " [\(Set(rules).sorted().joined(separator: ", "))]"
        return RoomError(
            .denied, "the policy denies this job: \(message)\(named)",
            remedy: remedy, exit: .denied)
    }
}

extension JobRequest {
    /// Seals and labels what an order names in cleartext, and checks the labels of what is sealed already.
    ///
    /// - Parameters:
    ///   - caller: the user who asks.
    public init(
        order: JobOrder, caller: UInt32, room: Room, progress: @escaping (JobProgress) -> Void
    ) throws {
        let file = try order.file()
        let policy: SovereignPolicy
        do {
            policy = try room.requirePolicy()
        } catch let error as RoomError {
            throw try Self.deny(file, code: "no-policy", error, policy: 0, in: room)
        }
        guard !room.isHalted else {
            throw try Self.deny(file, code: "halted", RoomError.halted, policy: policy.sequence, in: room)
        }
        guard file.currency == room.configuration.currency else {
            throw RoomError(
                .job, "the budget is in \(file.currency), the room counts in \(room.configuration.currency)",
                exit: .usage)
        }
        let graph = try room.taskGraph(file.task)
        let intake = InputIntake(
            room: room, policy: policy, progress: progress,
            owner: order.owner ?? room.configuration.owner.map { Room.uri($0, in: room.paths) })
        let sealed = try intake.take(file, relativeTo: order.directory)
        try self.init(file: file, sealed: sealed, graph: graph, policy: policy, caller: caller)
    }

    /// Reads a job file of this machine, for the user whose process this is.
    ///
    /// - Parameters:
    ///   - owner: key URI of the data owner; by default what `room.yaml` names.
    public init(
        jobFile path: String, owner: String? = nil, room: Room, progress: @escaping (JobProgress) -> Void
    ) throws {
        try self.init(
            order: JobOrder(jobFile: path, owner: owner), caller: getuid(), room: room, progress: progress)
    }
}
