// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc

/// How an error leaves the process: two lines on stderr, or one JSON object on stdout, and the contract's exit code.
struct ErrorReport {
    private let error: any Error
    private let json: Bool

    init(_ error: any Error, json: Bool) {
        self.error = error
        self.json = json
    }

    func endProcess(of root: any ParsableCommand.Type) -> Never {
        if let status = error as? EarlyExit { exit(status.code) }
        if let explained = error as? any ExplainedError {
            report(code: explained.codeName, message: explained.message, remedy: explained.remedy)
            exit(explained.exit.rawValue)
        }
        let full = root.fullMessage(for: error)
        // Help and version are "errors" of the parser that succeed.
        if root.exitCode(for: error) == .success {
            print(full)
            exit(ExitStatus.done.rawValue)
        }
        if json {
            report(code: "usage", message: root.message(for: error), remedy: "see --help")
        } else {
            Console.note(full)
        }
        exit(ExitStatus.usage.rawValue)
    }

    private func report(code: String, message: String, remedy: String) {
        guard json else {
            Console.note("error: \(message)\n  \(remedy)")
            return
        }
        let body = JSONValue.object(["code": .string(code), "message": .string(message), "remedy": .string(remedy)])
        print(String(decoding: JSONValue.object(["error": body]).canonical, as: UTF8.self))
    }
}

/// Ends the process with a code that is not an error report, for example that of a program in a jail.
struct EarlyExit: Error {
    let code: Int32
}
