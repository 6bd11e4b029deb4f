// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A plot: an SVG that says in words what it shows, with the figures behind it as a table.
struct Figure {
    /// Width of every plot in its own units; the page scales it.
    static let width = 760.0

    let id: String
    let title: String
    /// What the plot shows, for who cannot see it.
    let description: String
    /// What to read from it, below it.
    let caption: String
    let height: Double
    let shapes: [HTML]
    let table: PageTable?

    var html: HTML {
        let numbers: HTML =
            table.map { "<details><summary>The figures behind it</summary>\n\($0.html)</details>\n" }
            ?? ""
        return """
            <figure>
            <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="\(id)-t \(id)-d">
            <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(description)</desc>
            \(shapes)
            </svg>
            <figcaption>\(caption)</figcaption>
            \(numbers)</figure>

            """
    }
}

/// Shapes of a plot. Colours and type come from the page's style, so that light, dark and print are decided in one place.
enum Shape {
    static func rect(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, _ tip: String = ""
    )
        -> HTML
    {
        let tooltip: HTML = tip.isEmpty ? "" : "<title>\(tip)</title>"
        return """
            <rect x="\(x)" y="\(y)" width="\(max(0, width))" height="\(height)" class="\(style)">\(tooltip)</rect>
            """ + "\n"
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> HTML {
        "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" class=\"\(style)\"/>\n"
    }

    static func dot(_ x: Double, _ y: Double, _ radius: Double, _ style: String, _ tip: String = "")
        -> HTML
    {
        let tooltip: HTML = tip.isEmpty ? "" : "<title>\(tip)</title>"
        return
            "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\" class=\"\(style)\">\(tooltip)</circle>\n"
    }

    /// - Parameter style: classes; `e` ends at `x`, `m` is centred on it.
    static func text(_ x: Double, _ y: Double, _ words: String, _ style: String = "") -> HTML {
        "<text x=\"\(x)\" y=\"\(y)\" class=\"\(style)\">\(words)</text>\n"
    }

    static func area(_ points: [(x: Double, y: Double)], _ style: String) -> HTML {
        let corners: [HTML] = points.map { "\($0.x),\($0.y) " }
        return "<polygon points=\"\(corners)\" class=\"\(style)\"/>\n"
    }
}
