// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The launcher as a child process.
struct LauncherProcess: ~Copyable {
    let pid: Int32
    let socket: OwnedFD
    /// SHA-256 of the bytes that run.
    let digest: Digest

    /// The file is read once, into a sealed memfd, and that is what runs: what was hashed is what runs, and a jail
    /// that could write `/proc/1/exe` would find a file that nobody can write (CVE-2019-5736).
    static func start(executable path: String, arguments: [String]) throws(JailError) -> LauncherProcess {
        guard Executable.isTrusted(path) else {
            throw .noLauncher("\(path) is missing, or somebody else than root or this user may write it")
        }
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, limit: 16 << 20)
        } catch {
            throw .noLauncher(error.message)
        }
        let memory = try MemoryFile.sealed(name: "atomic-launcher", bytes, program: true)
        let ends = try DescriptorSocket.pair(SOCK_SEQPACKET)
        let pid = try spawn(memory.descriptor.raw, ends.second.raw, arguments)
        return LauncherProcess(pid: pid, socket: ends.first, digest: Digest.sha256(bytes))
    }

    private init(pid: Int32, socket: consuming OwnedFD, digest: Digest) {
        self.pid = pid
        self.socket = socket
        self.digest = digest
    }

    deinit {
        // The launcher ends when its socket closes; it kills and reaps its jails first.
        _ = shutdown(socket.raw, Int32(SHUT_RDWR))
        var status: Int32 = 0
        // SAFETY: waitpid writes one status; nobody else waits for this child.
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    }

    private static func spawn(_ image: Int32, _ socket: Int32, _ arguments: [String]) throws(JailError) -> Int32 {
        // Out of the way of descriptor 3, which the socket becomes.
        let program = fcntl(image, F_DUPFD_CLOEXEC, 10)
        let end = fcntl(socket, F_DUPFD_CLOEXEC, 10)
        defer {
            close(program)
            close(end)
        }
        guard program >= 0, end >= 0 else { throw .system(.launcherStart, "fcntl") }
        // SAFETY: the actions are initialised before use and destroyed once.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, end, 3)
        // SAFETY: the strings are freed after the call that reads them; both arrays end in nil.
        var argv: [UnsafeMutablePointer<CChar>?] = unsafe (["atomic-launcher"] + arguments).map { unsafe strdup($0) }
        unsafe argv.append(nil)
        defer { unsafe argv.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var pid: pid_t = -1
        let failure = unsafe posix_spawn(&pid, "/proc/self/fd/\(program)", &actions, nil, argv, &environment)
        guard failure == 0 else { throw .system(.launcherStart, "posix_spawn of the launcher", errno: failure) }
        return pid
    }
}

extension JailError {
    static func noLauncher(_ message: String) -> JailError {
        JailError(.launcherMissing, message, remedy: "run scripts/build, which compiles atomic-launcher")
    }
}
