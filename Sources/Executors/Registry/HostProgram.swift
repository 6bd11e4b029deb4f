// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Runs a program of the host outside any jail. Only `atomic model add` does this, never `atomic run`.
enum HostProgram {
    struct Outcome {
        /// Nil when a signal ended it.
        let exit: Int32?
        let output: [UInt8]
    }

    /// Runs to the end; standard error and the environment are empty.
    ///
    /// - Parameters:
    ///   - input: becomes standard input; `/dev/null` when nil.
    ///   - outputLimit: bytes of standard output that are kept; more is an error.
    ///   - limitNs: after this many nanoseconds without an end the program is killed.
    static func run(
        _ argv: [String], input: Int32?, outputLimit: Int, limitNs: UInt64
    ) throws(ExecutorError) -> Outcome {
        var pipe: [Int32] = [-1, -1]
        // SAFETY: pipe writes two descriptors.
        guard unsafe Glibc.pipe(&pipe) == 0 else { throw .image("pipe: \(ErrorText.of(errno))") }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reader = OwnedFD(adopting: pipe[0])
        let process: Int32
        do {
            let writer = OwnedFD(adopting: pipe[1])
            process = try start(argv, input: input, output: writer.raw, channel: nil)
        }
        var output: [UInt8] = []
        let deadline = SystemClock.real.monotonic() &+ limitNs
        var chunk = [UInt8](repeating: 0, count: 65_536)
        reading: while true {
            let left = Int64(bitPattern: deadline &- SystemClock.real.monotonic())
            var waiting = pollfd(fd: reader.raw, events: Int16(POLLIN), revents: 0)
            // SAFETY: one pollfd, valid for the call.
            let ready = left > 0 ? unsafe poll(&waiting, 1, Int32(clamping: left / 1_000_000 + 1)) : 0
            if ready < 0, errno == EINTR { continue }
            // SAFETY: the buffer is valid for its own length.
            let got = ready > 0 ? unsafe read(reader.raw, &chunk, chunk.count) : -1
            if got == 0 { break reading }
            output.append(contentsOf: chunk[..<max(0, got)])
            guard got > 0, output.count <= outputLimit else {
                _ = kill(process, SIGKILL)
                break reading
            }
        }
        return Outcome(exit: wait(for: process), output: output)
    }

    /// Starts a program with an empty environment.
    ///
    /// - Parameter channel: becomes descriptor 3.
    /// - Returns: the process id; the caller waits for it.
    static func start(
        _ argv: [String], input: Int32?, output: Int32?, channel: Int32?
    ) throws(ExecutorError) -> Int32 {
        // SAFETY: initialised here and destroyed once; every pointer below is valid for the call it is passed to.
        // Every other descriptor of this process is close-on-exec.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        if let channel {
            unsafe posix_spawn_file_actions_adddup2(&actions, channel, 3)
        }
        // SAFETY: strdup'ed copies, freed after the call; the arrays end in nil.
        var words = unsafe argv.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, argv[0], &actions, nil, &words, &environment)
        guard code == 0 else {
            throw ExecutorError(
                .startFailed, "\(argv[0]) could not be started: \(ErrorText.of(code))",
                remedy: "check that it exists and may be executed")
        }
        return process
    }

    /// Waits for a process; its exit code, nil when a signal ended it.
    static func wait(for process: Int32) -> Int32? {
        var status: Int32 = 0
        // SAFETY: `status` is valid for the call.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
    }
}
