// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import CleanRoom

/// What the daemon answers: lines of progress, then one last line.
public enum DaemonReply: Sendable {
    /// Most bytes of a line of the daemon, without its newline: a report of a large job is one line.
    public static let maximumBytes = 256 << 20

    case progress(JobProgress)
    /// Something that a person who waits wants to know.
    case note(String)
    /// The last line: the verb's result.
    case result(JSONValue)
    /// The last line: why there is no result.
    case failed(Explanation)

    /// An error that came over the socket, as the client's own.
    public struct Explanation: ExplainedError, Codable, Equatable {
        public let codeName: String
        public let message: String
        public let remedy: String
        public let exit: ExitStatus

        init(_ error: any Error) {
            let known = error as? any ExplainedError
            codeName = known?.codeName ?? "unexplained"
            message = known?.message ?? "\(error)"
            remedy = known?.remedy ?? "report this as a defect"
            exit = known?.exit ?? .failed
        }

        private enum CodingKeys: String, CodingKey {
            case codeName = "code"
            case message, remedy, exit
        }
    }

    /// Whether nothing follows.
    var isLast: Bool {
        switch self {
        case .progress, .note: false
        case .result, .failed: true
        }
    }

    /// The line, with its newline.
    func line() -> [UInt8] {
        do {
            return try CanonicalJSON.encode(Frame(self)) + [0x0a]
        } catch {
            return (try? CanonicalJSON.encode(Frame(.failed(Explanation(error)))) + [0x0a]) ?? [0x0a]
        }
    }

    /// Reads a line of the daemon.
    init(line: [UInt8]) throws {
        let tree = try JSONValue.parse(line, limits: JSONLimits(depth: 64, bytes: Self.maximumBytes))
        let frame = try CanonicalJSON.decode(Frame.self, from: tree)
        switch (frame.progress, frame.note, frame.result, frame.error) {
        case (let progress?, nil, nil, nil): self = .progress(progress)
        case (nil, let note?, nil, nil): self = .note(note)
        case (nil, nil, let result?, nil): self = .result(result)
        case (nil, nil, nil, let error?): self = .failed(error)
        default: throw DaemonRequest.refused("it has no meaning to this client")
        }
    }

    private struct Frame: Codable {
        var v = DaemonRequest.version
        var progress: JobProgress?
        var note: String?
        var result: JSONValue?
        var error: Explanation?

        init(_ reply: DaemonReply) {
            switch reply {
            case .progress(let progress): self.progress = progress
            case .note(let note): self.note = note
            case .result(let result): self.result = result
            case .failed(let error): self.error = error
            }
        }
    }
}
