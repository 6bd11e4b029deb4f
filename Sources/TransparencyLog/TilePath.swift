// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Name of one static resource of a tile log (C2SP tlog-tiles), relative to the log's directory.
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
    /// What a tile holds.
    public enum Kind: Hashable, Sendable {
        /// Hashes of subtrees with 256^level leaves; level 0 are leaf hashes.
        case hashes(level: Int)
        /// The entries themselves, each with a uint16 length prefix.
        case entries
    }

    /// Hashes or entries in a full tile.
    public static let fullWidth = 256

    /// Hashes of which level, or entries.
    public let kind: Kind
    /// Number of the tile within its level.
    public let index: UInt64
    /// Hashes or entries in the tile: 256, or 1 to 255 for a partial tile.
    public let width: Int

    /// The name of a tile; `width` between 1 and 256.
    public init(_ kind: Kind, index: UInt64, width: Int = TilePath.fullWidth) {
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// Whether the tile has all its 256 elements.
    public var isFull: Bool { width == Self.fullWidth }

    /// Path, such as `tile/0/x001/067` or `tile/entries/000.p/44`.
    public var description: String { directory + "/" + indexText + (isFull ? "" : ".p/\(width)") }

    /// Path of the directory that holds all partial tiles of this index, such as `tile/0/000.p`.
    public var partialsDirectory: String { directory + "/" + indexText + ".p" }

    private var directory: String {
        switch kind {
        case .hashes(let level): "tile/\(level)"
        case .entries: "tile/entries"
        }
    }

    private var indexText: String {
        var rest = index
        var text = Self.threeDigits(rest % 1000)
        rest /= 1000
        while rest > 0 {
            text = "x" + Self.threeDigits(rest % 1000) + "/" + text
            rest /= 1000
        }
        return text
    }

    private static func threeDigits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Reads a path; nil unless it is exactly how this tile is named.
    public init?(_ path: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
        let place = parts.removeFirst()
        if place == "entries" {
            kind = .entries
        } else {
            guard let level = Int(place), (0...63).contains(level) else { return nil }
            kind = .hashes(level: level)
        }
        var tileWidth = Self.fullWidth
        if parts.count >= 2, let name = parts.dropLast().last, name.hasSuffix(".p") {
            guard let number = Int(parts.removeLast()), (1...255).contains(number) else { return nil }
            tileWidth = number
            parts[parts.count - 1] = name.dropLast(2)
        }
        width = tileWidth
        var number: UInt64 = 0
        for (position, part) in parts.enumerated() {
            let digits = position < parts.count - 1 ? part.dropFirst() : part
            guard digits.utf8.count == 3, let value = UInt64(digits) else { return nil }
            let (scaled, overflow) = number.multipliedReportingOverflow(by: 1000)
            guard !overflow, scaled <= UInt64.max - value else { return nil }
            number = scaled + value
        }
        index = number
        // Whatever the loose reading above let through (plus signs, leading zeroes, a missing x) is not our spelling.
        guard description == path else { return nil }
    }

    /// Elements that the tile (`level`, `index`) has in a tree of `size` leaves: 0 to 256.
    public static func width(level: Int, index: UInt64, size: UInt64) -> Int {
        let elements = level < 8 ? size >> UInt64(8 * level) : 0
        let start = index.multipliedReportingOverflow(by: 256)
        guard !start.overflow, elements > start.partialValue else { return 0 }
        return Int(min(256, elements - start.partialValue))
    }

    /// Levels that a tree of `size` leaves has hashes on.
    public static func levels(size: UInt64) -> Int {
        var levels = 0
        while levels < 8 && size >> UInt64(8 * levels) > 0 { levels += 1 }
        return levels
    }
}
