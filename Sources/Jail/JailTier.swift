// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What separates a program from the host. A tier that this machine cannot give is an error, never another tier.
public enum JailTier: String, Codable, Sendable, CaseIterable {
    /// Namespaces, filters and limits of the host's kernel.
    case process
    /// All of it, around a program that runs on a kernel of its own in a virtual machine (`docs/microvm.md`).
    case microvm
}

/// A program that runs in a jail of either tier.
public protocol JailedProgram: AnyObject, Sendable {
    /// The supervisor's end of descriptor 3, an AF_UNIX stream that belongs to this object; -1 when none was asked for.
    var channel: Int32 { get }
    /// Readable when the jail has ended; belongs to this object.
    var pidfd: Int32 { get }
    /// What the program wrote to standard output, with ``JailSpec/Output/collect``. Waits for the end.
    var output: [UInt8] { get }
    /// CPU time of everything in the jail so far, in nanoseconds; nil when it has ended.
    func cpuNs() -> UInt64?
    /// Counts bytes of the channel into the accounting: its owner is the only one who knows them.
    func countChannel(in received: UInt64, out sent: UInt64)
    /// Kills everything in the jail; ``wait()`` then reports `signal` 9. Harmless when it has ended.
    func kill()
    /// Waits until the jail has ended and its output is drained.
    func wait() throws(JailError) -> JailReport
}

extension RunningJail: JailedProgram {}
