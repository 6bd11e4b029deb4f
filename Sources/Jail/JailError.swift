// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of the jail. The code is the stage that failed, as the launcher or the profile names it; the message has the
/// object and errno. When one of these is thrown by ``Launcher/launch(_:stdin:channel:)`` nothing ran.
public enum JailDomain: FailureDomain {
    public static let name = "jail"
    public static let exit = ExitStatus.jail
}

public typealias JailError = Failure<JailDomain>

extension JailError.Code {
    /// `atomic-launcher` is not beside the executable, or is not a file this user may trust.
    public static var launcherMissing: Self { "launcher-missing" }
    /// The launcher could not be started.
    public static var launcherStart: Self { "launcher-start" }
    /// The launcher ended or answered with something that is not its protocol.
    public static var launcherLost: Self { "launcher-lost" }
    /// The profile is not valid, or names a system call or constant that does not exist.
    public static var profile: Self { "profile" }
    /// libseccomp could not make a filter of the profile.
    public static var filter: Self { "filter" }
    /// The specification itself is impossible: empty argv, NUL in a string, too many mounts.
    public static var specification: Self { "specification" }
}
