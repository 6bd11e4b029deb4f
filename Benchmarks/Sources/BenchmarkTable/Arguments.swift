// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// `--json`, and `--NAME VALUE` as `scripts/bench` hands them to each benchmark.
public struct Arguments {
    public let json: Bool
    private var values: [String: String] = [:]

    public init(_ arguments: [String] = CommandLine.arguments) throws {
        var rest = arguments.dropFirst()
        var json = false
        while let name = rest.popFirst() {
            if name == "--json" {
                json = true
            } else if name.hasPrefix("--"), let value = rest.popFirst() {
                values[String(name.dropFirst(2))] = value
            } else {
                throw Trouble("unknown argument \(name); start the benchmark with scripts/bench")
            }
        }
        self.json = json
    }

    public func value(_ name: String) throws -> String {
        guard let value = values[name] else { throw Trouble("--\(name) is missing; start it with scripts/bench") }
        return value
    }

    /// A value that may be left out.
    public func option(_ name: String) -> String? { values[name] }

    /// How often each pair is measured.
    public func rounds(_ usual: Int) -> Int { values["rounds"].flatMap { Int($0) }.map { max(1, $0) } ?? usual }
}

/// Why a benchmark ends without a table.
public struct Trouble: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
