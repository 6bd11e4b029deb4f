// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// The time zone database of this machine, asked while a policy file is read and never afterwards.
struct ZoneDatabase {
    let directory: String

    init(directory: String = ZoneFile.directory) { self.directory = directory }

    /// The offsets of a zone while a policy holds.
    ///
    /// - Parameter node: where the policy names it.
    func offsets(
        of zone: String, from start: WallTime, until end: WallTime, at node: YAMLPlace
    ) throws(PolicyFileError) -> TimeZoneOffsets {
        let bytes: [UInt8]
        do throws(BaseError) {
            bytes = try Files.read("\(directory)/\(zone)", limit: 1 << 20)
        } catch {
            let isThere = Files.exists("\(directory)/UTC")
            throw node.refusing(
                "value",
                found: "the time zone \(quoted(zone)), which \(isThere ? "nobody knows" : "cannot be looked up here")",
                allowed: isThere
                    ? "a zone of the time zone database, such as Europe/Berlin or UTC" : "UTC once tzdata is installed",
                remedy: isThere ? "correct the name" : "install the package tzdata")
        }
        guard let file = ZoneFile(bytes) else {
            throw node.refusing(
                "value", found: "the time zone \(quoted(zone)), whose file is no TZif of version 2 or later",
                allowed: "a zone of the time zone database", remedy: "install the package tzdata again")
        }
        guard let offsets = file.offsets(from: start, until: end) else {
            throw node.refusing(
                "value",
                found:
                    "the time zone \(quoted(zone)) with more than \(TimeZoneOffsets.mostChanges) changes of its clocks",
                allowed: "a validity of fewer years")
        }
        return offsets
    }
}
