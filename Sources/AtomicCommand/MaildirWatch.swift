// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Daemon
internal import Jail
internal import Sealing

/// Answers the messages of a maildir, one after the other, each exactly once.
///
/// A message is a job over that one file. Its job is found again by what it is over, so a crash at any instant repeats
/// what had no outcome and nothing else; a message leaves `new/` when its answer is in its place.
struct MaildirWatch: ~Copyable {
    let room: String
    let scheduler = Scheduler()
    let maildir: Maildir
    let template: JobFile
    /// The job file's name, for errors.
    let name: String
    /// Absolute.
    let output: String
    let owner: String?
    /// Opens the answers for the requester; nil leaves them sealed.
    let identity: [String]
    /// How a message ended, for the list that the watch prints.
    let report: (WatchedMessage) throws -> Void

    /// Answers what is there and what comes, until it is told to stop; with `once` until nothing is left.
    borrowing func run(supervisor: Supervisor, launcher: Launcher, stop: SignalThread, once: Bool) throws {
        var machine = WatchStateMachine(once: once)
        while true {
            if stop.isWanted { machine.stop() }
            switch machine.next {
            case .end: return
            case .list: machine.listed(try maildir.list())
            case .wait:
                maildir.wait(orFor: stop.raw)
                machine.changed()
            case .handle(let message):
                do {
                    try handle(message, supervisor, launcher)
                    machine.handled(message)
                } catch let error as any ExplainedError where error.exit == .tryAgain && !once {
                    // The daemon is full, or is being started again. The message stays where it is.
                    Console.note("waiting     \(error.message)")
                    maildir.wait(orFor: stop.raw, atMost: 1_000)
                    machine.changed()
                }
            }
        }
    }

    private borrowing func handle(_ message: MaildirName, _ supervisor: Supervisor, _ launcher: Launcher) throws {
        var ending: WatchedMessage
        if let refusal = maildir.refusal(of: message) {
            if refusal == "gone" { return }
            ending = WatchedMessage(message: message.text, state: "refused", code: refusal, job: nil, file: "")
        } else {
            do {
                ending = try answer(message, supervisor, launcher)
            } catch let error as any ExplainedError {
                // Somebody may have taken or replaced it since it was looked at. Anything else is not the message's.
                guard let refusal = maildir.refusal(of: message) else { throw error }
                if refusal == "gone" { return }
                ending = WatchedMessage(message: message.text, state: "refused", code: refusal, job: nil, file: "")
            }
        }
        // Flagged: a person should look at it.
        ending.file = "cur/" + (try maildir.moveOn(message, flags: ending.state == "released" ? "" : "F")).text
        try report(ending)
    }

    private borrowing func answer(
        _ message: MaildirName, _ supervisor: Supervisor, _ launcher: Launcher
    ) throws -> WatchedMessage {
        let order = JobOrder(
            name: name, text: template.text(over: message.text, outputDirectory: output),
            directory: try AbsolutePath.of(maildir.new), workingDirectory: output, owner: owner, once: true)
        let result: JobResult
        switch supervisor {
        case .here(let room): result = try room.carryOut(order, launcher: launcher, scheduler: scheduler)
        case .daemon:
            // A connection for each: the daemon may have been started again since the last message.
            guard let client = try Supervisor.daemon(of: room) else { throw DaemonError.isAway(room) }
            result = try client.ask(.run(order), for: JobResult.self)
        }
        guard let ending = result.messages.first else { throw DaemonError.isAway(room) }
        if ["released", "needs-review"].contains(ending.state), !identity.isEmpty {
            try OpenedAnswer(directory: output, message: message.text).write(with: AgeIdentity(uris: identity))
        }
        return WatchedMessage(
            message: message.text, state: ending.state, code: ending.code,
            job: result.report?.job ?? result.earlier?.job, file: "")
    }
}

/// How a message ended.
struct WatchedMessage: Encodable {
    let message: String
    /// `released`, `needs-review`, `failed`, `denied`, or `refused`: it was no message that could be answered.
    let state: String
    let code: String?
    let job: String?
    /// Where it lies now, relative to the maildir.
    var file: String

    var line: String {
        let why = code.map { ": \($0)" } ?? ""
        return state.padding(to: 12) + " \(message)\(why)" + (job.map { "  \($0)" } ?? "")
    }
}

extension DaemonError {
    fileprivate static func isAway(_ room: String) -> DaemonError {
        DaemonError(
            .lost, "the daemon of \(room) does not answer", remedy: "start it: atomicd --room \(room)", exit: .tryAgain)
    }
}
