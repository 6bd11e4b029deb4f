// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// What a room had learnt before an entry, as the entries before it tell: whose memory there was, and how often each
/// model had been right. Neither crosses owners, class or purpose.
struct LearningLedger {
    struct Scope: Hashable {
        let owners: [String]
        let `class`: String
        let purpose: String

        init?(_ job: Story.Job) {
            guard let label = job.entry.label else { return nil }
            owners = label.owners
            `class` = label.class
            purpose = job.accepted.purpose
        }
    }

    private struct Subject: Hashable {
        let scope: Scope
        let type: String
        let model: Digest
    }

    /// Answers by job and microtask: what is said of one twice counts once.
    private struct Answers {
        var right: Set<[String]> = []
        var wrong: Set<[String]> = []
    }

    /// What a verifier reads of a plan.
    private struct PlanView: Codable {
        let kind: String
        let v: Int64
        let model: String
        let demonstrations: [Digest]
    }

    /// Whether every entry of the room is here: in a later part, what was learnt before it is not known.
    private let isWhole: Bool
    private var memory: [Digest: Scope] = [:]
    private var erased: Set<Digest> = []
    private var counts: [Subject: Answers] = [:]
    private var lessons: [Scope: LessonNames] = [:]
    /// Digests of the models that ran, by job and name.
    private var models: [[String]: Digest] = [:]

    init(_ story: Story) { isWhole = story.log.entries.first?.seq == 0 }

    mutating func follow(_ read: ReadEntry, _ story: Story) {
        guard let id = read.entry.job else {
            if case .memoryErased(let event) = read.event { erased.formUnion(event.entries) }
            return
        }
        switch read.event {
        case .jailStarted(let event): models[[id, event.model]] = event.digest
        case .feedbackAdded(let event):
            guard let job = story.jobs[id], let scope = Scope(job), let type = Self.type(of: event.microtask, job)
            else { return }
            if let digest = event.memory { memory[digest] = scope }
            lessons[scope, default: LessonNames(owners: scope.owners, class: scope.class, purpose: scope.purpose)].add(
                .init(
                    answer: [id, event.microtask, event.model], record: event.record, seq: read.entry.seq,
                    isRight: event.outcome == "right"))
            guard let model = models[[id, event.model]] else { return }
            let subject = Subject(scope: scope, type: type, model: model)
            if event.outcome == "right" { counts[subject, default: Answers()].right.insert([id, event.microtask]) }
            if event.outcome == "wrong" { counts[subject, default: Answers()].wrong.insert([id, event.microtask]) }
        default: break
        }
    }

    static func type(of step: String, _ job: Story.Job) -> String? {
        guard let (_, id) = job.step(step) else { return nil }
        return job.graph.microtasks.first { $0.id == id }?.type
    }

    /// The plan is of the winner, and shows it nothing of another scope and nothing that was erased.
    func check(_ event: Event.AuctionHeld, _ job: Story.Job, _ story: Story) throws(BundleError) {
        guard let digest = event.plan else { return }
        guard let bytes = story.bundle.record(digest) else { throw .failed(.auction, "the plan \(digest) is missing") }
        let plan: PlanView
        do throws(BaseError) {
            plan = try CanonicalJSON.decode(PlanView.self, from: JSONValue.parse(bytes))
        } catch {
            throw .failed(.auction, "the plan \(digest): \(error.message)", cause: error)
        }
        guard plan.kind == "plan", plan.v == 1, let winner = event.winner, plan.model == winner else {
            throw .failed(.auction, "the plan is of another model than the winner")
        }
        for digest in plan.demonstrations {
            guard !erased.contains(digest) else { throw .failed(.auction, "\(winner) was shown what had been erased") }
            guard memory[digest].map({ $0 == Scope(job) }) ?? !isWhole else {
                throw .failed(.auction, "\(winner) was shown memory of another owner, class or purpose")
            }
        }
    }

    /// What is said to have been learned are outcomes of this scope that the log has, all of them up to one.
    func check(_ learning: AuctionCheck.AuctionView.Learning, _ job: Story.Job) throws(BundleError) {
        guard isWhole, let scope = Scope(job) else { return }
        guard lessons[scope]?.names[learning.state] == learning.outcomes else {
            throw .failed(
                .auction, "its scores are of other outcomes than the log has for this owner, class and purpose")
        }
    }

    /// Whether a model had fewer verified outcomes on a type than `limit` when so many of its scope were known; true of a later part of a log.
    func isNewcomer(_ model: Digest, type: String, of job: Story.Job, knowing outcomes: Int64, limit: Int64) -> Bool {
        guard isWhole, let scope = Scope(job) else { return true }
        let known = counts[Subject(scope: scope, type: type, model: model)] ?? Answers()
        // What was verified since then may all be of this model.
        let since = Int64(lessons[scope]?.count ?? 0) - outcomes
        return Int64(known.right.union(known.wrong).count) - since < limit
    }

    /// No model is said to have been checked more often than entries say.
    func check(_ experience: [AuctionCheck.AuctionView.Experience], type: String, _ job: Story.Job) throws(BundleError)
    {
        guard isWhole, let scope = Scope(job) else { return }
        for item in experience {
            let known = counts[Subject(scope: scope, type: type, model: item.digest)] ?? Answers()
            guard item.right <= known.right.count, item.wrong <= known.wrong.count else {
                throw .failed(
                    .auction,
                    "\(item.model) counts as right \(item.right) and wrong \(item.wrong) times; the log has "
                        + "\(known.right.count) and \(known.wrong.count)")
            }
        }
    }
}
