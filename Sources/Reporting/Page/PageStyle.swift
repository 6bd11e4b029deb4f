// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How the page looks, on a screen by day and by night and on paper. One block, so that the page's own policy can name it by
/// its digest and forbid everything else.
enum PageStyle {
    static let css: HTML = """
        :root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --line: #d5dbe3; --paper: #ffffff; --panel: #f5f7fa;
          --strong: #1f5fa8; --soft: #b9cfe8; --tail: #b3541e; --good: #1e6b3a; --warn: #8a5a00; --bad: #a3242b; }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --line: #36404d; --paper: #12171e;
          --panel: #1a212b; --strong: #6aa9f0; --soft: #33506f; --tail: #f0a066; --good: #74c990; --warn: #e3b341; --bad: #f28b90; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 66rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
        p { margin: .5rem 0; max-width: 48rem; }
        .quiet, figcaption, caption { color: var(--quiet); }
        .banner { margin: 1.25rem 0; padding: .75rem 1rem; border-left: 4px solid var(--good); background: var(--panel); }
        .banner.warn { border-color: var(--warn); } .banner.bad { border-color: var(--bad); }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1.5rem; margin: 1rem 0; }
        .facts div { border-top: 1px solid var(--line); padding-top: .35rem; min-width: 0; }
        .facts dt { font-size: .8rem; color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .facts .wide { grid-column: 1 / -1; }
        code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .87rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; padding-bottom: .35rem; font-size: .85rem; }
        th, td { text-align: left; padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
          font-weight: normal; }
        thead th { color: var(--quiet); font-size: .8rem; border-bottom-color: var(--quiet); vertical-align: bottom; }
        tbody th { overflow-wrap: anywhere; min-width: 6rem; }
        .n { text-align: right; white-space: nowrap; padding-right: .9rem; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        figure { margin: 1rem 0 1.5rem; } figcaption { font-size: .85rem; max-width: 46rem; }
        svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--ink); font-size: 12px; font-family: system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
        svg .s { fill: var(--quiet); font-size: 11px; } svg .b { font-weight: 600; font-size: 13px; }
        svg .e { text-anchor: end; } svg .m { text-anchor: middle; }
        svg .strong { fill: var(--strong); } svg .soft { fill: var(--soft); } svg .half { fill-opacity: .75; }
        svg line { stroke: var(--ink); stroke-width: 1; } svg .grid { stroke: var(--line); }
        svg .mark { stroke-width: 2; } svg .tail { stroke: var(--tail); stroke-width: 2.5; }
        svg .whisker { stroke: var(--strong); stroke-width: 1.5; } svg .lead { stroke: var(--line); }
        svg .ideal { stroke: var(--quiet); stroke-dasharray: 4 3; }
        summary { cursor: pointer; font-size: .85rem; color: var(--quiet); padding: .25rem 0; }
        footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .85rem; color: var(--quiet); }
        @page { margin: 16mm; }
        @media print { body { max-width: none; padding: 0; font-size: 10pt; } svg, tr, .banner, .facts { break-inside: avoid; } table { font-size: 8pt; }
          h2, caption { break-after: avoid; } thead { display: table-header-group; } .scroll { overflow: visible; }
          details::details-content { content-visibility: visible; block-size: auto; } summary { display: none; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """
}
