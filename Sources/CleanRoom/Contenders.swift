// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Executors
internal import RoomStore

/// The room's registered models, as contenders and as things to run.
struct Contenders {
    let list: [AuctionStage.Contender]
    let models: [String: RegisteredModel]

    /// The newest registration of each name.
    ///
    /// What is on disk must be what the log registered: a bundle that somebody put into `models/` is not a model.
    init(room: Room) throws {
        var models: [String: RegisteredModel] = [:]
        for row in try room.store.models() {
            guard let digest = Digest(string: row.digest) else { continue }
            models[row.name] = try ModelRegistry.load(digest, from: room.paths.models)
        }
        self.models = models
        list = models.values.sorted { $0.digest < $1.digest }.map { model in
            AuctionStage.Contender(
                name: model.name, digest: model.digest, types: Set(model.manifest.tasks.map(\.type)))
        }
    }

    var digests: [String: Digest] { models.mapValues(\.digest) }
}
