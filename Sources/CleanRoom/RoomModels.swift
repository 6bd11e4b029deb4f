// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
public import Executors
public import Jail
internal import RoomStore

extension Room {
    /// Registers a model bundle: its image is made, its sample is run in the jail, and the log says so.
    /// Registering the same bundle again changes nothing.
    ///
    /// - Parameter comparingOutside: as in ``ModelRegistry/add(bundle:into:launcher:profiles:comparingOutside:)``.
    public func register(
        bundle directory: String, launcher: Launcher, comparingOutside: Bool = false
    ) throws -> ModelRegistry.Added {
        let added = try ModelRegistry.add(
            bundle: directory, into: paths.models, launcher: launcher, comparingOutside: comparingOutside)
        let model = added.model
        let known = try store.models().contains { $0.digest == model.digest.description }
        // After a crash between the image and its entry the image is there and the entry is not.
        if !known {
            try record(
                Event.ModelRegistered(
                    name: model.name, version: model.version, digest: model.digest, image: model.imageDigest))
        }
        return added
    }
}
