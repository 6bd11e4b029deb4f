// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import GRDB

/// What learning is keyed by: nothing is carried from one scope and type to another.
public struct LearningKey: Codable, Hashable, Sendable {
    /// Owner ids, sorted, separated by spaces.
    public let owners: String
    public let dataClass: String
    public let purpose: String
    /// Type of the microtask.
    public let type: String

    public init(owners: [String], dataClass: String, purpose: String, type: String) {
        self.owners = Set(owners).sorted().joined(separator: " ")
        self.dataClass = dataClass
        self.purpose = purpose
        self.type = type
    }

    /// The scope, whatever the type.
    public var overAllTypes: LearningKey { LearningKey(key: self, type: "") }

    private init(key: LearningKey, type: String) {
        (owners, dataClass, purpose) = (key.owners, key.dataClass, key.purpose)
        self.type = type
    }

    var arguments: StatementArguments { [owners, dataClass, purpose, type] }
    var scope: StatementArguments { [owners, dataClass, purpose] }
}

/// How far what was verified in a scope, over all types, has come.
public struct LessonMark: Codable, FetchableRecord, Hashable, Sendable {
    /// Grows with every word about an answer.
    public var revision: Int64
    /// Grows where a later word replaces an earlier one.
    public var replaced: Int64

    public static let none = LessonMark(revision: 0, replaced: 0)

    public init(revision: Int64, replaced: Int64) {
        self.revision = revision
        self.replaced = replaced
    }
}

/// One outcome to learn from.
public struct LessonRow: Codable, FetchableRecord, Sendable, Equatable {
    /// Index of its log entry.
    public var entry: Int64
    /// Digest of the auction record.
    public var record: String
    /// `right` or `wrong`.
    public var outcome: String
    /// JSON.
    public var lesson: String
}

/// The newest word about one answer.
public struct FeedbackRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "feedback"
    public var job: String
    /// `0007/spam`.
    public var microtask: String
    public var model: String
    /// Of the model's manifest.
    public var digest: String
    public var owners: String
    public var dataClass: String
    public var purpose: String
    public var type: String
    /// `right` or `wrong`.
    public var outcome: String
    public var source: String
    /// Internal credits in 1e-9.
    public var credits: Int64
    /// Index of its log entry.
    public var entry: Int64
    /// How many labelled messages of its scope and type there were to show when the job began.
    public var shown: Int64
    /// Digest of the auction record.
    public var record: String
    /// What the learner learns of it, as JSON.
    public var lesson: String

    public init(
        job: String, microtask: String, model: String, digest: String, key: LearningKey, outcome: String,
        source: String, credits: Int64, entry: Int64, shown: Int64, record: String, lesson: String
    ) {
        self.job = job
        self.microtask = microtask
        self.model = model
        self.digest = digest
        owners = key.owners
        dataClass = key.dataClass
        purpose = key.purpose
        type = key.type
        self.outcome = outcome
        self.source = source
        self.credits = credits
        self.entry = entry
        self.shown = shown
        self.record = record
        self.lesson = lesson
    }

    var key: LearningKey {
        LearningKey(
            owners: owners.split(separator: " ").map(String.init), dataClass: dataClass, purpose: purpose, type: type)
    }
}

/// How often a model's answers were right and wrong in one scope on one type of microtask.
public struct LearnedRow: Codable, FetchableRecord, Sendable, Equatable {
    public var digest: String
    /// How many labelled messages there were to show when the answers were given.
    public var shown: Int64
    public var right: Int64
    public var wrong: Int64
}

/// A sealed record that the room keeps to learn from, and the job that it comes from.
public struct KeptRow: Codable, FetchableRecord, Sendable, Equatable {
    /// Digest of the sealed record.
    public var name: String
    public var dataClass: String
    /// Index of the `job.accepted` entry.
    public var accepted: Int64
}

/// The jobs that an input belongs to.
public struct InputUse: Codable, FetchableRecord, Sendable, Equatable {
    public var jobs: Int64
    /// How many of them have ended.
    public var ended: Int64
    /// Index of the last entry of any of them.
    public var lastEntry: Int64?
}

/// A labelled message; its text lies sealed under `name`.
public struct MemoryRow: Codable, FetchableRecord, PersistableRecord, Sendable, Equatable {
    public static let databaseTableName = "memory"
    public var owners: String
    public var dataClass: String
    public var purpose: String
    public var type: String
    public var input: String
    /// Digest of the sealed entry.
    public var name: String
    /// Index of its log entry.
    public var entry: Int64

    public init(key: LearningKey, input: String, name: String, entry: Int64) {
        owners = key.owners
        dataClass = key.dataClass
        purpose = key.purpose
        type = key.type
        self.input = input
        self.name = name
        self.entry = entry
    }
}
