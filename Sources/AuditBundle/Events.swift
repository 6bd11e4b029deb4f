// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import SovereignPolicy

/// The `data` of a log entry. One type per entry type; its closed schema is `Attestation/events/TYPE.json`.
public protocol EventData: Codable, Equatable, Sendable {
    /// The entry's `type`.
    static var type: String { get }
}

/// A policy decision as entries carry it: the whole request, so that anyone can decide it again.
public struct RecordedDecision: Codable, Equatable, Sendable {
    public var request: PolicyRequest
    /// `permit` or `deny`.
    public var outcome: String
    /// `permitted`, `forbidden`, `not-permitted` or `error`.
    public var kind: String
    /// Ids of all determining rules, in the order of the decision.
    public var rules: [String]

    public init(request: PolicyRequest, outcome: String, kind: String, rules: [String]) {
        self.request = request
        self.outcome = outcome
        self.kind = kind
        self.rules = rules
    }
}

/// The event data of every entry type that a room writes.
public enum Event {
    /// The room's birth: index 0 of its log.
    public struct RoomCreated: EventData {
        public static let type = "room.created"
        public var name: String
        public var origin: String
        /// The log's signing key as `ed25519:…`.
        public var logKey: String
        /// The key that signs statements and bundles.
        public var statementKey: String
        /// The age recipient that inputs are sealed to.
        public var recipient: String
        /// The log's second key as `mldsa65:…`; logs from before there was one have none.
        public var postQuantumLogKey: String?

        public init(
            name: String, origin: String, logKey: String, statementKey: String, recipient: String,
            postQuantumLogKey: String? = nil
        ) {
            self.name = name
            self.origin = origin
            self.logKey = logKey
            self.statementKey = statementKey
            self.recipient = recipient
            self.postQuantumLogKey = postQuantumLogKey
        }
    }

    /// A supervisor took the room.
    public struct RoomOpened: EventData {
        public static let type = "room.opened"
        public var version: String
        /// SHA-256 of the supervisor's executable.
        public var executable: Digest
        /// True when the room was halted at that moment; absent otherwise. Who opens it next need not read further back.
        public var halted: Bool?

        public init(version: String, executable: Digest, halted: Bool? = nil) {
            self.version = version
            self.executable = executable
            self.halted = halted
        }
    }

    /// A key came into being.
    public struct KeyCreated: EventData {
        public static let type = "key.created"
        /// `log`, `log-post-quantum`, `statement`, `recipient` or `inputs`.
        public var purpose: String
        /// The public key; of `inputs`, a secret that has none, its SHA-256.
        public var key: String

        public init(purpose: String, key: String) {
            self.purpose = purpose
            self.key = key
        }
    }

    /// The log's keys change. ``TransparencyLog/KeyRotation`` says what must hold.
    public struct KeyRotated: EventData {
        public static let type = "key.rotated"
        /// `log`.
        public var purpose: String
        /// The new Ed25519 key.
        public var key: String
        /// The new ML-DSA-65 key as `mldsa65:…`, where the log has one from now on.
        public var postQuantumKey: String?
        /// A signed note: origin, this entry's index, the old key and the new ones, under the lines of the old keys.
        public var statement: String

        public init(purpose: String, key: String, postQuantumKey: String? = nil, statement: String) {
            self.purpose = purpose
            self.key = key
            self.postQuantumKey = postQuantumKey
            self.statement = statement
        }
    }

    public struct PolicyAccepted: EventData {
        public static let type = "policy.accepted"
        public var sequence: Int64
        /// Of the canonical policy.
        public var digest: Digest
        /// Of the envelope's bytes.
        public var envelope: Digest
        /// Key ids, sorted.
        public var signers: [String]

        public init(sequence: Int64, digest: Digest, envelope: Digest, signers: [String]) {
            self.sequence = sequence
            self.digest = digest
            self.envelope = envelope
            self.signers = signers
        }
    }

    public struct PolicyRefused: EventData {
        public static let type = "policy.refused"
        public var code: String
        public var envelope: Digest

        public init(code: String, envelope: Digest) {
            self.code = code
            self.envelope = envelope
        }
    }

