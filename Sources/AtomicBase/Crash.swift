// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc

/// What a crash of this process may leave: an exit status, and nothing of its memory, which holds plaintext and keys.
public enum Crash {
    public static func leaveNoMemoryBehind() {
        // The Swift runtime's handlers print registers and the memory they point to, and after a signal that somebody
        // sent they let the process go on.
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT] { signal(number, SIG_DFL) }
        // One byte, not none: a core_pattern that is a pipe takes a limit of 0 for no limit at all (core(5)).
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        // SAFETY: the structure is valid for the call.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
}
