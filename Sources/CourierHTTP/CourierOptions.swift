// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Courier

/// The arguments of `atomic-courier`.
struct CourierOptions: Equatable {
    static let usage = """
        usage: atomic-courier [--trust PEM]... URL...

        Makes HTTP calls for a supervisor that has no network code: reads errands from standard input, one JSON object
        per line, and writes what came of them to standard output. It calls only the URLs that it is started with, follows
        no redirection, uses no proxy, and ends with its input.

          --trust PEM   certificates to trust beside the system's
          URL           https://…, or http://… on this machine
        """

    var urls: Set<String> = []
    var roots: [String] = []

    enum Parsed: Equatable {
        case options(CourierOptions)
        case help
        case version
        case wrong(String)
    }

    static func parse(_ arguments: [String]) -> Parsed {
        var options = CourierOptions()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-h", "--help": return .help
            case "--version": return .version
            case "--trust":
                guard let path = rest.popFirst() else { return .wrong("--trust wants a file") }
                options.roots.append(path)
            default:
                guard let url = CourierURL(argument) else {
                    return .wrong("\(argument) is no URL that a courier calls")
                }
                options.urls.insert(url.description)
            }
        }
        return options.urls.isEmpty ? .wrong("no URL is given") : .options(options)
    }
}
