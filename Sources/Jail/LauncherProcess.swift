// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// The launcher as a child process.
struct LauncherProcess: ~Copyable {
    let pid: Int32
    let socket: OwnedFD
    /// The sealed bytes that run.
    let image: OwnedFD

    /// The file is read once, into a sealed memfd, and that is what runs: what is hashed is what runs, and a jail
    /// that could write `/proc/1/exe` would find a file that nobody can write (CVE-2019-5736).
    ///
    /// - Parameter inPlace: runs the file itself if it is root's alone. Copying it is a tenth of `atomic jail`. The kernel lets
    ///   nobody write a file that runs, so what is hashed is what runs here too; the launcher refuses (`in-place`) where a jail
    ///   would be the file's owner.
    static func start(executable path: String, arguments: [String], inPlace: Bool = false) throws(JailError)
        -> LauncherProcess
    {
        guard Executable.isTrusted(path) else {
            throw .noLauncher("\(path) is missing, or somebody else than root or this user may write it")
        }
        let image: OwnedFD
        if inPlace {
            do { image = try Files.open(path, O_RDONLY) } catch {
                throw .noLauncher("\(path) cannot be read: \(error)")
            }
        } else {
            image = try copy(path)
        }
        let ends = try DescriptorSocket.pair(SOCK_SEQPACKET)
        let pid = try spawn(image.raw, ends.second.raw, inPlace ? arguments + ["--in-place"] : arguments)
        return LauncherProcess(pid: pid, socket: ends.first, image: image)
    }

    private static func copy(_ path: String) throws(JailError) -> OwnedFD {
        let most = 16 << 20
        let memory = try MemoryFile(name: "atomic-launcher", program: true)
        do {
            let file = try Files.open(path, O_RDONLY)
            var total = 0
            while true {
                let got = linux_sendfile(memory.descriptor.raw, file.raw, most + 1 - total)
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw JailError.system(.launcherMissing, "sendfile \(path)") }
                if got == 0 { break }
                total += got
                guard total <= most else { throw JailError.noLauncher("\(path) is no launcher: it is too large") }
            }
        } catch let error as JailError {
            throw error
        } catch {
            throw .noLauncher("\(path) cannot be copied: \(error)")
        }
        return try memory.seal()
    }

    private init(pid: Int32, socket: consuming OwnedFD, image: consuming OwnedFD) {
        self.pid = pid
        self.socket = socket
        self.image = image
    }

    /// What the launcher says first: that it is ready and what it found, or why it is not.
    func hello() throws(JailError) -> LauncherReply {
        let (bytes, _) = try DescriptorSocket.receive(from: socket.raw, limit: LauncherReply.bytes)
        guard let hello = LauncherReply(bytes) else { throw .launcherGone("hello") }
        return hello
    }

    /// SHA-256 of the bytes that run. Nobody can write them now, so it does not matter when they are hashed.
    func digest() throws(JailError) -> Digest {
        var hasher = SHA256Hasher()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var offset: off_t = 0
        while true {
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe buffer.withUnsafeMutableBytes { unsafe pread(image.raw, $0.baseAddress, $0.count, offset) }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw .system("memory-file", "read atomic-launcher") }
            if got == 0 { return hasher.finish() }
            hasher.update(buffer[..<got])
            offset += off_t(got)
        }
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
