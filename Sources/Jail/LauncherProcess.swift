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
        let image = try copy(path)
        let ends = try DescriptorSocket.pair(SOCK_SEQPACKET)
        let pid = try spawn(image.descriptor.raw, ends.second.raw, arguments)
        return LauncherProcess(pid: pid, socket: ends.first, digest: image.digest)
    }

    /// A sealed copy of the file, and what was copied.
    private struct Image: ~Copyable {
        let descriptor: OwnedFD
        let digest: Digest
    }

    /// Through one small buffer: this is most of what a short `atomic jail` would otherwise do with its memory.
    private static func copy(_ path: String) throws(JailError) -> Image {
        let memory = try MemoryFile(name: "atomic-launcher", program: true)
        var hasher = SHA256Hasher()
        do {
            let file = try Files.open(path, O_RDONLY)
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            var total = 0
            while true {
                // SAFETY: the buffer is valid for its own length.
                let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(file.raw, $0.baseAddress, $0.count) }
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw JailError.system(.launcherMissing, "read \(path)") }
                if got == 0 { break }
                total += got
                guard total <= 16 << 20 else { throw JailError.noLauncher("\(path) is no launcher: it is too large") }
                hasher.update(buffer[..<got])
                try Files.write(buffer[..<got], to: memory.descriptor.raw, named: "atomic-launcher")
            }
        } catch let error as JailError {
            throw error
        } catch {
            throw .noLauncher("\(path) cannot be copied: \(error)")
        }
        return Image(descriptor: try memory.seal(), digest: hasher.finish())
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
