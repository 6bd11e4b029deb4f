// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What can go wrong between a supervisor and its courier.
public enum CourierDomain: FailureDomain {
    public static let name = "courier"
    public static let exit = ExitStatus.failed
}

/// A failure of the courier itself; what happened to a call is in its answer.
public typealias CourierError = Failure<CourierDomain>

extension CourierError.Code {
    /// The program cannot be started.
    public static var start: Self { "courier-start" }
    /// The courier died, was too slow, or said what is no answer.
    public static var lost: Self { "courier-lost" }
}
