// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The name of a file in a maildir, as the bytes that it is.
public struct MaildirName: Hashable, Comparable, Sendable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(_ text: String) { bytes = Array(text.utf8) }

    /// For people; bytes that are no text are shown as replacement characters.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the name says that it is nobody's mail (maildir: names with a leading dot are not read).
    var isHidden: Bool { bytes.first == UInt8(ascii: ".") }

    /// Whether the name can name an input and its answers: printable ASCII, as delivery programs write it, without the
    /// wildcards of a job file, and short enough for `NAME.action.json` and its temporary name.
    var isGood: Bool {
        bytes.count <= 200 && !bytes.isEmpty
            && bytes.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x2a && $0 != 0x3f && $0 != 0x2f }
    }

    /// The name in `cur/`: the same base with flags (cr.yp.to/proto/maildir.html, "info").
    ///
    /// - Parameter copy: above 1 the base is followed by it, for a base that is taken.
    func inCur(flags: String, copy: Int = 1) -> MaildirName {
        let marker = Array(":2,".utf8)
        let end = (0..<max(0, bytes.count - 2)).first { Array(bytes[$0..<$0 + 3]) == marker } ?? bytes.count
        let base = bytes[..<end] + (copy > 1 ? Array("-\(copy)".utf8) : [])
        let named = base + marker + Array(flags.utf8)
        // A name may have 255 bytes (NAME_MAX): one that leaves no room for flags goes without them.
        return MaildirName(named.count <= 255 ? Array(named) : Array(base.prefix(255)))
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
