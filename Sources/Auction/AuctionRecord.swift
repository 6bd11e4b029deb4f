// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The decision record: all that went in and what came out, stored as canonical JSON under its SHA-256.
public struct AuctionRecord: Codable, Hashable, Sendable {
    /// Always `auction`.
    public let kind: String
    /// Version of the arithmetic.
    public let v: Int
    public let input: AuctionInput
    public let award: Award

    public init(input: AuctionInput, award: Award) {
        self.kind = "auction"
        self.v = Auction.version(of: input)
        self.input = input
        self.award = award
    }

    private enum CodingKeys: CodingKey { case award, input, kind, v }

    /// A record of version 3 has the outcome of the award only: who bid what, and what was expected of it, leads to the rest.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        kind = try members.decode(String.self, forKey: .kind)
        v = try members.decode(Int.self, forKey: .v)
        input = try members.decode(AuctionInput.self, forKey: .input)
        if v == 3 {
            award = try members.decode(AwardSummary.self, forKey: .award).completed(Auction.hold(input))
        } else {
            award = try members.decode(Award.self, forKey: .award)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(kind, forKey: .kind)
        try members.encode(v, forKey: .v)
        try members.encode(input, forKey: .input)
        if v == 3 {
            try members.encode(AwardSummary(award), forKey: .award)
        } else {
            try members.encode(award, forKey: .award)
        }
    }

    /// Holds the auction and makes its record.
    public static func hold(_ input: AuctionInput) throws(AuctionError) -> AuctionRecord {
        AuctionRecord(input: input, award: try Auction.hold(input))
    }

    /// Reads a stored record; refuses any byte that is not canonical, any unknown member, other kinds and versions.
    public init(canonical bytes: [UInt8]) throws(AuctionError) {
        do {
            self = try CanonicalJSON.decode(AuctionRecord.self, from: bytes)
        } catch {
            throw AuctionError(
                .record,
                "this is no auction record of version \(Auction.versions.lowerBound) to \(Auction.versions.upperBound)",
                remedy: "take the record from the bundle or the room unchanged", cause: error)
        }
        guard kind == "auction", v == Auction.version(of: input) else {
            throw AuctionError(
                .record, "record of kind or arithmetic version not known here",
                remedy: "replay it with the release that wrote it, or a later one")
        }
    }

    /// RFC 8785 bytes, as stored.
    public func canonical() throws(AuctionError) -> [UInt8] {
        let writer = RecordWriter(self)
        if !writer.isInexact { return writer.bytes }
        do {
            return try CanonicalJSON.encode(self)
        } catch {
            throw AuctionError(
                .record, "the auction record cannot be encoded", remedy: "report this with the policy's weights",
                cause: error)
        }
    }

    /// SHA-256 of the canonical bytes: the name of the record.
    public func digest() throws(AuctionError) -> Digest {
        Digest.sha256(try canonical())
    }
}
