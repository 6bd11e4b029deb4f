// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// The arguments of `atomic-witness`.
struct WitnessOptions: Equatable {
    static let usage = """
        usage: atomic-witness --state DIR --key URI --log VKEY [--log VKEY...] [--listen HOST:PORT]

        Answers POST /add-checkpoint (c2sp.org/tlog-witness@v1.0.0): cosigns what only grew, and remembers it first.

          --state DIR         made by `atomic witness init`; what was signed last, per log
          --key URI           the witness's private key
          --log VKEY          a log's verifier key, as `atomic audit checkpoint --json` prints it; several of one name are
                              keys of one log
          --listen HOST:PORT  where (default 127.0.0.1:8477; port 0 takes any free one). It speaks plain HTTP: for other
                              machines put a server with TLS before it

        Exit status: 0 it was told to stop, 75 another process serves this witness, 4 its state is damaged, others as
        those of atomic.
        """

    var state = ""
    var key = ""
    var logs: [NoteVerifier] = []
    var host = "127.0.0.1"
    var port = 8477

    enum Parsed: Equatable {
        case options(WitnessOptions)
        case help
        case version
        case wrong(String)
    }

    static func parse(_ arguments: [String]) -> Parsed {
        var options = WitnessOptions()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "-h" || argument == "--help" { return .help }
            if argument == "--version" { return .version }
            guard ["--state", "--key", "--log", "--listen"].contains(argument) else {
                return .wrong("unknown argument \(argument)")
            }
            guard let value = rest.popFirst(), !value.isEmpty else { return .wrong("\(argument) wants a value") }
            switch argument {
            case "--state": options.state = value
            case "--key": options.key = value
            case "--log":
                do throws(LogError) {
                    options.logs.append(try NoteVerifier(vkey: value))
                } catch {
                    return .wrong("--log \(value): \(error.message)")
                }
            default:
                guard let (host, port) = place(value) else {
                    return .wrong("--listen wants HOST:PORT, such as 127.0.0.1:8477 or [::1]:8477")
                }
                (options.host, options.port) = (host, port)
            }
        }
        if options.state.isEmpty { return .wrong("no --state is given") }
        if options.key.isEmpty { return .wrong("no --key is given") }
        if options.logs.isEmpty { return .wrong("no --log is given: a witness without a log has nothing to sign") }
        return .options(options)
    }

    private static func place(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), case let digits = text[text.index(after: colon)...],
            let port = UInt16(digits), String(port) == digits
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), Int(port))
    }
}
