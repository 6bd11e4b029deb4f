// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A type that encodes exactly what it decoded, so that ``CanonicalJSON`` need not encode it again to see that nothing was lost.
///
/// What the compiler makes of a structure keeps this promise. A decoder or encoder of one's own keeps it when every member that
/// the decoder asks for by name, and finds, is written again under that name, none is written that was not there, and a member that
/// is converted on the way has one text for each value. Values that stand for a single string, number or flag are compared one by
/// one and promise nothing.
public protocol FaithfullyCodable: Codable {}

/// Which values of a text were read as they stand.
///
/// A text in canonical form of which every value was read so is what encoding the result would give. It says no where it
/// cannot tell: then the result is encoded and compared.
final class JSONReading {
    /// One structure, so that a note costs one access to the object.
    private struct Tally {
        var isRead: [Bool]
        var unread: Int

        mutating func note(_ part: Int) {
            if isRead[part] { return }
            isRead[part] = true
            unread -= 1
        }

        mutating func note(_ parts: Range<Int>) { for part in parts { note(part) } }
    }

    private var tally: Tally

    /// - Returns: nil for a text with what a decoder may read otherwise than it stands: null, fractions, keys beyond plain ASCII.
    init?(_ parts: [JSONDocument.Part]) {
        var unread = parts.count
        for part in parts {
            switch part.kind {
            case .null, .double: return nil
            case .object:
                if part.hasUnusualKeys { return nil }
                // Keys are parts and no values.
                unread -= Int(part.end)
            default: break
            }
        }
        tally = Tally(isRead: Array(repeating: false, count: parts.count), unread: unread)
    }

    var isWhole: Bool { tally.unread == 0 }

    func note(_ part: Int) { tally.note(part) }

    func note(_ parts: Range<Int>) { tally.note(parts) }

    /// Something was found by another name than its own.
    func spoil() { tally.unread = .max }
}
