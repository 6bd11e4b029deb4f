// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Cuts a stream of bytes into lines of bounded length. Whoever sends more than a line's worth without a newline is
/// found out before it fills the memory.
struct LineStateMachine: Equatable, Sendable {
    enum Step: Equatable {
        /// A line, without its newline.
        case line([UInt8])
        /// No whole line is there yet.
        case wait
        /// A line has outgrown the limit. It stays so.
        case tooLong
    }

    /// Most bytes of a line, without its newline.
    let limit: Int
    private var pending: [UInt8] = []
    /// Bytes of `pending` that are known to hold no newline.
    private var searched = 0

    init(limit: Int) { self.limit = limit }

    /// Whether a line has begun and not ended.
    var isInLine: Bool { !pending.isEmpty }

    mutating func append(_ bytes: some Collection<UInt8>) { pending.append(contentsOf: bytes) }

    mutating func next() -> Step {
        guard let newline = pending[searched...].firstIndex(of: 0x0a) else {
            searched = pending.count
            return pending.count > limit ? .tooLong : .wait
        }
        guard newline <= limit else {
            searched = newline
            return .tooLong
        }
        let line = Array(pending[..<newline])
        pending.removeFirst(newline + 1)
        searched = 0
        return .line(line)
    }
}
