// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import Glibc
internal import TransparencyLog

/// `atomic audit append`
struct AuditAppend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Adds entries of other programs, one JSON object per line of stdin.",
        discussion: "Each line: {\"type\":\"x.NAME\",\"job\":\"…\" (optional),\"data\":{…}}, at most 4 KiB. Answers "
            + "{\"index\":N} per line once it is durable, in order. No decision reads such entries.\n"
            + "Example: printf '{\"type\":\"x.backup\",\"data\":{\"ok\":true}}\\n' | atomic audit append --room ward-3")

    @OptionGroup var options: CommandOptions
    @OptionGroup var room: RoomOptions

    func run() throws {
        let directory = try room.directory()
        let write: ([OutsideEvent]) throws -> [UInt64]
        var log: TransparencyLog?
        if let daemon = try Supervisor.daemon(of: directory) {
            write = { try daemon.append($0) }
        } else {
            // The log alone is enough: neither the state nor the policy's file is needed to append to it.
            let opened = try Self.log(of: RoomPaths(directory))
            let policy = try Self.policy(of: opened)
            log = opened
            write = { Array(try opened.append($0.map { try $0.draft(uid: getuid(), policy: policy) })) }
        }
        var lines = WaitingLines(descriptor: 0)
        while let batch = try lines.next() {
            var events: [OutsideEvent] = []
            var trouble: (any Error)?
            for line in batch {
                do {
                    events.append(try OutsideEvent(line: line))
                } catch {
                    trouble = error
                    break
                }
            }
            // What came before a bad line is accepted and answered, as if it had come alone.
            var answers: [UInt8] = []
            for index in try write(events) { answers += "{\"index\":\(index)}\n".utf8 }
            try Files.write(answers, to: 1, named: "stdout")
            if let trouble { throw trouble }
        }
        try log?.close()
    }

    private static func log(of paths: RoomPaths) throws -> TransparencyLog {
        let configuration = try RoomConfiguration(reading: paths.configuration)
        return try LogKeyFiles(paths, configuration).openLog()
    }

    /// Sequence of the policy in force, from the log itself.
    private static func policy(of log: TransparencyLog) throws -> Int64 {
        guard log.size > 0 else { return 0 }
        let last = try log.entry(log.size - 1)
        return last.type == "policy.accepted" ? last.data["sequence"]?.integerValue ?? last.policy : last.policy
    }
}

/// Lines from a descriptor, as many at once as are there.
struct WaitingLines {
    let descriptor: Int32
    private var pending: [UInt8] = []
    private var isAtEnd = false

    /// Bytes after which a batch is handed out though more is waiting.
    private static let batchBytes = 1 << 20

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The complete lines that wait, without their newlines; blocks until there is one. Nil at the end.
    mutating func next() throws(BaseError) -> [[UInt8]]? {
        while !isAtEnd {
            try readMore()
            while !isAtEnd && pending.count < Self.batchBytes && isMoreWaiting() { try readMore() }
            // A line that has outgrown its limit is handed out as it is, to be refused; it never fills the memory.
            if let newline = pending.lastIndex(of: 0x0a) {
                let lines = pending[..<newline].split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
                pending.removeFirst(newline + 1)
                return lines
            }
            if pending.count > OutsideEvent.maximumBytes { break }
        }
        guard !pending.isEmpty else { return nil }
        defer { pending = [] }
        return [pending]
    }

    private mutating func readMore() throws(BaseError) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw .system("read", "stdin") }
            if got == 0 { isAtEnd = true }
            pending += chunk[..<got]
            return
        }
    }

    private func isMoreWaiting() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // SAFETY: one pollfd is passed with a count of one.
        return unsafe poll(&request, 1, 0) == 1
    }
}
