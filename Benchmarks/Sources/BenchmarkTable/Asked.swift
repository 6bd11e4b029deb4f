// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Floors

/// A program that stays and answers one line with one line: a peer that takes too long to start for a start each turn.
public final class Asked {
    private let argv: [String]
    private let descriptor: Int32
    private let process: Int32
    private static let most = 4096

    /// - Parameter argv: the first is a path.
    public init(_ argv: [String]) throws {
        let words: [CChar] = argv.flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] }
        var (descriptor, process): (Int32, Int32) = (-1, 0)
        // SAFETY: `words` holds one NUL-ended string per element of `argv`; the results are written before it returns.
        let failure = unsafe floor_ask_start(words, argv.count, &descriptor, &process)
        guard failure == 0 else { throw Trouble("\(argv.joined(separator: " ")): errno \(failure)") }
        (self.argv, self.descriptor, self.process) = (argv, descriptor, process)
    }

    /// - Returns: the answer without the end of its line.
    public func ask(_ question: String) throws -> [UInt8] {
        var answer = [CChar](repeating: 0, count: Self.most)
        // SAFETY: a NUL-terminated copy of the question for the call; the answer and its NUL fit in the array.
        let failure = unsafe floor_ask(descriptor, question + "\n", &answer, answer.count)
        guard failure == 0 else {
            throw Trouble("\(argv.joined(separator: " ")) did not answer \(question): errno \(failure)")
        }
        return answer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    /// The end of its input ends the program.
    deinit { _ = floor_echo_end(descriptor, process) }
}
