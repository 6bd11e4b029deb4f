// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Glibc

/// Tokens per second of the small language model, in `atomic jail` and outside, in turn.
struct TokenRate {
    let bin: String
    /// The directory of the model's bundle, and of its environment beside it, as `scripts/make-demo-models` makes them.
    let model: String
    let script: String
    private static let tokens = "96"
    private static let rounds = 15

    func measure(_ report: inout Report) throws {
        let environment = try real("\(model)/../../venv/smollm2")
        let python = try real("/usr/bin/python3")
        let program = try real("\(model)/program")
        let weights = try real("\(model)/weights/smollm2.gguf")
        let packages = try site(environment)
        let run = [python, "-E", "-s", "-B", script, program, weights, Self.tokens]
        let outside = Speaking(["/usr/bin/env", "PYTHONPATH=\(packages)", python, "-s", "-B"] + run.dropFirst(4))
        let inside = Speaking(
            [
                "\(bin)/atomic", "jail", "--profile", "executor", "--memory", "2G", "--env", "PYTHONPATH=\(packages)",
                "--ro-bind", environment, "--ro-bind", program, "--ro-bind", weights, "--ro-bind", script, "--", python,
                "-s", "-B",
            ] + run.dropFirst(4))
        var ours: [Double] = []
        var theirs: [Double] = []
        for round in 0...Self.rounds {
            let (a, b) = (try inside.number(), try outside.number())
            if round > 0 {
                ours.append(a)
                theirs.append(b)
            }
        }
        report.add(
            Row(
                "SmolLM2-135M, tokens per second, one thread", ours: Samples(ours, better: .high),
                peer: "the same program outside", version: "", theirs: Samples(theirs, better: .high),
                target: .ratioAtLeast(0.98)))
    }

    private func real(_ path: String) throws -> String {
        // SAFETY: realpath returns nil or a string from malloc, which is copied and freed once.
        guard let found = unsafe realpath(path, nil) else {
            throw Trouble("\(path) is missing; run scripts/make-demo-models")
        }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    private func site(_ environment: String) throws -> String {
        let libraries = try Files.list("\(environment)/lib").filter { $0.hasPrefix("python3") }
        guard let version = libraries.first else { throw Trouble("\(environment) has no Python packages") }
        return "\(environment)/lib/\(version)/site-packages"
    }
}

/// A program that prints one number.
struct Speaking {
    let argv: [String]
    init(_ argv: [String]) { self.argv = argv }

    func number() throws -> Double {
        let file = "/tmp/atomic-bench-\(getpid())"
        defer { try? Files.remove(file) }
        let run = try Watched(argv, output: file, child: "none")
        let text = String(decoding: try Files.read(file, limit: 1 << 16), as: UTF8.self)
        let last = text.split(separator: "\n").last.map(String.init) ?? ""
        guard run.exit == 0, let number = Double(last) else {
            throw Trouble("\(argv.joined(separator: " ")) ended with \(run.exit): \(text)")
        }
        return number
    }
}
