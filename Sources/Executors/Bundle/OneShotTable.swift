// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// From the exit code and standard output of a program to a JSON answer.
public struct OneShotTable: Codable, Hashable, Sendable {
    /// Where the confidence stands in the output.
    public struct Confidence: Codable, Hashable, Sendable {
        /// A ``BoundedPattern`` with one group, tried on each line; the group is a decimal number.
        public let regex: String
        /// The number that means certainty.
        public let scale: Int64
        /// Exit codes for which the number is the probability of the opposite verdict.
        public let complement: [Int64]
    }

    /// Exit code (decimal) to the members of the answer. Any other exit is a failure of the model.
    public let exit: [String: JSONValue]
    public let confidence: Confidence?

    public static func == (left: Self, right: Self) -> Bool {
        left.exit == right.exit && left.confidence == right.confidence
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(exit.keys.sorted())
        hasher.combine(confidence)
    }

    /// The answer, with the member `confidence` added when the table has one.
    ///
    /// - Parameters:
    ///   - code: the exit code.
    ///   - output: standard output, bounded by the jail.
    /// - Throws: ``ExecutorError`` `model-error` for an exit code that is not listed, `garbage` for output that is not
    ///   text, `invalid-json` for output without the number that was promised.
    func answer(exit code: Int32, output: [UInt8]) throws(ExecutorError) -> (value: JSONValue, confidence: Int64) {
        guard case .object(var members) = exit[String(code)] else {
            throw ExecutorError(
                .modelError, "the program ended with exit code \(code), which model.yaml does not list",
                remedy: "see what the program means by it; the runner-up takes over")
        }
        guard let table = confidence else { return (.object(members), 1_000_000_000) }
        guard isText(output) else {
            throw ExecutorError(
                .garbage, "the program's output is not text", remedy: "the runner-up takes over")
        }
        var probability = try number(in: output, by: table)
        if table.complement.contains(Int64(code)) { probability = 1_000_000_000 - probability }
        members["confidence"] = .double(Double(probability) / 1e9)
        return (.object(members), probability)
    }

    private func number(in output: [UInt8], by table: Confidence) throws(ExecutorError) -> Int64 {
        let pattern = try BoundedPattern(table.regex)
        for line in output.split(separator: 0x0a).prefix(64) where line.count <= 4096 {
            guard let group = pattern.firstGroup(in: line), let value = ScaledDecimal.parse(group, scale: table.scale)
            else { continue }
            return value
        }
        throw ExecutorError(
            .invalidJSON, "the program's output has no confidence in the form that model.yaml promises",
            remedy: "correct answer.confidence.regex; the runner-up takes over")
    }
}

/// Whether bytes are UTF-8 without control characters other than tab, newline and carriage return.
func isText(_ bytes: some Collection<UInt8>) -> Bool {
    let allowed: Set<UInt8> = [0x09, 0x0a, 0x0d]
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || allowed.contains($0) }) else { return false }
    return String(validating: bytes, as: UTF8.self) != nil
}

/// Printed decimals, exponents included, as integers in 1e-9 of a scale.
enum ScaledDecimal {
    /// Nil when the text is no number, or is not between 0 and `scale`.
    static func parse(_ text: some Collection<UInt8>, scale: Int64) -> Int64? {
        // Double is exact enough for 1e-9 and the text is at most forty digits; the range check refuses nan and inf.
        guard scale > 0, (1...40).contains(text.count), let first = text.first,
            (0x30...0x39).contains(first),
            let value = Double(String(decoding: text, as: UTF8.self)), value >= 0, value <= Double(scale)
        else { return nil }
        return Int64((value / Double(scale) * 1e9).rounded())
    }
}
