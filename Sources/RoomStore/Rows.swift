// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import GRDB

/// A job as the log's entries left it.
public struct JobRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "job"
    public var id: String
    public var digest: String
    /// A state of the job's machine.
    public var state: String
    /// Index of its `job.accepted` entry, and of the last entry that concerned it.
    public var firstEntry: Int64
    public var lastEntry: Int64
    public var policy: Int64
    public var dataClass: String
    public var purpose: String
    public var requester: String
    public var recipient: String
    public var taskDigest: String
    public var inputs: String
    public var file: String
    public var budgetCost: Int64
    public var budgetWall: Int64
    public var cost: Int64
    /// Auctions held so far, and the record of the last.
    public var auctions: Int64 = 0
    public var lastAuction: String?
    /// Jails whose end is in the log.
    public var jailsEnded: Int64 = 0
    public var receipt: String?
    /// Nanoseconds that supervisors worked on it, from entry to entry, without the time when none was there.
    public var usedNs: Int64 = 0
    /// The monotonic time of its last entry; nil when another supervisor has taken the room since.
    public var lastMono: Int64?

    public init(
        id: String, digest: String, state: String, firstEntry: Int64, lastEntry: Int64, policy: Int64,
        dataClass: String, purpose: String, requester: String, recipient: String, taskDigest: String, inputs: String,
        file: String, budgetCost: Int64, budgetWall: Int64, cost: Int64, receipt: String?
    ) {
        self.id = id
        self.digest = digest
        self.state = state
        self.firstEntry = firstEntry
        self.lastEntry = lastEntry
        self.policy = policy
        self.dataClass = dataClass
        self.purpose = purpose
        self.requester = requester
        self.recipient = recipient
        self.taskDigest = taskDigest
        self.inputs = inputs
        self.file = file
        self.budgetCost = budgetCost
        self.budgetWall = budgetWall
        self.cost = cost
        self.receipt = receipt
    }
}

/// One input of a job: what is released, repeated after a crash, and counted.
public struct InputRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "input"
    public var job: String
    /// Of the ciphertext.
    public var input: String
    /// Position in the job, from 0; `0007/` begins the ids of its microtasks.
    public var number: Int64
    /// `open`, then `released`, `needs-review`, `failed` or `denied`.
    public var state: String
    /// How often its key was released.
    public var attempts: Int64
    /// Why there is no answer.
    public var code: String?
    /// The sealed answer.
    public var ciphertext: String?
    /// The sealed blob that learning reads.
    public var sidecar: String?

    public init(
        job: String, input: String, number: Int64, state: String = "open", attempts: Int64 = 0, code: String? = nil,
        ciphertext: String? = nil, sidecar: String? = nil
    ) {
        self.job = job
        self.input = input
        self.number = number
        self.state = state
        self.attempts = attempts
        self.code = code
        self.ciphertext = ciphertext
        self.sidecar = sidecar
    }
}

/// One microtask on one input.
public struct MicrotaskRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "microtask"
    public var job: String
    /// `0007/spam`.
    public var id: String
    public var input: String
    /// Of the input in the job, and of the microtask in the graph (known from the outcome on).
    public var number: Int64
    public var position: Int64
    /// `auctioned` or `judged` while the input is open, then `answered`, `unsure`, `skipped`, `failed` or `denied`.
    public var state: String
    /// The last winner; of an answer, the model that gave it.
    public var model: String?
    /// The record of the auction that this model won.
    public var auction: String?
    public var code: String?
    public var cost: Int64
    public var latencyNs: Int64

    public init(
        job: String, id: String, input: String, number: Int64 = 0, position: Int64 = 0, state: String,
        model: String? = nil, auction: String? = nil, code: String? = nil, cost: Int64 = 0, latencyNs: Int64 = 0
    ) {
        self.job = job
        self.id = id
        self.input = input
        self.number = number
        self.position = position
        self.state = state
        self.model = model
        self.auction = auction
        self.code = code
        self.cost = cost
        self.latencyNs = latencyNs
    }
}

/// A jail that was started; gone from the table when its end is in the log.
public struct JailRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "jail"
    public var id: String
    public var job: String
    /// The label of the data it worked on.
    public var dataClass: String?
    /// Owner ids, separated by spaces.
    public var owners: String

    public init(id: String, job: String, dataClass: String?, owners: String) {
        self.id = id
        self.job = job
        self.dataClass = dataClass
        self.owners = owners
    }
}

/// A registered model.
public struct ModelRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "model"
    public var digest: String
    public var name: String
    public var version: String
    public var image: String
    public var entry: Int64

    public init(digest: String, name: String, version: String, image: String, entry: Int64) {
        self.digest = digest
        self.name = name
        self.version = version
        self.image = image
        self.entry = entry
    }
}
