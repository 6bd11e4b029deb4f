// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom
internal import Glibc
internal import Jail

/// `atomicd`: a room's supervisor that stays.
public enum DaemonCommand {
    /// The program. Ends the process.
    public static func main() -> Never {
        signal(SIGPIPE, SIG_IGN)
        Crash.leaveNoMemoryBehind()
        switch DaemonOptions.parse(Array(CommandLine.arguments.dropFirst())) {
        case .help: say(DaemonOptions.usage, to: 1)
        case .version: say(Version.text, to: 1)
        case .wrong(let why):
            say("atomicd: \(why)\n\(DaemonOptions.usage)", to: 2)
            _exit(ExitStatus.usage.rawValue)
        case .options(let options):
            do {
                try run(options)
            } catch {
                let why = DaemonReply.Explanation(error)
                say("atomicd: \(why.message)\n  \(why.remedy)", to: 2)
                _exit(why.exit.rawValue)
            }
        }
        // Threads that are still at work end here, and the launcher and its jails with this process.
        _exit(ExitStatus.done.rawValue)
    }

    private static func run(_ options: DaemonOptions) throws {
        // First of all: it starts before there are threads and before there are secrets in this process. Signals are
        // blocked after it, so that it does not inherit that.
        let launcher = try Launcher.start()
        let signals = try StopSignals()
        let notice = ServiceNotice.fromEnvironment()
        let room = try Room(opening: options.room, version: Version.text)
        let place = SocketPlace(room: room.paths.root)
        let mailbox = try Mailbox()
        let desk = Desk(
            room: room, launcher: launcher, mailbox: mailbox, workers: options.workers, queue: options.queue)
        let server = Server(listening: try place.listen(), desk: desk, mailbox: mailbox)
        notice.send("READY=1")
        say("atomicd: ready at \(place.path)", to: 2)
        server.run(signals: signals, graceNs: UInt64(options.grace)) {
            notice.send("STOPPING=1")
            say("atomicd: stopping; work may take \(options.grace / 1_000_000) ms to end", to: 2)
        }
        // While the lock is held nobody else can have made another socket.
        place.remove()
        try room.close()
    }

    private static func say(_ text: String, to descriptor: Int32) {
        // A closed stderr must not end the work.
        try? Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: descriptor, named: "output")
    }
}
