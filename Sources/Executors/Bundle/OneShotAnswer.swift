// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// How the answer of a `oneshot` program is read once it has ended.
public enum OneShotAnswer: Hashable, Sendable {
    /// From the exit code and a number in the output: for programs that were there before this project.
    case table(OneShotTable)
    /// Standard output is one strict JSON value, the answer itself; the exit code is 0.
    case json

    /// The answer of a program that ended by itself.
    ///
    /// - Parameters:
    ///   - code: the exit code.
    ///   - output: standard output, bounded by the jail.
    /// - Throws: ``ExecutorError`` `model-error`, `garbage` or `invalid-json`.
    func answer(exit code: Int32, output: [UInt8]) throws(ExecutorError) -> (value: JSONValue, confidence: Int64) {
        switch self {
        case .table(let table): return try table.answer(exit: code, output: output)
        case .json:
            guard code == 0 else { throw .running(.modelError) }
            let value = try Self.value(output)
            return (value, ExecutorLine.probability(value["confidence"]) ?? 1_000_000_000)
        }
    }

    /// Standard output as one value. Control characters in it are not JSON; the room's own depth limit counts.
    static func value(_ output: [UInt8]) throws(ExecutorError) -> JSONValue {
        guard String(validating: output, as: UTF8.self) != nil else { throw .running(.garbage) }
        do {
            return try JSONValue.parse(output)
        } catch {
            // Without the cause: it would quote what the program printed.
            throw .running(.invalidJSON)
        }
    }
}

/// `{"json": true}`, or the members of ``OneShotTable``: the table's own form did not change when JSON came.
extension OneShotAnswer: Codable {
    private enum Member: String, CodingKey {
        case json
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        self = try members.decodeIfPresent(Bool.self, forKey: .json) == true ? .json : .table(.init(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .table(let table): try table.encode(to: encoder)
        case .json:
            var members = encoder.container(keyedBy: Member.self)
            try members.encode(true, forKey: .json)
        }
    }
}