    public struct ModelRegistered: EventData {
        public static let type = "model.registered"
        public var name: String
        public var version: String
        /// Of the model's `manifest.json`; the policy names it.
        public var digest: Digest
        /// Of the image's file list.
        public var image: Digest

        public init(name: String, version: String, digest: Digest, image: Digest) {
            self.name = name
            self.version = version
            self.digest = digest
            self.image = image
        }
    }

    public struct TaskReference: Codable, Equatable, Sendable {
        public var name: String
        public var digest: Digest

        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }
    }

    public struct InputsReference: Codable, Equatable, Sendable {
        public var count: Int64
        /// The `inputs` record.
        public var record: Digest

        public init(count: Int64, record: Digest) {
            self.count = count
            self.record = record
        }
    }

    public struct Budget: Codable, Equatable, Sendable {
        /// Micro-units of the room's currency.
        public var cost: Int64
        /// Nanoseconds.
        public var wall: String

        public init(cost: Int64, wall: String) {
            self.cost = cost
            self.wall = wall
        }
    }

    public struct JobAccepted: EventData {
        public static let type = "job.accepted"
        /// Over job file, inputs and policy sequence.
        public var digest: Digest
        /// The `job` record.
        public var file: Digest
        public var task: TaskReference
        public var inputs: InputsReference
        public var purpose: String
        public var requester: String
        /// The age recipient that answers are sealed to; from the policy.
        public var recipient: String
        public var budget: Budget

        public init(
            digest: Digest, file: Digest, task: TaskReference, inputs: InputsReference, purpose: String,
            requester: String, recipient: String, budget: Budget
        ) {
            self.digest = digest
            self.file = file
            self.task = task
            self.inputs = inputs
            self.purpose = purpose
            self.requester = requester
            self.recipient = recipient
            self.budget = budget
        }
    }

    public struct JobDenied: EventData {
        public static let type = "job.denied"
        public var digest: Digest
        public var code: String
        public var decisions: [RecordedDecision]
        /// The `inputs` record, where the labels were good: their serials count from now on, although the job did not run.
        public var inputs: Digest?

        public init(digest: Digest, code: String, decisions: [RecordedDecision], inputs: Digest? = nil) {
            self.digest = digest
            self.code = code
            self.decisions = decisions
            self.inputs = inputs
        }
    }

    public struct JobDecomposed: EventData {
        public static let type = "job.decomposed"
        /// The `task-graph` record.
        public var graph: Digest
        public var microtasks: Int64

        public init(graph: Digest, microtasks: Int64) {
            self.graph = graph
            self.microtasks = microtasks
        }
    }

    public struct AuctionHeld: EventData {
        public static let type = "auction.held"
        public var microtask: String
        public var input: Digest
        public var attempt: Int64
        /// When the bidders' eligibility was decided.
        public var at: WallTime
        /// The `auction` record.
        public var record: Digest
        /// Absent when nobody could win.
        public var winner: String?
        public var bidders: Int64
        public var excluded: Int64
        /// The `plan` record chosen for the winner: which of its options it is called with, and why.
        public var plan: Digest?
        /// `behind` when the room's clock had stepped back by then, as it stood in the requests; absent otherwise.
        public var clock: String?
        /// True when newcomers do the task beside the answer that is there: nothing of theirs leaves. Absent otherwise.
        public var trial: Bool?

        public init(
            microtask: String, input: Digest, attempt: Int64, at: WallTime, record: Digest, winner: String? = nil,
            bidders: Int64, excluded: Int64, plan: Digest? = nil, clock: String? = nil, trial: Bool? = nil
        ) {
            self.microtask = microtask
            self.input = input
            self.attempt = attempt
            self.at = at
            self.record = record
            self.winner = winner
            self.bidders = bidders
            self.excluded = excluded
            self.plan = plan
            self.clock = clock
            self.trial = trial
        }
    }

    /// Durable before plaintext exists: once per input and attempt, for the step that needs it first.
    public struct KeyReleased: EventData {
        public static let type = "key.released"
        /// `0007/spam`, or `0007/parse` where the parser needs it first.
        public var microtask: String
        public var input: Digest
        public var attempt: Int64
        public var decision: RecordedDecision

        public init(microtask: String, input: Digest, attempt: Int64, decision: RecordedDecision) {
            self.microtask = microtask
            self.input = input
            self.attempt = attempt
            self.decision = decision
        }
    }

    public struct JailStarted: EventData {
        public static let type = "jail.started"
        public var jail: String
        public var model: String
        public var digest: Digest
        /// The `jails/` member.
        public var measurement: Digest
        /// A ``JailRole``.
        public var role: String

        public init(jail: String, model: String, digest: Digest, measurement: Digest, role: String) {
            self.jail = jail
            self.model = model
            self.digest = digest
            self.measurement = measurement
            self.role = role
        }
    }

    /// Once per jail and input: a second microtask of the same input in the same executor is no second delivery.
    public struct InputDelivered: EventData {
        public static let type = "input.delivered"
        public var jail: String
        public var microtask: String
        public var input: Digest
        public var attempt: Int64
        public var model: String
        /// Action `run` for this model.
        public var decision: RecordedDecision
        /// Action `key-release` for this model, where `key.released` was decided for another one.
        public var keyDecision: RecordedDecision?

        public init(
            jail: String, microtask: String, input: Digest, attempt: Int64, model: String,
            decision: RecordedDecision, keyDecision: RecordedDecision? = nil
        ) {
            self.jail = jail
            self.microtask = microtask
            self.input = input
            self.attempt = attempt
            self.model = model
            self.decision = decision
            self.keyDecision = keyDecision
        }
    }

    public struct JailEnded: EventData {
        public static let type = "jail.ended"
        public var jail: String
        /// A cause of the jail's report.
        public var cause: String
        public var exit: Int64?
        public var signal: Int64?
        public var limits: String
        /// Nanoseconds, rounded up to a millisecond.
        public var cpuNs: String
        /// Nanoseconds, rounded up to a millisecond.
        public var wallNs: String
        /// Rounded up to 4 KiB, as the byte counts are.
        public var peakBytes: Int64
        public var bytesIn: Int64
        public var bytesOut: Int64

        public init(
            jail: String, cause: String, exit: Int64? = nil, signal: Int64? = nil, limits: String, cpuNs: String,
            wallNs: String, peakBytes: Int64, bytesIn: Int64, bytesOut: Int64
        ) {
            self.jail = jail
            self.cause = cause
            self.exit = exit
            self.signal = signal
            self.limits = limits
            self.cpuNs = cpuNs
            self.wallNs = wallNs
            self.peakBytes = peakBytes
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
        }
    }

    /// An answer was judged by its schema; so is what the parser and the featurizer made (`0007/parse`, `0007/features`).
    public struct OutputValidated: EventData {
        public static let type = "output.validated"
        public var microtask: String
        public var input: Digest
        public var model: String
        public var jail: String
        /// A ``Verdict``.
        public var verdict: String
        /// A closed code; absent when valid, ``Verdict/lowConfidence`` when unsure.
        public var code: String?
        public var schema: Digest

        public init(
            microtask: String, input: Digest, model: String, jail: String, verdict: String, code: String? = nil,
            schema: Digest
        ) {
            self.microtask = microtask
            self.input = input
            self.model = model
            self.jail = jail
            self.verdict = verdict
            self.code = code
            self.schema = schema
        }
    }

    public struct AuctionSettled: EventData {
        public static let type = "auction.settled"
        public var microtask: String
        public var input: Digest
        public var attempt: Int64
        public var record: Digest
        public var model: String
        /// `valid` or the failure's code.
        public var outcome: String
        /// Metered, in micro-units.
        public var cost: Int64
        public var latencyNs: String
        public var cpuNs: String
        /// Internal credits in 1e-9.
        public var credits: Int64

        public init(
            microtask: String, input: Digest, attempt: Int64, record: Digest, model: String, outcome: String,
            cost: Int64, latencyNs: String, cpuNs: String, credits: Int64
        ) {
            self.microtask = microtask
            self.input = input
            self.attempt = attempt
            self.record = record
            self.model = model
            self.outcome = outcome
            self.cost = cost
            self.latencyNs = latencyNs
            self.cpuNs = cpuNs
            self.credits = credits
        }
    }
}
