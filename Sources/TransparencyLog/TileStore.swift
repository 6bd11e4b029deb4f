// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The published tile log on disk.
struct TileStore: Sendable {
    let directory: LogDirectory

    /// Largest file of a tile log: 256 entries of 65,535 bytes with their prefixes.
    static let maximumFileBytes = 256 * 65_537

    /// The signed checkpoint.
    func checkpoint() throws(LogError) -> [UInt8] {
        try LogError.wrapping { () throws(BaseError) in
            try Files.read(directory.tiles + "/checkpoint", limit: SignedNote.maximumBytes)
        }
    }

    /// Bytes of a hash tile; a partial one is also found in the front of the full one (tlog-tiles, Partial Tiles).
    func hashes(level: Int, index: UInt64, width: Int) throws(LogError) -> [UInt8] {
        let path = TilePath(.hashes(level: level), index: index, width: width)
        let (bytes, found) = try read(path)
        guard bytes.count == 32 * found.width else {
            throw .damaged("\(bytes.count) bytes instead of \(32 * found.width)", file: "log/\(found)")
        }
        return found.width == width ? bytes : Array(bytes.prefix(32 * width))
    }

    /// The entries of a bundle, `width` of them.
    func run(index: UInt64, width: Int) throws(LogError) -> EntryRun {
        let path = TilePath(.entries, index: index, width: width)
        let (bytes, found) = try read(path)
        guard var entries = EntryRun(bytes), entries.count == found.width else {
            throw .damaged("not \(found.width) length-prefixed entries", file: "log/\(found)", entry: index * 256)
        }
        if entries.count > width { entries.removeEntries(from: width) }
        return entries
    }

    private func read(_ path: TilePath) throws(LogError) -> ([UInt8], TilePath) {
        do {
            return (try contents(path), path)
        } catch {
            guard error.code == .missing else { throw error }
            let full = TilePath(path.kind, index: path.index)
            if !path.isFull {
                do {
                    return (try contents(full), full)
                } catch {
                    guard error.code == .missing else { throw error }
                }
            }
            throw .damaged("the file is missing", file: "log/\(path)", entry: path.firstEntry)
        }
    }

    private func contents(_ path: TilePath) throws(LogError) -> [UInt8] {
        try LogError.wrapping { () throws(BaseError) in
            try Files.read("\(directory.tiles)/\(path)", limit: Self.maximumFileBytes)
        }
    }
}

extension TilePath {
    /// First entry that the tile covers.
    var firstEntry: UInt64 {
        switch kind {
        case .entries: index << 8
        case .hashes(let level): level < 7 ? index << UInt64(8 * (level + 1)) : 0
        }
    }
}
