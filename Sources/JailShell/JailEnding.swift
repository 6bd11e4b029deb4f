// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
package import Jail

/// One line for a person about how a jail ended.
package struct JailEnding {
    private let report: JailReport
    private let limits: JailLimits

    package init(_ report: JailReport, limits: JailLimits) {
        self.report = report
        self.limits = limits
    }

    /// Nothing to explain when the program ended by itself.
    package var explanation: String? {
        switch report.cause {
        case .exited: nil
        case .signal: "signal: the program was ended by \(signalName)"
        case .syscall: "syscall: the program used a system call that the profile does not allow"
        case .memoryLimit: "memory-limit: the program needed more than \(limits.memoryBytes) bytes of memory"
        case .pidsLimit: "pids-limit: the program needed more than \(limits.pids) processes"
        case .cpuLimit: "cpu-limit: the program used its \(limits.cpuSeconds) CPU seconds"
        case .wallLimit: "wall-limit: the program ran longer than \(limits.wallNs / 1_000_000) milliseconds"
        case .outputLimit: "output-limit: the program wrote more than \(limits.outputBytes) bytes"
        case .fileLimit: "file-limit: the program wrote a file larger than \(limits.fileBytes) bytes"
        }
    }

    /// Limits that the program met and lived on with.
    package var notes: [String] {
        report.hits.filter { $0.limit != report.cause.rawValue }.map { hit in
            switch hit.limit {
            case "tmpfs-bytes": "tmpfs-bytes: /tmp was full at \(hit.amount) bytes"
            case "tmpfs-inodes": "tmpfs-inodes: /tmp had no room for more than \(hit.amount) files"
            default: "\(hit.limit): the limit of \(hit.amount) was reached"
            }
        }
    }

    private var signalName: String {
        let signal = report.signal ?? 0
        // SAFETY: strsignal returns nil or a NUL-terminated text that is copied at once, on the only thread that asks.
        return unsafe strsignal(signal).map { unsafe "signal \(signal) (\(String(cString: $0)))" } ?? "signal \(signal)"
    }
}
