// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What every page of its own has around it: no script, nothing loaded, and a policy that forbids both.
struct PageShell {
    let title: String
    /// The title as a heading, where a page has no other.
    var header: HTML?
    let body: [HTML]
    var footer: HTML = ""

    /// UTF-8 of the document.
    var bytes: [UInt8] { Array(html.text.utf8) }

    var html: HTML {
        let style = PageStyle.css
        let digest = "sha256-" + Base64.encode(Digest.sha256(Array(style.text.utf8)).bytes)
        let header = header ?? "<header><h1>\(title)</h1></header>\n"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(digest)'; base-uri 'none'; form-action 'none'">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>\(style)</style>
            </head>
            <body>
            \(header)<main>
            \(body)</main>
            \(footer)</body>
            </html>

            """
    }
}
