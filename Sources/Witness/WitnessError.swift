// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What can go wrong with a witness of one's own. Damaged state exits 4, a second process 75.
public enum WitnessDomain: FailureDomain {
    public static let name = "witness"
    public static let exit = ExitStatus.failed
}

/// A failure of a witness.
public typealias WitnessError = Failure<WitnessDomain>

extension WitnessError.Code {
    /// The directory holds no witness.
    public static var missing: Self { "no-witness" }
    /// The directory holds a witness already.
    public static var exists: Self { "witness-exists" }
    /// Another process serves this witness.
    public static var locked: Self { "locked" }
    /// What the witness signed last cannot be read as it was written.
    public static var damaged: Self { "damaged" }
    /// The key is not the one of this witness.
    public static var key: Self { "key" }
    /// The witness watches no log.
    public static var noLog: Self { "no-log" }
    /// Nobody can listen at the address.
    public static var address: Self { "address" }
}

extension WitnessError {
    static func damaged(_ what: String, _ path: String) -> WitnessError {
        WitnessError(
            .damaged, "\(path): \(what)",
            remedy:
                "restore the file from a copy that is not older than the last answer, or retire this witness: one that "
                + "has forgotten what it signed would sign another history", exit: .unverified)
    }
}
