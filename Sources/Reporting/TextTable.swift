// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Columns of text, each as wide as its widest cell.
public struct TextTable {
    public enum Side: Sendable { case left, right }

    private let columns: [(title: String, side: Side)]
    private var rows: [[String]] = []

    public init(_ columns: [(title: String, side: Side)]) { self.columns = columns }

    public mutating func add(_ cells: [String]) { rows.append(cells) }

    var isEmpty: Bool { rows.isEmpty }

    /// The header, a rule and the rows, without spaces at the ends of lines.
    public var lines: [String] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        var lines = all.map { row in
            var line = ""
            for column in columns.indices {
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                line += column == 0 ? "" : "  "
                line += columns[column].side == .right ? padding + row[column] : row[column] + padding
            }
            while line.last == " " { line.removeLast() }
            return line
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
        return lines
    }
}
