// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A token that a data owner plants in data, to find out when a model copies what it was given.
///
/// `atomic-canary-` and 32 hexadecimal digits: printable, one word in mail, CSV and JSON, and so improbable that no text has it by
/// chance.
public enum CanaryToken {
    public static let prefix = "atomic-canary-"
    /// Hexadecimal digits behind the prefix.
    public static let digits = 32

    /// A fresh token, of the kernel's random bytes.
    public static func make() -> String { prefix + Hex.encode(RandomBytes.make(digits / 2)) }

    /// The prefix as it is left when only letters and digits are read.
    static let marker = Array("atomiccanary".utf8)
}
