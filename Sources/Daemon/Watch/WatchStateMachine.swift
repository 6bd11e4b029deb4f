// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What a watch over a maildir does next. No I/O: names in, one action at a time out.
///
/// The directory is what counts: a notice only says that it must be read again, so a notice that was lost, or an
/// overflow of them, costs nothing. A message that was handled has left the directory.
public struct WatchStateMachine: Equatable, Sendable {
    public enum Action: Equatable, Sendable {
        /// Read the directory; then call ``listed(_:)``.
        case list
        /// Answer or refuse this message and move it on; then call ``handled(_:)``.
        case handle(MaildirName)
        /// Wait for a notice; then call ``changed()``.
        case wait
        case end
    }

    /// Whether an empty directory ends the watch.
    private let once: Bool
    private var waiting: [MaildirName] = []
    private var isStale = true
    private var isStopping = false

    public init(once: Bool) { self.once = once }

    public var next: Action {
        if isStopping { return .end }
        // Those that are known go first, in the order of their names, which begin with the time.
        if let first = waiting.first { return .handle(first) }
        if isStale { return .list }
        return once ? .end : .wait
    }

    /// Something came, or may have come.
    public mutating func changed() { isStale = true }

    public mutating func listed(_ names: [MaildirName]) {
        isStale = false
        waiting = names.filter { !$0.isHidden }.sorted()
    }

    /// The message is no longer in the directory.
    public mutating func handled(_ name: MaildirName) {
        waiting.removeAll { $0 == name }
        // What came meanwhile is met by reading once more, with or without a notice.
        if waiting.isEmpty { isStale = true }
    }

    /// No other message is begun.
    public mutating func stop() { isStopping = true }
}
