// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Finds the name that a misspelling meant.
enum NearestName {
    /// The names for an error: all of them, and first the nearest if one is near.
    static func list(_ names: [String], for text: String) -> String {
        guard !names.isEmpty else { return "nothing here" }
        let all = names.prefix(24).joined(separator: ", ") + (names.count > 24 ? ", … (\(names.count) in all)" : "")
        guard let nearest = nearest(to: text, among: names) else { return all }
        return "\(all) (did you mean \(nearest)?)"
    }

    static func nearest(to text: String, among names: [String]) -> String? {
        names.filter { isNear(text, $0) }.min { distance(text, $0) < distance(text, $1) }
    }

    /// Near: at most two edits, and fewer edits than half of the name.
    static func isNear(_ text: String, _ name: String) -> Bool {
        // Names are short; a long text is never a misspelling of one.
        guard text.utf8.count <= 64, name.utf8.count <= 64 else { return false }
        return distance(text.lowercased(), name.lowercased()) <= min(2, max(1, name.utf8.count / 3))
    }

    /// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
