// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What an answer may disclose of its input, and whether it does.
public struct DisclosureCheck: Equatable, Sendable {
    /// Why an answer may not leave: closed codes for the log, which never hold what was found.
    public enum Finding: String, CaseIterable, Sendable {
        /// It has a canary token of the input.
        case canary
        /// It has a table with a cell below the minimum.
        case smallCell = "small-cell"
        /// It shares too long a run of text with the input.
        case verbatim
    }

    /// Whether a canary token of the input may come up.
    public let deniesCanaries: Bool
    /// The least that a cell may count which is not 0.
    public let minCell: Int64?
    /// The longest run of letters and digits that answer and input may share.
    public let maxVerbatim: Int64?

    public init(deniesCanaries: Bool, minCell: Int64?, maxVerbatim: Int64?) {
        self.deniesCanaries = deniesCanaries
        self.minCell = minCell
        self.maxVerbatim = maxVerbatim
    }

    /// The first thing that is wrong with an answer, or nil.
    /// - Parameters:
    ///   - canaries: those of the input.
    ///   - sources: gives the texts of the input; asked only where they are needed.
    public func finding(
        in answer: JSONValue, canaries: Canaries, sources: () throws -> [[UInt8]]
    ) rethrows -> Finding? {
        if deniesCanaries, !canaries.found(in: answer).isEmpty { return .canary }
        if let minCell, !CellCounts.meet(minCell, in: answer) { return .smallCell }
        if let maxVerbatim {
            var texts = try sources()
            defer { for index in texts.indices { for byte in texts[index].indices { texts[index][byte] = 0 } } }
            if VerbatimRun.exceeds(Int(clamping: maxVerbatim), answer: answer, sources: texts) { return .verbatim }
        }
        return nil
    }
}
