// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A jail that runs. Its standard output and error are drained by a thread of its own from the first moment.
public final class RunningJail: Sendable {
    /// Unique within the launcher's life.
    public let id: UInt64
    public let measurement: JailMeasurement
    /// The supervisor's end of descriptor 3, an AF_UNIX stream; -1 when none was asked for.
    /// It belongs to this object: do not close it, and do not use it after the object is gone.
    public let channel: Int32

    init(id: UInt64, measurement: JailMeasurement, channel: Int32) {
        self.id = id
        self.measurement = measurement
        self.channel = channel
    }

    /// Waits until the jail has ended, everything in it is reaped and its output is drained.
    public func wait() throws(JailError) -> JailReport {
        throw JailError(.launcherMissing, "not yet", remedy: "wait")
    }

    /// What the program wrote to standard output, with ``JailSpec/Output/collect``; complete after ``wait()``.
    public var output: [UInt8] { [] }

    /// Bytes that went over the channel: its owner counts them into the accounting.
    public func countChannel(in received: UInt64, out sent: UInt64) {}

    /// Kills everything in the jail; ``wait()`` then reports `signal` 9. Harmless when it has ended.
    public func kill() {}
}
