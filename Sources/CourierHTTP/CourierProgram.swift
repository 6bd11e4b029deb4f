// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Courier
internal import Glibc

/// `atomic-courier`: carries errands from standard input until it ends.
public enum CourierProgram {
    /// The program. Ends the process.
    public static func main() async {
        signal(SIGPIPE, SIG_IGN)
        Crash.leaveNoMemoryBehind()
        switch CourierOptions.parse(Array(CommandLine.arguments.dropFirst())) {
        case .help: say(CourierOptions.usage, to: 1)
        case .version: say(Version.text, to: 1)
        case .wrong(let why):
            say("atomic-courier: \(why)\n\(CourierOptions.usage)", to: 2)
            exit(ExitStatus.usage.rawValue)
        case .options(let options):
            do {
                try await serve(options)
            } catch let error as any ExplainedError {
                say("atomic-courier: \(error.message)\n  \(error.remedy)", to: 2)
                exit(error.exit.rawValue)
            } catch {
                say("atomic-courier: \(error)", to: 2)
                exit(ExitStatus.failed.rawValue)
            }
        }
        exit(ExitStatus.done.rawValue)
    }

    private static func serve(_ options: CourierOptions) async throws {
        let calls = HTTPCalls(options)
        do {
            var lines = ErrandLines()
            while let line = try lines.next() {
                let errand = try CanonicalJSON.decodeRelaxed(CourierErrand.self, from: line)
                let answers = await calls.carry(errand)
                try Files.write(
                    CanonicalJSON.encode(CourierReturn(answers: answers)) + [0x0a], to: 1, named: "standard output")
            }
        } catch {
            await calls.close()
            throw error
        }
        await calls.close()
    }

    private static func say(_ text: String, to descriptor: Int32) {
        try? Files.write(Array((TerminalText.lines(text) + "\n").utf8), to: descriptor, named: "output")
    }
}

/// Lines of standard input. Nothing else is to be done while one is waited for, so reading may block.
private struct ErrandLines {
    private var buffer: [UInt8] = []

    /// The next line without its newline; nil at the end.
    mutating func next() throws(BaseError) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let newline = buffer.firstIndex(of: 0x0a) {
                defer { buffer.removeFirst(newline + 1) }
                return Array(buffer[..<newline])
            }
            guard buffer.count <= CourierErrand.maximumLine else {
                throw BaseError(
                    .tooLarge, "an errand is too long", remedy: "send at most \(CourierErrand.maximumLine) bytes")
            }
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe chunk.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system("read", "standard input") }
            guard got > 0 else { return nil }
            buffer += chunk[..<got]
        }
    }
}
