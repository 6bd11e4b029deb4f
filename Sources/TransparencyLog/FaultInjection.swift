// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#if DEBUG
    internal import Glibc
    internal import Synchronization
#endif

/// Kills the process at a named step, so that tests can crash it at every boundary. Does nothing in release builds.
///
/// `ATOMIC_CRASH_AT_ENTRY=<n>:before` kills before the batch that holds entry n is written, `<n>:after` right after it
/// is durable and before anybody is told. `ATOMIC_CRASH_AT_LOG_STEP=<step>:<k>` kills when a step inside the log is
/// reached for the k-th time (from 1); `ATOMIC_FAIL_AT_LOG_STEP` makes a system call fail instead.
enum FaultInjection {
    #if DEBUG
        private static let counts = Mutex<[String: Int]>([:])
    #endif

    /// A step of the log's own work.
    static func reach(_ step: String) {
        #if DEBUG
            guard let wish = variable("ATOMIC_CRASH_AT_LOG_STEP") else { return }
            let count = counts.withLock { counts in
                counts[step, default: 0] += 1
                return counts[step] ?? 0
            }
            if wish == "\(step):\(count)" { kill(getpid(), SIGKILL) }
        #endif
    }

    /// Whether a step is to fail, as `ATOMIC_FAIL_AT_LOG_STEP=<step>:<k>` says: the k-th time it is reached.
    static func fails(_ step: String) -> Bool {
        #if DEBUG
            guard let wish = variable("ATOMIC_FAIL_AT_LOG_STEP") else { return false }
            let count = counts.withLock { counts in
                counts["fail " + step, default: 0] += 1
                return counts["fail " + step] ?? 0
            }
            return wish == "\(step):\(count)"
        #else
            return false
        #endif
    }

    /// The batch with these entries is about to be written, or has become durable.
    static func batch(_ range: Range<UInt64>, durable: Bool) {
        #if DEBUG
            guard let wish = variable("ATOMIC_CRASH_AT_ENTRY") else { return }
            let parts = wish.split(separator: ":")
            guard parts.count == 2, let entry = UInt64(parts[0]), range.contains(entry) else { return }
            if parts[1] == (durable ? "after" : "before") { kill(getpid(), SIGKILL) }
        #endif
    }

    /// Bytes of a frame to write before dying in the middle of the write; nil to write all of it.
    static func tornWrite(_ count: Int) -> Int? {
        #if DEBUG
            guard let wish = variable("ATOMIC_CRASH_AT_LOG_STEP"), wish.hasPrefix("wal-torn:") else { return nil }
            return Int(wish.dropFirst(9)).map { min($0, count) }
        #else
            return nil
        #endif
    }

    /// A limit that is smaller in tests, so that what lies beyond it happens.
    static func number(_ name: String) -> Int? {
        #if DEBUG
            variable(name).flatMap { Int($0) }
        #else
            nil
        #endif
    }

    #if DEBUG
        private static func variable(_ name: String) -> String? {
            // SAFETY: getenv returns nil or a NUL-terminated string that is copied at once.
            guard let text = unsafe getenv(name) else { return nil }
            return unsafe String(cString: text)
        }
    #endif
}
