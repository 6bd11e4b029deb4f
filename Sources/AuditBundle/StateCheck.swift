// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// The order of entries: every job went a legal way, and nothing was released twice.
enum StateCheck {
    /// - Throws: `state`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        try StopCheck.standstill(story)
        try RestoreCheck.standstill(story)
        let paths = try paths(of: story)
        let named = Set(story.log.entries.compactMap(\.entry.job))
        guard story.bundle.predicate.jobs == named.sorted() else {
            throw .failed(.state, "the manifest does not list the jobs that the entries name")
        }
        let released = paths.values.reduce(0) { $0 + $1.released }
        // A room may be asked for its story in the middle of a job; a way that has no end yet is still a legal one.
        let unfinished = paths.values.count { $0.ended == nil }
        let rest = unfinished == 0 ? "" : " (\(unfinished) without an end yet)"
        return .init(
            says: "\(paths.count) jobs went a legal way\(rest); \(released) answers were released, none twice",
            signedBy: ["log \(story.room.origin)"])
    }

    /// The way of every job.
    /// - Throws: `state`.
    static func paths(of story: Story) throws(BundleError) -> [String: JobPathStateMachine] {
        var paths: [String: JobPathStateMachine] = [:]
        var responses: Set<Digest> = []
        var memory = MemoryCourse(isWhole: story.log.entries.first?.seq == 0)
        for read in story.log.entries {
            if case .roomOpened = read.event {
                for id in paths.keys { paths[id]?.interrupt() }
            }
            if case .outputReleased(let event) = read.event, !responses.insert(event.ciphertext).inserted {
                throw .failed(.state, "entry \(read.seq) releases \(event.ciphertext) once more")
            }
            do throws(Illegal) {
                try memory.handle(read.event)
            } catch {
                throw .failed(.state, "entry \(read.seq) (\(read.entry.type)): \(error.reason)")
            }
            guard let id = read.entry.job else {
                guard !isOfJob(read.event) else {
                    throw .failed(.state, "entry \(read.seq) (\(read.entry.type)) names no job")
                }
                continue
            }
            switch read.event {
            case .outside, .jobDenied: continue
            case .memoryErased, .checkpointCosigned, .halt, .resume, .roomRestored:
                throw .failed(.state, "entry \(read.seq) (\(read.entry.type)) is of no job and names one")
            case .jobAccepted:
                guard paths[id] == nil else { throw .failed(.state, "entry \(read.seq): \(id) was accepted twice") }
                paths[id] = JobPathStateMachine(job: try story.job(of: read.entry, .state))
            default:
                guard let label = paths[id]?.job.entry.label else {
                    throw .failed(
                        .state, "entry \(read.seq) (\(read.entry.type)): the job \(id) was not accepted before")
                }
                guard read.entry.label == label else {
                    throw .failed(.state, "entry \(read.seq) (\(read.entry.type)) has another label than its job")
                }
                do throws(Illegal) {
                    // In place: a copy of the whole job per entry would make long jobs quadratic.
                    try paths[id]?.handle(read.event)
                } catch {
                    throw .failed(.state, "entry \(read.seq) (\(read.entry.type)): \(error.reason)")
                }
            }
        }
        return paths
    }

    /// Whether an event only makes sense within a job.
    private static func isOfJob(_ event: TypedEvent) -> Bool {
        switch event {
        case .roomCreated, .roomOpened, .keyCreated, .keyRotated, .policyAccepted, .policyRefused, .modelRegistered,
            .roomRestored, .jobDenied, .memoryErased, .checkpointCosigned, .halt, .resume, .outside:
            false
        default: true
        }
    }
}

/// The course of what is kept for learning, sidecars and labelled memory: each is added once, and erased at most once,
/// after it was added.
private struct MemoryCourse {
    /// Whether every entry of the room is here.
    let isWhole: Bool
    private var added: Set<Digest> = []
    private var erased: Set<Digest> = []

    init(isWhole: Bool) { self.isWhole = isWhole }

    mutating func handle(_ event: TypedEvent) throws(Illegal) {
        switch event {
        case .feedbackAdded(let event):
            if let memory = event.memory { try add(memory) }
        case .outputReleased(let event):
            if let sidecar = event.sidecar { try add(sidecar) }
        case .memoryErased(let event):
            guard !event.entries.isEmpty || event.inputs?.isEmpty == false, !event.reason.isEmpty else {
                throw Illegal("nothing was erased, or for no reason")
            }
            for entry in event.entries {
                guard !isWhole || added.contains(entry) else { throw Illegal("\(entry) was erased and never kept") }
                guard erased.insert(entry).inserted else { throw Illegal("\(entry) was erased twice") }
            }
        default: break
        }
    }

    private mutating func add(_ blob: Digest) throws(Illegal) {
        guard !erased.contains(blob), added.insert(blob).inserted else { throw Illegal("\(blob) was kept twice") }
    }
}
