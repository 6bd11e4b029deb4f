// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of the supervisor.
public enum RoomDomain: FailureDomain {
    public static let name = "room"
    public static let exit = ExitStatus.failed
}

public typealias RoomError = Failure<RoomDomain>

extension RoomError.Code {
    /// There is no room in the directory.
    public static var noRoom: Self { "no-room" }
    /// The directory already holds a room.
    public static var roomExists: Self { "room-exists" }
    /// The room's configuration contradicts its log.
    public static var configuration: Self { "configuration" }
    /// No policy has been accepted: nothing is permitted.
    public static var noPolicy: Self { "no-policy" }
    /// The job file, or what it points to, is not usable.
    public static var job: Self { "job" }
    /// The task graph is unknown to the room or malformed.
    public static var task: Self { "task" }
    /// An input file is missing, too large or not sealed to this room.
    public static var input: Self { "input" }
    /// The policy denied the job.
    public static var denied: Self { "denied" }
    /// An answer could not be placed in the output directory.
    public static var output: Self { "output" }
    /// A restored room waits for the policy that ruled before.
    public static var restored: Self { "restored" }
    /// Too few witnesses signed the log; nothing leaves.
    public static var witness: Self { "witness" }
    /// A witness has seen a longer or another history of this log: it was rolled back, or there are two of it.
    public static var history: Self { "history" }
    /// The machine gives no more threads.
    public static var threads: Self { "threads" }
    /// A label is of no message or microtask of the job, or of no form that its answer can have.
    public static var feedback: Self { "feedback" }
    /// An answer in the airlock is not what the log says, or may not be decided like that.
    public static var airlock: Self { "airlock" }
    /// The job was told to stop before it had ended; the same request resumes it.
    public static var interrupted: Self { "interrupted" }
    /// The room is halted: nothing is permitted.
    public static var halted: Self { "halted" }
    /// Nobody took a halt or a resume in time.
    public static var untaken: Self { "untaken" }
    /// The log's keys cannot be exchanged now.
    public static var logKeys: Self { "log-keys" }
    /// The log and the room's records disagree.
    public static var inconsistent: Self { "inconsistent" }
}
