// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One extra mount of a jail.
public struct JailMount: Hashable, Sendable {
    /// Where the tree comes from.
    public enum Source: Hashable, Sendable {
        /// A path of the host, with the launcher's rights. Refused by a launcher started with ``BindPermission/none``.
        case host(String)
        /// A path inside a staged image.
        case image(ImageHandle, path: String)
    }

    public var source: Source
    /// An absolute path inside the jail without `.` and `..`.
    public var target: String
    public var readOnly: Bool
    /// Data mounts are `noexec`.
    public var noexec: Bool

    public init(_ source: Source, at target: String, readOnly: Bool = true, noexec: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.noexec = noexec
    }
}

/// Everything that decides what a jail is. Two equal specifications have one measurement.
public struct JailSpec: Hashable, Sendable {
    public enum Root: Hashable, Sendable {
        /// The host's `/usr`, read-only, with the usual links into it. Only with ``BindPermission/caller``.
        case system
        /// A staged image is the root, read-only. It needs no mount points of its own: the launcher adds
        /// `/proc`, `/dev` and `/tmp` when the image is sealed.
        case image(ImageHandle)
    }

    /// What becomes of standard output and standard error. Both are always counted.
    public enum Output: Hashable, Sendable {
        /// Standard output is kept (``RunningJail/output``), standard error is drained and dropped.
        case collect
        /// Both are drained and dropped.
        case discard
        /// Both are passed on to these descriptors, which must stay open until the jail has ended.
        case relay(output: Int32, error: Int32)
    }

    public var profile: SeccompProfile
    /// The program and its arguments. A name without a slash is looked up in /usr/local/bin, /usr/bin, /bin.
    public var argv: [String]
    /// The whole environment; nothing is inherited.
    public var environment: [String: String]
    public var root: Root
    public var mounts: [JailMount]
    public var limits: JailLimits
    public var workingDirectory: String
    public var output: Output
    /// Whether `/dev/kvm` is in the jail: for the monitor of a virtual machine, never for a model's program. An image must have
    /// an empty file in its place.
    public var kvm = false

    public init(
        profile: SeccompProfile, argv: [String], environment: [String: String] = [:], root: Root,
        mounts: [JailMount] = [], limits: JailLimits = JailLimits(), workingDirectory: String = "/",
        output: Output = .collect
    ) {
        self.profile = profile
        self.argv = argv
        self.environment = environment
        self.root = root
        self.mounts = mounts
        self.limits = limits
        self.workingDirectory = workingDirectory
        self.output = output
    }
}

/// An image that the launcher holds: a tmpfs that no path of the host reaches, read-only since it was sealed.
public struct ImageHandle: Hashable, Sendable {
    /// The image's digest as its owner computed it while copying.
    public let digest: Digest
    let number: UInt64
}
