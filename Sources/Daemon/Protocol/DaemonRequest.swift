// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import CleanRoom

/// What a client asks of the daemon: one JSON object on one line, closed and versioned.
///
/// `{"v":1,"verb":"status"}`; the members beside `v` and `verb` are those of the verb, all of them required.
public enum DaemonRequest: Equatable, Sendable {
    public static let version: Int64 = 1
    /// Most bytes of a line of a client, without its newline.
    public static let maximumBytes = 1 << 20

    /// `order`: runs a job and streams its progress. An identical job that is at work is joined instead.
    case run(JobOrder)
    /// `job`: the progress, from now on, and the report of a job that is at work.
    case attach(job: String)
    /// `job`: ends a job after what is running in it now; the same request later resumes it.
    case stop(job: String)
    /// `events`: appends entries of other programs, all or none.
    case append([OutsideEvent])
    /// `bundle`: registers the model bundle in this directory.
    case modelAdd(bundle: String)
    /// `envelope`: puts a signed policy in force; jobs at work decide by it from then on.
    case policyAccept(envelope: [UInt8])
    /// `feedback`: labels for the answers of a job, all or none.
    case feedback(FeedbackOrder)
    /// `forget`: erases what the room remembers of messages.
    case forget(ForgetOrder)
    /// `airlock`: a reviewer's decision about an answer that waits.
    case airlock(AirlockOrder)
    /// Gives the log new keys.
    case keyRotate
    /// What the daemon is doing.
    case status
    /// Ends the daemon as SIGTERM does.
    case shutdown

    /// Reads a line.
    /// - Throws: `request`, with the place of what is wrong.
    public init(line: [UInt8]) throws(DaemonError) {
        let frame: Frame
        do {
            let tree = try JSONValue.parse(line, limits: JSONLimits(depth: 32, bytes: Self.maximumBytes))
            // Asked first, so that a client of another version is told so, and not that a field is unknown.
            guard tree["v"] == .integer(Self.version) else {
                throw Self.refused("it is not of version \(Self.version)")
            }
            frame = try CanonicalJSON.decodeStrict(Frame.self, from: tree)
        } catch let error as DaemonError {
            throw error
        } catch {
            throw Self.refused((error as? any ExplainedError)?.message ?? "it is not JSON")
        }
        self = try frame.request()
    }

    /// The line, with its newline.
    /// - Throws: `line-too-long`.
    public func line() throws(DaemonError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try CanonicalJSON.encode(Frame(self))
        } catch {
            throw Self.refused(error.message)
        }
        guard bytes.count <= Self.maximumBytes else {
            throw DaemonError(
                .lineTooLong, "the request has \(bytes.count) bytes, the daemon takes \(Self.maximumBytes)",
                remedy: "ask for less at once, or stop the daemon and run the command again", exit: .usage)
        }
        return bytes + [0x0a]
    }

    static func refused(_ why: String) -> DaemonError {
        DaemonError(
            .request, "a line is not a request: \(why)", remedy: "use a client of the daemon's version", exit: .usage)
    }
}

/// The request as JSON: members that a verb does not have are absent.
private struct Frame: Codable {
    var v = DaemonRequest.version
    var verb: String
    var order: JobOrder?
    var job: String?
    var events: [OutsideEvent]?
    var bundle: String?
    var envelope: String?
    var feedback: FeedbackOrder?
    var forget: ForgetOrder?
    var airlock: AirlockOrder?

    init(_ request: DaemonRequest) {
        switch request {
        case .run(let order): (verb, self.order) = ("run", order)
        case .attach(let job): (verb, self.job) = ("attach", job)
        case .stop(let job): (verb, self.job) = ("stop", job)
        case .append(let events): (verb, self.events) = ("append", events)
        case .modelAdd(let bundle): (verb, self.bundle) = ("model-add", bundle)
        case .policyAccept(let envelope): (verb, self.envelope) = ("policy-accept", Base64.encode(envelope))
        case .feedback(let order): (verb, feedback) = ("feedback", order)
        case .forget(let order): (verb, forget) = ("forget", order)
        case .airlock(let order): (verb, airlock) = ("airlock", order)
        case .keyRotate: verb = "key-rotate"
        case .status: verb = "status"
        case .shutdown: verb = "shutdown"
        }
    }

    /// Members that are there, in the order of their names.
    private var members: [String] {
        [
            airlock == nil ? nil : "airlock", bundle == nil ? nil : "bundle", envelope == nil ? nil : "envelope",
            events == nil ? nil : "events",
            feedback == nil ? nil : "feedback", forget == nil ? nil : "forget", job == nil ? nil : "job",
            order == nil ? nil : "order",
        ].compactMap { $0 }
    }

    func request() throws(DaemonError) -> DaemonRequest {
        let request: DaemonRequest? =
            switch verb {
            case "run": order.map { .run($0) }
            case "attach": job.map { .attach(job: $0) }
            case "stop": job.map { .stop(job: $0) }
            case "append": events.map { .append($0) }
            case "model-add": bundle.map { .modelAdd(bundle: $0) }
            case "policy-accept": try envelope.map(Self.policyAccept)
            case "feedback": feedback.map { .feedback($0) }
            case "forget": forget.map { .forget($0) }
            case "airlock": airlock.map { .airlock($0) }
            case "key-rotate": .keyRotate
            case "status": .status
            case "shutdown": .shutdown
            default: throw DaemonRequest.refused("there is no such verb")
            }
        guard let request, members.count == (["key-rotate", "status", "shutdown"].contains(verb) ? 0 : 1) else {
            throw DaemonRequest.refused("\(verb) does not have exactly its members")
        }
        return request
    }

    private static func policyAccept(_ text: String) throws(DaemonError) -> DaemonRequest {
        guard let bytes = Base64.decode(text) else { throw DaemonRequest.refused("the envelope is not base64") }
        return .policyAccept(envelope: bytes)
    }
}
