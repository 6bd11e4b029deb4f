// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Executors
internal import Jail
internal import SovereignPolicy

extension SovereignPolicy {
    /// What this policy wants between each model and the host: its `isolation`. A model that is listed under its name or
    /// by its digest as `microvm` runs in one, whichever way the room calls it.
    func tiers(of registered: [String: RegisteredModel]) -> [String: JailTier] {
        registered.mapValues { model in
            let listed = models.filter { $0.key == model.name || $0.value.digest == model.digest }
            return listed.values.contains { $0.isolation == JailTier.microvm.rawValue } ? .microvm : .process
        }
    }
}
