// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import AuditBundle

/// `atomic-verify BUNDLE --trust FILE [--json]`, written without an argument parser: the fewer things a verifier links,
/// the fewer there are to trust.
public enum VerifyCommand {
    static let usage = """
        usage: atomic-verify BUNDLE --trust FILE [--json]

        Prints each claim of an audit bundle, who vouches for it, and whether it holds.
        Exit status: 0 every claim holds, 4 something is wrong (the output says what), 2 usage.
        """

    /// The program.
    /// - Parameter arguments: without the program's own name.
    /// - Returns: the exit status.
    public static func run(_ arguments: [String]) -> Int32 {
        let output = outcome(of: arguments)
        if !output.standard.isEmpty { write(output.standard, to: 1) }
        if !output.diagnostic.isEmpty { write(output.diagnostic, to: 2) }
        return output.status.rawValue
    }

    /// What the program prints and how it ends; reads the two files and nothing else.
    public static func outcome(of arguments: [String]) -> Outcome {
        let options: Options
        switch Options.parse(arguments) {
        case .help: return Outcome(standard: usage + "\n", diagnostic: "", status: .done)
        case .wrong(let why):
            return Outcome(standard: "", diagnostic: "atomic-verify: \(why)\n\(usage)\n", status: .usage)
        case .options(let found): options = found
        }
        do throws(BaseError) {
            let bundle = try Files.read(options.bundle, limit: CanonicalArchive.maximumBytes)
            let trust = try Files.read(options.trust, limit: 1 << 20)
            let report = BundleVerifier.verify(bundle: bundle, trust: trust)
            let text = options.json ? try ReportText.json(report) : ReportText.lines(report, name: options.bundle)
            return Outcome(standard: text, diagnostic: "", status: report.verified ? .done : .unverified)
        } catch {
            // A file that cannot be read verifies nothing: the same exit status as a bad one.
            let text = options.json ? ReportText.json(error) : ""
            return Outcome(standard: text, diagnostic: "atomic-verify: \(error)\n", status: .unverified)
        }
    }

    /// Everything that a run of the program shows.
    public struct Outcome: Equatable, Sendable {
        public let standard: String
        public let diagnostic: String
        public let status: ExitStatus
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // Nothing can be said about a closed standard output; the exit status still tells the verdict.
        try? Files.write(Array(text.utf8), to: descriptor, named: "standard output")
    }
}

/// The program's arguments.
struct Options {
    var bundle: String
    var trust: String
    var json: Bool

    enum Parsed {
        case options(Options)
        case help
        case wrong(String)
    }

    static func parse(_ arguments: [String]) -> Parsed {
        var bundle: String?
        var trust: String?
        var json = false
        var rest = arguments[...]
        var onlyNames = false
        while let argument = rest.popFirst() {
            if onlyNames || !argument.hasPrefix("-") || argument == "-" {
                guard bundle == nil else { return .wrong("more than one bundle is named") }
                bundle = argument
                continue
            }
            switch argument {
            case "--": onlyNames = true
            case "-h", "--help": return .help
            case "--json": json = true
            case "--trust":
                guard let value = rest.popFirst() else { return .wrong("--trust needs a file") }
                guard trust == nil else { return .wrong("--trust is given twice") }
                trust = value
            default:
                guard argument.hasPrefix("--trust=") else { return .wrong("unknown option \(argument)") }
                guard trust == nil else { return .wrong("--trust is given twice") }
                trust = String(argument.dropFirst("--trust=".count))
            }
        }
        guard let bundle, !bundle.isEmpty else { return .wrong("no bundle is named") }
        guard let trust, !trust.isEmpty else { return .wrong("--trust FILE is missing") }
        return .options(Options(bundle: bundle, trust: trust, json: json))
    }
}
