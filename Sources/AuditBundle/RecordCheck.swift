// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy
internal import TransparencyLog

/// Records: each is what its digest names, and each is named by something.
enum RecordCheck {
    /// Fills `story.jobs`.
    /// - Throws: `record`.
    static func verify(_ story: inout Story) throws(BundleError) -> Examination.Finding {
        var unnamed: Set<Digest> = []
        var mentioned: Set<Digest> = []
        for file in story.bundle.files(in: "records/") {
            let digest = Digest.sha256(file.content)
            guard file.name == "\(digest.hex).json" else {
                throw .failed(.record, "records/\(file.name) is not what its name says")
            }
            let tree: JSONValue
            do throws(BaseError) {
                tree = try JSONValue.parse(file.content)
            } catch {
                throw .failed(.record, "records/\(file.name): \(error.message)", cause: error)
            }
            guard tree.canonical == file.content else {
                throw .failed(.record, "records/\(file.name) is not canonical JSON")
            }
            unnamed.insert(digest)
            mention(tree, in: &mentioned)
        }
        let count = unnamed.count
        for read in story.log.entries {
            mention(read.entry.data, in: &mentioned)
            if case .jobAccepted(let event) = read.event {
                let job = try job(event, read.entry, story)
                // That a job is accepted once is a matter of its way, not of its records.
                if story.jobs[job.id] == nil { story.jobs[job.id] = job }
            }
            if case .auctionHeld(let event) = read.event, story.bundle.record(event.record) == nil {
                throw .failed(.record, "entry \(read.seq): the auction record \(event.record) is missing")
            }
            if case .checkpointCosigned(let event) = read.event { try cosigned(event, read.entry, story) }
        }
        if let stray = unnamed.subtracting(mentioned).min() {
            throw .failed(.record, "nothing names the record \(stray)")
        }
        return .init(says: "\(count) records are what their digests name", signedBy: ["log \(story.room.origin)"])
    }

    private static func mention(_ tree: JSONValue, in digests: inout Set<Digest>) {
        switch tree {
        case .string(let text):
            if let digest = Digest(string: text) { digests.insert(digest) }
        case .array(let items):
            for item in items { mention(item, in: &digests) }
        case .object(let members):
            for item in members.values { mention(item, in: &digests) }
        case .null, .bool, .integer, .double: break
        }
    }

    /// A job's file, inputs and graph, and that its digest follows from them.
    private static func job(
        _ event: Event.JobAccepted, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> Story.Job {
        guard let id = entry.job else { throw .failed(.record, "entry \(entry.seq) accepts a job without an id") }
        let file = try read(Record.Job.self, event.file, "job", entry, story)
        let inputs = try read(Record.Inputs.self, event.inputs.record, "inputs", entry, story)
        guard file.kind == "job", inputs.kind == "inputs", file.v == 1, inputs.v == 1 else {
            throw .failed(.record, "entry \(entry.seq) names a record of another kind")
        }
        guard inputs.items.count == event.inputs.count, inputs.items.enumerated().allSatisfy({ $0.0 == $0.1.index })
        else {
            throw .failed(
                .record, "entry \(entry.seq): the inputs are not numbered from 0 to \(event.inputs.count - 1)")
        }
        guard Set(inputs.items.map(\.digest)).count == inputs.items.count else {
            throw .failed(.record, "entry \(entry.seq): an input comes twice")
        }
        let graph = try read(Record.TaskGraph.self, event.task.digest, "task graph", entry, story)
        guard graph.kind == "task-graph", graph.v == 1, graph.name == event.task.name else {
            throw .failed(.record, "entry \(entry.seq): the task graph is not \(event.task.name)")
        }
        if let problem = graph.problem {
            throw .failed(.record, "entry \(entry.seq): the task graph cannot be run: \(problem)")
        }
        let identity = JobIdentity(
            file: Digest.sha256(Array(file.text.utf8)), inputs: inputs.items.map(\.digest), policy: entry.policy)
        guard try identity.digest() == event.digest else {
            throw .failed(.record, "entry \(entry.seq): the job's digest is not of its file, inputs and policy")
        }
        return Story.Job(id: id, accepted: event, entry: entry, inputs: inputs, graph: graph)
    }

    /// A checkpoint that witnesses signed is one that this log signed, of its entries before this one.
    private static func cosigned(
        _ event: Event.CheckpointCosigned, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) {
        let record = try cosignedCheckpoint(event, entry, story)
        let head: Checkpoint
        do throws(LogError) {
            head = try story.log.keys.checkEarlier(Array(record.note.utf8), published: true)
        } catch {
            throw .failed(.record, "the cosigned checkpoint \(event.note): \(error.message)", cause: error)
        }
        guard record.kind == "cosigned-checkpoint", record.v == 1, head.root == event.root, head.size <= entry.seq,
            Int64(exactly: head.size) == event.size
        else { throw .failed(.record, "entry \(entry.seq): the cosigned checkpoint is not the one it says") }
    }

    /// The record that an entry about cosignatures names.
    /// - Throws: `record`.
    static func cosignedCheckpoint(
        _ event: Event.CheckpointCosigned, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> Record.CosignedCheckpoint {
        try read(Record.CosignedCheckpoint.self, event.note, "cosigned checkpoint", entry, story)
    }

    private static func read<T: Codable>(
        _ type: T.Type, _ digest: Digest, _ what: String, _ entry: LogEntry, _ story: Story
    ) throws(BundleError) -> T {
        guard let bytes = story.bundle.record(digest) else {
            throw .failed(.record, "entry \(entry.seq): the \(what) record \(digest) is missing")
        }
        do throws(BaseError) {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            throw .failed(.record, "the \(what) record \(digest): \(error.message)", cause: error)
        }
    }
}

/// What a job's digest is of: the same request under the same policy is the same job.
struct JobIdentity: Codable {
    /// SHA-256 of the job file's bytes.
    let file: Digest
    /// Ciphertexts in order.
    let inputs: [Digest]
    /// Policy sequence.
    let policy: Int64

    func digest() throws(BundleError) -> Digest {
        do throws(BaseError) {
            return Digest.sha256(try CanonicalJSON.encode(self))
        } catch {
            throw .failed(.record, error.message, cause: error)
        }
    }
}
