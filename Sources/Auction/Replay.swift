// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What came of computing an award again.
public enum ReplayResult: Equatable, Sendable {
    /// The recomputed award equals the stored one, member for member.
    case agrees
    /// The first member, in canonical order, that differs: a path such as `award.scores[1].score` and both values.
    case differs(path: String, stored: String, recomputed: String)
    /// The input would not have been accepted.
    case refused(AuctionError)

    public var agrees: Bool { self == .agrees }
}

extension Auction {
    /// Throws the stored award away, holds the auction again, and compares.
    public static func replay(_ record: AuctionRecord) -> ReplayResult {
        guard record.kind == "auction", record.v == version(of: record.input) else {
            return .refused(
                AuctionError(.record, "record of another kind or version", remedy: "replay it with its own release"))
        }
        do {
            let again = try hold(record.input)
            let stored = try value(of: record.award)
            let recomputed = try value(of: again)
            return difference(stored, recomputed, "award") ?? .agrees
        } catch {
            return .refused(error)
        }
    }

    private static func value(of award: Award) throws(AuctionError) -> JSONValue {
        do {
            return try CanonicalJSON.value(award)
        } catch {
            throw AuctionError(.record, "the award cannot be encoded", remedy: "report this", cause: error)
        }
    }

    private static func difference(_ stored: JSONValue?, _ again: JSONValue?, _ path: String) -> ReplayResult? {
        if stored == again { return nil }
        if case .object(let a) = stored, case .object(let b) = again {
            for key in Set(a.keys).union(b.keys).sorted() {
                if let found = difference(a[key], b[key], "\(path).\(key)") { return found }
            }
        }
        if case .array(let a) = stored, case .array(let b) = again {
            for index in 0..<max(a.count, b.count) {
                let pair = (a.indices.contains(index) ? a[index] : nil, b.indices.contains(index) ? b[index] : nil)
                if let found = difference(pair.0, pair.1, "\(path)[\(index)]") { return found }
            }
        }
        return .differs(path: path, stored: shown(stored), recomputed: shown(again))
    }

    private static func shown(_ value: JSONValue?) -> String {
        guard let value else { return "absent" }
        return String(decoding: value.canonical.prefix(120), as: UTF8.self)
    }
}
