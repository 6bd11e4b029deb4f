// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import Executors
internal import Jail
internal import Sealing
internal import TypedOutput

/// Registered models as contenders.
struct Contenders {
    let list: [AuctionStage.Contender]
    let digests: [String: Digest]
    init(room: Room) throws { list = []; digests = [:] }
}

final class Compartment {
    struct Execution {
        let value: [UInt8]
        let failure: String?
        let jail: String?
        let use: MeteredUse
        let prices: ModelPrices
        var cost: Int64 = 0
    }
    init(
        room: Room, job: String, label: DataLabel, contenders: Contenders, launcher: Launcher,
        progress: @escaping (JobProgress) -> Void
    ) {}
    func close() {}
    func end() throws {}
    func ask(_ contender: AuctionStage.Contender, features: TaskFeatures) throws(AuctionStage.NoBid)
        -> AuctionStage.RawBid
    { throw .init(reason: .silent) }
    func execute(
        _ model: String, microtask: String, type: String, input: inout SealedMemory?, schema: JSONValue,
        deadline: UInt64, delivery: (String) -> Event.InputDelivered
    ) throws -> Execution { throw RoomError(.job, "", exit: .failed) }
    func schema(_ schema: JSONValue) throws -> OutputSchema { try OutputSchema(schema) }
}
