// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import TransparencyLog
internal import Witness

/// `atomic-witness`: serves a witness until it is told to stop.
public enum WitnessProgram {
    /// The program. Ends the process.
    public static func main() async {
        signal(SIGPIPE, SIG_IGN)
        Crash.leaveNoMemoryBehind()
        switch WitnessOptions.parse(Array(CommandLine.arguments.dropFirst())) {
        case .help: say(WitnessOptions.usage, to: 1)
        case .version: say(Version.text, to: 1)
        case .wrong(let why):
            say("atomic-witness: \(why)\n\(WitnessOptions.usage)", to: 2)
            exit(ExitStatus.usage.rawValue)
        case .options(let options):
            do {
                let witness = try Witness(opening: options.state, key: options.key, logs: options.logs)
                try await WitnessServer(witness, host: options.host, port: options.port).run { place in
                    say("atomic-witness: \(witness.verifier.name) is ready at http://\(place)", to: 2)
                }
            } catch let error as any ExplainedError {
                say("atomic-witness: \(error.message)\n  \(error.remedy)", to: 2)
                exit(error.exit.rawValue)
            } catch {
                say("atomic-witness: \(error)", to: 2)
                exit(ExitStatus.failed.rawValue)
            }
        }
    }

    private static func say(_ text: String, to descriptor: Int32) {
        // A closed stderr must not end the work.
        try? Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: descriptor, named: "output")
    }
}
