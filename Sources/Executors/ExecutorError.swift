// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of model bundles and executors.
public enum ExecutorDomain: FailureDomain {
    public static let name = "executor"
    public static let exit = ExitStatus.model
}

public typealias ExecutorError = Failure<ExecutorDomain>

/// What can go wrong while a model runs. Closed: these and no others reach the log, so that nothing a model prints can.
extension ExecutorError.Code {
    /// The jail could not be built, or the program ended before it answered `initialize`.
    public static var startFailed: Self { "start-failed" }
    /// The program ended, by a signal or otherwise, while an answer was due.
    public static var crashed: Self { "crashed" }
    /// No answer within the time allowed.
    public static var hung: Self { "hung" }
    /// Bytes that are not text where a line of text is due.
    public static var garbage: Self { "garbage" }
    /// A line above 1 MiB, too much output, or too many notifications.
    public static var oversize: Self { "oversize" }
    /// A line that is not one strict JSON value.
    public static var invalidJSON: Self { "invalid-json" }
    /// JSON that is not the message that may come now: wrong id, unknown member, late or trailing bytes.
    public static var protocolViolation: Self { "protocol" }
    /// The model answered that it failed: a JSON-RPC error, or an exit code that `model.yaml` does not list.
    public static var modelError: Self { "model-error" }
    /// The call would have cost more than the job has left: it was cut off.
    public static var overBudget: Self { "over-budget" }
    /// A limit of the jail ended the program.
    public static var memoryLimit: Self { "memory-limit" }
    public static var pidsLimit: Self { "pids-limit" }
    public static var cpuLimit: Self { "cpu-limit" }
    public static var fileLimit: Self { "file-limit" }
    /// The program made a system call that its profile refuses.
    public static var syscall: Self { "syscall" }
}

/// What can go wrong around a bundle, before any model runs.
extension ExecutorError.Code {
    /// `model.yaml` is not what `Models/model.schema.json` describes.
    public static var manifest: Self { "manifest" }
    /// The bundle holds a file that no bundle may hold, or names one that lies outside of it.
    public static var bundle: Self { "bundle" }
    /// A program, library or directory that the image needs is missing or of another kind.
    public static var closure: Self { "closure" }
    /// A file of the bundle or the image could not be read or written.
    public static var image: Self { "image" }
    /// The sample's answers inside and outside the jail differ, or one of them failed.
    public static var sample: Self { "sample" }
    /// No model of this digest or name is registered in the room.
    public static var notRegistered: Self { "not-registered" }
    /// A registered file is not what it was when it was registered.
    public static var imageChanged: Self { "image-changed" }
}

extension ExecutorError {
    static func image(_ message: String, cause: (any Error)? = nil) -> ExecutorError {
        ExecutorError(
            .image, message, remedy: "check the path, its owner and the free space, then run the command again",
            cause: cause)
    }

    static func changed(_ what: String) -> ExecutorError {
        ExecutorError(
            .imageChanged, "\(what) is not what was registered",
            remedy: "find out who changed it, then register the model again with `atomic model add`",
            exit: .unverified)
    }
}
