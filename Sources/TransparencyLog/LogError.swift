// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What can go wrong with a log. Damage and bad signatures exit 4, a second writer exits 75, everything else 1.
public enum LogDomain: FailureDomain {
    /// The word that stands before the code in a printed error.
    public static var name: String { "log" }
    /// The exit status of a failure that does not choose its own.
    public static var exit: ExitStatus { .failed }
}

/// A failure of the transparency log; two are equal when their codes are.
public typealias LogError = Failure<LogDomain>

extension Failure.Code where Domain == LogDomain {
    /// Acknowledged data is missing or altered; the message names the file and, where one is hit, the entry.
    public static var damaged: Self { "damaged" }
    /// Another process (or another object of this one) has the log open for appending.
    public static var locked: Self { "locked" }
    /// The file system had no room; what was acknowledged before is untouched.
    public static var diskFull: Self { "disk-full" }
    /// A system call failed; the message has the call, the path and errno.
    public static var io: Self { "io" }
    /// The directory holds no log.
    public static var missing: Self { "missing" }
    /// The directory holds a log already.
    public static var exists: Self { "exists" }
    /// The key given is not the key of this log, or not one a note can be signed with.
    public static var key: Self { "key" }
    /// A signed note or a verifier key is malformed (C2SP signed-note).
    public static var note: Self { "note" }
    /// No trusted key signed the note, or the signature of a trusted key is wrong.
    public static var signature: Self { "signature" }
    /// The text of a note is not a checkpoint (C2SP tlog-checkpoint).
    public static var checkpoint: Self { "checkpoint" }
    /// A proof is malformed or proves something else.
    public static var proof: Self { "proof" }
    /// The entry asked for is not in the log, or the range is not inside it.
    public static var range: Self { "range" }
    /// An entry is malformed: type, size, or a field that the format does not know.
    public static var entry: Self { "entry" }
    /// The log was closed.
    public static var closed: Self { "closed" }
}

extension Failure where Domain == LogDomain {
    static func damaged(_ what: String, file: String, entry: UInt64? = nil) -> Self {
        let place = entry.map { "entry \($0) in \(file)" } ?? file
        return Self(
            .damaged, "\(place): \(what)",
            remedy: "keep the directory as it is for examination and restore the log from a copy", exit: .unverified)
    }

    static func note(_ what: String) -> Self {
        Self(.note, what, remedy: "give a C2SP signed note or verifier key, unchanged", exit: .unverified)
    }

    static func proof(_ what: String) -> Self {
        Self(.proof, what, remedy: "ask for a fresh proof from the log", exit: .unverified)
    }

    static func range(_ what: String) -> Self {
        Self(.range, what, remedy: "ask for an entry below the size that `atomic audit checkpoint` shows")
    }
}
