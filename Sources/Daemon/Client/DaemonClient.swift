// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import CleanRoom
internal import Glibc

/// A connection to the daemon of a room. One request at a time.
public final class DaemonClient {
    private let socket: OwnedFD
    private var lines = LineStateMachine(limit: DaemonReply.maximumBytes)

    private init(_ socket: consuming OwnedFD) { self.socket = socket }

    /// The daemon of a room, or nil when nobody listens there.
    ///
    /// - Throws: `peer` when somebody listens who has no business with this room; `socket`.
    public static func connect(room: String) throws(DaemonError) -> DaemonClient? {
        guard let socket = try SocketPlace(room: RoomPaths(room).root).connect() else { return nil }
        return DaemonClient(socket)
    }

    /// Sends a request and waits for its result.
    ///
    /// - Parameters:
    ///   - progress: called for each line of progress.
    ///   - note: called for each remark.
    /// - Throws: the daemon's error as it would have been thrown here; `daemon-lost`, exit 75.
    public func ask(
        _ request: DaemonRequest, progress: (JobProgress) -> Void = { _ in }, note: (String) -> Void = { _ in }
    ) throws -> JSONValue {
        let line = try request.line()
        // A daemon that refuses may have said why before it closed: that is read below.
        try? Files.send(line, over: socket.raw, named: "the daemon's socket")
        while true {
            switch try DaemonReply(line: nextLine()) {
            case .progress(let what): progress(what)
            case .note(let text): note(text)
            case .result(let value): return value
            case .failed(let error): throw error
            }
        }
    }

    /// The result as a value.
    public func ask<Result: Codable>(
        _ request: DaemonRequest, for type: Result.Type, progress: (JobProgress) -> Void = { _ in },
        note: (String) -> Void = { _ in }
    ) throws -> Result {
        try CanonicalJSON.decode(type, from: ask(request, progress: progress, note: note))
    }

    private func nextLine() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch lines.next() {
            case .line(let line): return line
            case .tooLong: throw Self.lost("it sent a line without end")
            case .wait: break
            }
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe recv(socket.raw, &buffer, buffer.count, 0)
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { throw Self.lost(got < 0 ? ErrorText.of(errno) : "it closed the connection") }
            lines.append(buffer[..<got])
        }
    }

    private static func lost(_ why: String) -> DaemonError {
        DaemonError(
            .lost, "the daemon went away before it answered: \(why)",
            remedy: "run the same command again; a job that was at work is resumed", exit: .tryAgain)
    }
}
