// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Executors
internal import Jail
internal import Sealing
internal import SovereignPolicy

/// The policy in force, as far as one job asks it. What is decided by one is recorded by its sequence, or decided again.
struct JobRuling: Sendable {
    let policy: SovereignPolicy
    let decisions: Decisions
    let stage: AuctionStage
    /// What the policy wants between each model and the host, by the model's name; `process` where it says nothing.
    let tiers: [String: JailTier]

    var sequence: Int64 { policy.sequence }

    init(_ ruling: Ruling, for request: JobRequest, among contenders: Contenders, in room: Room) {
        policy = ruling.policy
        decisions = Decisions(
            policy: ruling.evaluator, label: request.label, purpose: request.file.purpose,
            requester: request.file.requester, task: request.graphDigest,
            clock: ClockMark(store: room.store, policy: ruling.policy))
        stage = AuctionStage(
            policy: ruling.policy, policyDigest: ruling.digest, decisions: decisions, contenders: contenders.list)
        tiers = ruling.policy.tiers(of: contenders.models)
    }

    /// What a model is called in a request: its name where the policy lists it; another bundle of that name is not it.
    func name(of model: RegisteredModel) -> String {
        policy.models[model.name]?.digest == model.digest ? model.name : model.digest.description
    }

    /// What the job's money is counted against: the tighter of what it was accepted with and what the policy says now.
    func account(_ job: String, limit: Int64, class dataClass: String) -> BudgetLedger.Account {
        let budget = policy.budget(of: dataClass)
        return BudgetLedger.Account(
            job: job, dataClass: dataClass, limit: min(limit, budget.cost?.micro ?? .max),
            limitPerDay: budget.costPerDay?.micro)
    }
}

extension JobRun {
    /// The policy in force now.
    ///
    /// - Throws: `denied` when it knows the requester no more as the one to whom the answers are sealed; `no-policy`.
    func ruling() throws -> JobRuling {
        let known = rulings.locked { $0 }
        guard let now = room.gate.ruling, now.sequence != known.sequence else { return known }
        let fresh = JobRuling(now, for: request, among: contenders, in: room)
        let requester = fresh.policy.requesters[request.file.requester]
        guard let requester, requester.recipient == runner.recipient.string, requester.roles.contains("requester"),
            requester.isCaller(uid: request.caller)
        else {
            throw RoomError(
                .denied, "policy \(now.sequence) does not know the job's requester \(request.file.requester) any more",
                remedy: "ask the policy's quorum", exit: .denied)
        }
        rulings.locked { if $0.sequence < fresh.sequence { $0 = fresh } }
        // Warm processes were started under the policy before; they die with it.
        compartment.retire(before: fresh.sequence)
        return fresh
    }

    /// Lets `body` decide by the policy in force and record what it decided; again, where another policy came into force before
    /// the entry had its place in the log. What it does before it records, it may do twice.
    func decide<Result>(_ body: (JobRuling) throws -> Result) throws -> Result {
        while true {
            let ruling = try ruling()
            do {
                return try body(ruling)
            } catch is PolicyMoved {
                try requireGoing()
            }
        }
    }
}
