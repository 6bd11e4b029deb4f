// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// What `atomic key rotate` says: the log's keys of now, and where the log says so.
public struct RotatedKeys: Codable, Equatable, Sendable {
    /// Origin of the log, which never changes.
    public let origin: String
    /// Index of the entry that announces the keys.
    public let entry: UInt64
    /// C2SP verifier key.
    public let vkey: String
    /// Verifier key of the ML-DSA-65 key, where the log has one.
    public let postQuantumVkey: String?
}

extension Room {
    /// Gives the log new keys, announced in it and signed by the old ones, whose files are gone on return.
    ///
    /// The order is that of a room that opens after a crash at any step: the new keys are in files; the log announces them; it goes on
    /// with them; the files take the place of the old ones. Appends of other threads go on before and after.
    /// - Throws: `key-uri` where a key is not in a file; the log's errors.
    public func rotateLogKeys() throws -> RotatedKeys {
        let files = LogKeyFiles(paths, configuration)
        let next = try files.makeNext()
        let keys = next.keys
        let entry = try log.rotateKeys(to: next, by: actor, policy: policy?.sequence ?? 0)
        try files.settle(keys.classical)
        try follow()
        return RotatedKeys(
            origin: configuration.origin, entry: entry, vkey: keys.classical.vkey,
            postQuantumVkey: keys.postQuantum?.vkey)
    }
}
