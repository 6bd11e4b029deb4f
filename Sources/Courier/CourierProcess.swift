// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CLinux
internal import Glibc

/// The courier as a child process: `atomic-courier`, which alone links an HTTP client and alone reaches the network.
///
/// It gets the URLs that it may call as its arguments, an empty environment, and no descriptors but a socket as its
/// standard input and output and /dev/null for its errors. It ends when its standard input does. Not for several threads at once.
public final class CourierProcess {
    private let pid: Int32
    private let socket: OwnedFD
    private var buffer: [UInt8] = []

    /// Starts a courier.
    /// - Parameters:
    ///   - program: path of `atomic-courier`.
    ///   - urls: where it may go.
    ///   - roots: PEM files with certificates to trust beside the system's.
    /// - Throws: `courier-start`.
    public init(program: String, allowing urls: [String], roots: [String] = []) throws(CourierError) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: the array has room for the two descriptors that socketpair writes.
        let made = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        guard made == 0 else { throw Self.notStarted("socketpair", errno) }
        socket = OwnedFD(adopting: ends[0])
        let itsEnd = OwnedFD(adopting: ends[1])
        let arguments = ["atomic-courier"] + roots.flatMap { ["--trust", $0] } + urls
        pid = try Self.spawn(program, arguments, itsEnd.raw)
    }

    deinit {
        // It may be in the middle of a call that nobody waits for any more.
        kill(pid, SIGKILL)
        var status: Int32 = 0
        // SAFETY: waitpid writes one status; nobody else waits for this child.
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    }

    /// Makes the calls, all at the same time.
    /// - Parameter timeoutMs: how long each may take.
    /// - Returns: one answer per call, in their order.
    /// - Throws: `courier-lost`; the process is of no use then.
    public func carry(_ calls: [CourierCall], timeoutMs: Int) throws(CourierError) -> [CourierAnswer] {
        do {
            let line = try CanonicalJSON.encode(CourierErrand(calls: calls, timeoutMs: timeoutMs))
            // Not more than a pipe holds would be better said than done: but the courier reads a whole line before it works.
            try Files.send(line + [0x0a], over: socket.raw, named: "the courier")
            let answers = try CanonicalJSON.decodeRelaxed(
                CourierReturn.self, from: readLine(withinMs: timeoutMs + 2_000)
            ).answers
            guard answers.count == calls.count else {
                throw Self.lost("it answered \(answers.count) of \(calls.count) calls")
            }
            return answers
        } catch let error as CourierError {
            throw error
        } catch {
            throw Self.lost("\(error)")
        }
    }

    private func readLine(withinMs limit: Int) throws(CourierError) -> [UInt8] {
        let end = SystemClock.real.monotonic() + UInt64(limit) * 1_000_000
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let newline = buffer.firstIndex(of: 0x0a) {
                defer { buffer.removeFirst(newline + 1) }
                return Array(buffer[..<newline])
            }
            guard buffer.count <= CourierErrand.maximumLine else { throw Self.lost("its answer is too long") }
            let now = SystemClock.real.monotonic()
            guard now < end else { throw Self.lost("it did not answer within \(limit) ms") }
            var waiting = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
            // SAFETY: one valid pollfd, and its count.
            let ready = unsafe poll(&waiting, 1, Int32((end - now) / 1_000_000 + 1))
            if ready < 0, errno != EINTR { throw Self.lost("poll: \(ErrorText.of(errno))") }
            guard ready > 0 else { continue }
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe read(socket.raw, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw Self.lost("it ended") }
            buffer += chunk[..<got]
        }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ socket: Int32
    ) throws(CourierError) -> Int32 {
        // SAFETY: actions and attributes are initialised before use and destroyed once.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // A daemon blocks its signals; its courier must be able to die of them.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // SAFETY: the strings are freed after the call that reads them; both arrays end in nil.
        var argv: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe argv.append(nil)
        defer { unsafe argv.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        // Ours are close-on-exec anyway; what somebody handed to this process without that is not handed on
        // (CLOSE_RANGE_CLOEXEC).
        _ = linux_close_range(3, .max, 4)
        var pid: pid_t = -1
        let failure = unsafe posix_spawn(&pid, program, &actions, &attributes, argv, &environment)
        guard failure == 0 else { throw notStarted(program, failure) }
        return pid
    }

    private static func notStarted(_ what: String, _ code: Int32) -> CourierError {
        CourierError(
            .start, "the courier cannot be started: \(what): \(ErrorText.of(code))",
            remedy: "run scripts/build, and keep atomic-courier beside the other programs")
    }

    private static func lost(_ why: String) -> CourierError {
        CourierError(.lost, "the courier was lost: \(why)", remedy: "run the command again", exit: .tryAgain)
    }
}
