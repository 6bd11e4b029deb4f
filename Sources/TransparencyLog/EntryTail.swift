// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The newest entries of a log, in the runs in which they were committed.
struct EntryTail: Sendable {
    /// Index after the last one.
    private(set) var end: UInt64
    private var runs: [(first: UInt64, run: EntryRun)] = []

    /// No entries yet; the first will be `start`.
    init(start: UInt64) { end = start }

    /// Bytes that are kept, lengths included.
    var byteCount: Int { runs.reduce(0) { $0 + $1.run.bytes.count } }

    /// The entries as they were committed.
    var batches: [EntryRun] { runs.map(\.run) }

    /// Adds what was committed.
    mutating func append(_ run: EntryRun) {
        guard !run.isEmpty else { return }
        runs.append((end, run))
        end += UInt64(run.count)
    }

    /// Forgets runs of which no entry is at `index` or after it.
    mutating func remove(before index: UInt64) {
        let kept = runs.firstIndex { $0.first + UInt64($0.run.count) > index } ?? runs.count
        runs.removeFirst(kept)
    }

    /// Copies of the entries in the range, which must lie within the tail.
    func entries(_ range: Range<UInt64>) -> [[UInt8]] {
        var found: [[UInt8]] = []
        found.reserveCapacity(range.count)
        visit(range) { run, part in
            for position in part { found.append(run[position]) }
        }
        return found
    }

    /// The bytes of an entry bundle with the entries in the range, which must lie within the tail.
    func bundle(_ range: Range<UInt64>) -> [UInt8] {
        var bytes: [UInt8] = []
        visit(range) { run, part in bytes += run.slice(part) }
        return bytes
    }

    /// The last entry.
    var last: [UInt8]? { runs.last.map { $0.run[$0.run.count - 1] } }

    private func visit(_ range: Range<UInt64>, _ body: (EntryRun, Range<Int>) -> Void) {
        guard !range.isEmpty else { return }
        var position = position(of: range.lowerBound)
        var next = range.lowerBound
        while next < range.upperBound {
            let (first, run) = runs[position]
            let part = Int(next - first)..<min(run.count, Int(range.upperBound - first))
            body(run, part)
            next = first + UInt64(part.upperBound)
            position += 1
        }
    }

    /// The run that holds an entry.
    private func position(of index: UInt64) -> Int {
        var low = 0
        var high = runs.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if runs[middle].first <= index { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
