// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A table of the page: a caption for who listens, headers with a scope, figures to the right.
struct PageTable {
    private let caption: String
    private let columns: [(title: String, isFigure: Bool)]
    private var rows: [[HTML]] = []

    init(_ caption: String, _ columns: [(title: String, isFigure: Bool)]) {
        self.caption = caption
        self.columns = columns
    }

    mutating func add(_ cells: [HTML]) { rows.append(cells) }

    mutating func add(_ cells: [String]) { rows.append(cells.map { "\($0)" }) }

    var isEmpty: Bool { rows.isEmpty }

    var html: HTML {
        let head: [HTML] = columns.map { column in
            column.isFigure
                ? "<th scope=\"col\" class=\"n\">\(column.title)</th>"
                : "<th scope=\"col\">\(column.title)</th>"
        }
        let body: [HTML] = rows.map { row in
            let cells: [HTML] = row.enumerated().map { index, cell in
                if index == 0 { return "<th scope=\"row\">\(cell)</th>" }
                return columns[index].isFigure ? "<td class=\"n\">\(cell)</td>" : "<td>\(cell)</td>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        return """
            <div class="scroll"><table><caption>\(caption)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)</tbody></table></div>

            """
    }
}
