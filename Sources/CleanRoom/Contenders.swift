// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Executors
internal import RoomStore

/// The room's registered models, as contenders and as things to run.
struct Contenders: Sendable {
    let list: [AuctionStage.Contender]
    let models: [String: RegisteredModel]

    /// The newest registration of each name.
    ///
    /// What is on disk must be what the log registered: a bundle that somebody put into `models/` is not a model.
    init(room: Room) throws {
        // In the order of their registration, so that the newest of a name stays; the older ones need not be there.
        let newest = Dictionary(try room.store.models().map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        var models: [String: RegisteredModel] = [:]
        for row in newest.values.sorted(by: { $0.name < $1.name }) {
            guard let digest = Digest(string: row.digest) else { continue }
            do throws(ExecutorError) {
                models[row.name] = try ModelRegistry.load(digest, from: room.paths.models)
            } catch {
                throw RoomError(
                    .inconsistent, "the model \(row.name), which the log registered: \(error.message)",
                    remedy: "restore it from a backup, or register it again with: atomic model add", exit: .unverified,
                    cause: error)
            }
        }
        self.models = models
        list = models.values.sorted { $0.digest < $1.digest }.map { model in
            AuctionStage.Contender(
                name: model.name, digest: model.digest, types: Set(model.manifest.tasks.map(\.type)),
                isAsked: model.fixedBid == nil,
                isAdaptive: model.manifest.adaptation.map { $0.demonstrations > 0 || $0.memory > 0 } ?? false)
        }
    }

    /// The model that serves a step before the microtasks.
    ///
    /// - Parameter name: as the graph says; without it, the one registered model that offers the step. Nil when there
    ///   is none.
    /// - Throws: `task` when the named one is not registered or does not offer it, or when several do.
    func service(_ step: String, named name: String?) throws -> RegisteredModel? {
        let offering = models.values.filter { $0.manifest.offers(type: step, schema: nil) }
        if let name {
            guard let model = offering.first(where: { $0.name == name }) else {
                throw RoomError(
                    .task, "no registered model named \(name) offers \(step), which the task graph asks it for",
                    remedy: "register it with: atomic model add BUNDLE --room ROOM", exit: .usage)
            }
            return model
        }
        guard offering.count <= 1 else {
            throw RoomError(
                .task, "\(offering.map(\.name).sorted().joined(separator: " and ")) offer \(step)",
                remedy: "name one of them in the task graph, as parser: or featurizer:", exit: .usage)
        }
        return offering.first
    }

    var digests: [String: Digest] { models.mapValues(\.digest) }
}
