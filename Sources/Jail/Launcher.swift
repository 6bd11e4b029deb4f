// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Whether a launcher takes paths of the host as sources of mounts.
public enum BindPermission: String, Sendable {
    /// Staged images only: the supervisor's launcher.
    case none
    /// Whatever the caller may read: `atomic jail`, which has its own launcher with the caller's privileges.
    case caller
}

/// The one privileged process, and the only way to a jail.
public final class Launcher: Sendable {
    let launcherDigest = Digest.sha256([])

    /// Starts `atomic-launcher`. Call this before any thread exists and before any secret is in memory.
    ///
    /// - Parameters:
    ///   - executable: the launcher; by default the file `atomic-launcher` beside the running executable, then
    ///     `/usr/libexec/atomic/atomic-launcher`. No environment variable and no `PATH` is consulted.
    /// - Throws: ``JailError``.
    public static func start(executable: String? = nil, binds: BindPermission = .none) throws(JailError) -> Launcher {
        throw JailError(.launcherMissing, "not yet", remedy: "wait")
    }

    /// Makes an image that only the launcher sees: a tmpfs of at most `bytes` and `inodes` that `fill` writes through
    /// its directory descriptor (openat(2) and friends); read-only once `fill` has returned.
    public func stageImage(
        _ digest: Digest, bytes: UInt64, inodes: UInt64, fill: (_ directory: Int32) throws -> Void
    ) throws -> ImageHandle {
        throw JailError(.launcherMissing, "not yet", remedy: "wait")
    }

    /// Forgets an image; jails that use it keep it until they end.
    public func dropImage(_ image: ImageHandle) throws(JailError) {}

    /// What a jail of this specification will be. Runs nothing.
    public func measure(_ spec: JailSpec, channel: Bool = false) throws(JailError) -> JailMeasurement {
        throw JailError(.launcherMissing, "not yet", remedy: "wait")
    }

    /// Builds the jail and starts the program in it. When this throws, nothing ran.
    ///
    /// - Parameters:
    ///   - stdin: any descriptor, for example a sealed memfd; by default `/dev/null` (an empty stream).
    ///   - channel: whether descriptor 3 is an AF_UNIX stream to ``RunningJail/channel``.
    public func launch(
        _ spec: JailSpec, stdin: consuming OwnedFD? = nil, channel: Bool = false
    ) throws(JailError) -> RunningJail {
        throw JailError(.launcherMissing, "not yet", remedy: "wait")
    }
}
