// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The threshold rule of statistical disclosure control, for the tables in an answer: a cell that counts some, but fewer than the
/// minimum, tells of single people.
///
/// Cells are found by form alone. Counts are the integers
/// - behind a member whose name says so (`count`, `n`, `frequency`, …), at any depth below it;
/// - of an object whose members are all integers, and of a list that holds integers alone: a frequency table, a row of one.
///
/// `null` is a suppressed cell, 0 counts nobody. A number with a fraction where a count should be fits no minimum.
public enum CellCounts {
    /// Names that say that a number counts, in lower case.
    public static let names: Set<String> = [
        "cases", "cell", "cells", "count", "counts", "freq", "frequency", "frequencies", "n", "observations",
        "respondents",
    ]

    /// Whether each cell of each table is 0 or at least `minimum`.
    public static func meet(_ minimum: Int64, in value: JSONValue) -> Bool {
        cells(of: value).allSatisfy { cell in
            switch cell {
            case .count(let count): count == 0 || count >= minimum
            case .noCount: false
            }
        }
    }

    /// The smallest count that is not 0; nil when there is none.
    public static func smallest(in value: JSONValue) -> Int64? {
        cells(of: value).compactMap { if case .count(let count) = $0, count != 0 { count } else { nil } }.min()
    }

    private enum Cell {
        case count(Int64)
        /// Something else where a count should be.
        case noCount
    }

    private static func cells(of value: JSONValue) -> [Cell] {
        var found: [Cell] = []
        collect(value, isCount: false, into: &found)
        return found
    }

    private static func collect(_ value: JSONValue, isCount: Bool, into found: inout [Cell]) {
        switch value {
        case .null: break
        case .array(let items):
            let isTable = isCount || isTable(items)
            for item in items { collect(item, isCount: isTable, into: &found) }
        case .object(let members):
            let isTable = isCount || isTable(Array(members.values))
            for (name, member) in members {
                collect(member, isCount: isTable || names.contains(name.lowercased()), into: &found)
            }
        case .integer(let number): if isCount { found.append(.count(number)) }
        case .double(let number):
            guard isCount else { break }
            found.append(Int64(exactly: number).map { .count($0) } ?? .noCount)
        case .bool, .string: if isCount { found.append(.noCount) }
        }
    }

    /// Nothing but whole numbers and suppressed cells, and at least one number.
    private static func isTable(_ cells: [JSONValue]) -> Bool {
        var hasNumber = false
        for cell in cells {
            switch cell {
            case .null: continue
            case .integer: hasNumber = true
            case .double(let number) where Int64(exactly: number) != nil: hasNumber = true
            default: return false
            }
        }
        return hasNumber
    }
}
