// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Where the parts of a room's log lie.
struct LogDirectory: Sendable {
    /// The room's directory.
    let room: String

    /// The tile log: nothing but published resources, so that any web server can serve it.
    var tiles: String { room + "/log" }
    /// The write-ahead files, the writer's lock and temporary files; outside `log/`.
    var writeAhead: String { room + "/log-wal" }
    var lock: String { writeAhead + "/lock" }
    /// The temporary file of publishing. Outside `log/`, so that a crash leaves no stray file there.
    var temporary: String { writeAhead + "/publish.tmp" }
    /// One of many temporary files of publishing, from 0.
    func temporary(_ number: Int) -> String { "\(writeAhead)/publish.\(number).tmp" }

    func segment(_ number: UInt64) -> String { writeAhead + "/" + Self.segmentName(number) }

    static func segmentName(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".wal"
    }

    /// Numbers of the write-ahead files, rising.
    func segments() throws(LogError) -> [UInt64] {
        try LogError.wrapping { () throws(BaseError) in try Files.list(writeAhead) }.compactMap { name in
            guard name.hasSuffix(".wal"), let number = UInt64(name.dropLast(4)), Self.segmentName(number) == name else {
                return nil
            }
            return number
        }.sorted()
    }
}

extension Failure where Domain == LogDomain {
    /// Runs an operation of the ground floor and turns its failure into one of the log.
    static func wrapping<Value: ~Copyable>(_ body: () throws(BaseError) -> Value) throws(LogError) -> Value {
        do {
            return try body()
        } catch {
            throw LogError(error)
        }
    }

    /// The same failure as one of the log.
    init(_ error: BaseError) {
        let code: Code = error.code == .diskFull ? .diskFull : error.code == .notFound ? .missing : .io
        self.init(code, error.message, remedy: error.remedy, cause: error)
    }
}
