// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of a room's state and records.
public enum StoreDomain: FailureDomain {
    public static let name = "store"
    public static let exit = ExitStatus.failed
}

public typealias StoreError = Failure<StoreDomain>

extension StoreError.Code {
    /// The database refused an operation.
    public static var database: Self { "database" }
    /// No space is left for the database or a record.
    public static var diskFull: Self { "disk-full" }
    /// A record that an entry names is not there.
    public static var recordMissing: Self { "record-missing" }
    /// A record's bytes are not those its name promises.
    public static var recordDamaged: Self { "record-damaged" }
    /// A record could not be written.
    public static var recordUnwritten: Self { "record-unwritten" }
}
