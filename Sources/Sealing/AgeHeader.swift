// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase

/// The textual header of an age file, by the grammar of c2sp.org/age and nothing looser.
struct AgeHeader {
    /// One way to the file key, for one recipient.
    struct Stanza: Equatable {
        /// The type, then what the type wants; printable ASCII without spaces.
        let arguments: [String]
        let body: [UInt8]
    }

    static let version = "age-encryption.org/v1"
    /// Columns of a body line; the last line of a body is shorter.
    private static let columns = 64
    /// A header larger than this is refused before anything is computed: room for ten thousand recipients.
    private static let limit = 1 << 20

    let stanzas: [Stanza]
    /// What the MAC covers: everything up to and including `---`.
    let authenticated: [UInt8]
    let mac: [UInt8]

    /// The header's bytes up to and including `---` for these stanzas.
    static func authenticatedBytes(_ stanzas: [Stanza]) -> [UInt8] {
        var text = version + "\n"
        for stanza in stanzas {
            text += "-> " + stanza.arguments.joined(separator: " ") + "\n"
            var rest = RawBase64.encode(stanza.body)[...]
            while rest.utf8.count >= columns {
                text += rest.prefix(columns) + "\n"
                rest = rest.dropFirst(columns)
            }
            text += rest + "\n"
        }
        return Array((text + "---").utf8)
    }

    /// Reads a header and leaves `source` at the first byte of the payload.
    /// - Throws: `header` for whatever the grammar does not have.
    init<Source: ByteSource & ~Copyable>(from source: inout LineSource<Source>) throws(SealingError) {
        var reader = Reader(limit: Self.limit)
        guard try reader.next(&source) == Self.version else {
            throw Self.bad("it does not begin with the line \(Self.version)")
        }
        var stanzas: [Stanza] = []
        var line = try reader.next(&source)
        while line.hasPrefix("-> ") {
            let arguments = line.dropFirst(3).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard arguments.allSatisfy({ !$0.isEmpty }) else { throw Self.bad("a stanza has an empty argument") }
            var body = ""
            repeat {
                line = try reader.next(&source)
                guard line.utf8.count <= Self.columns else { throw Self.bad("a line of a stanza is too long") }
                body += line
            } while line.utf8.count == Self.columns
            guard let bytes = RawBase64.decode(body) else {
                throw Self.bad("the body of a stanza is not canonical base64")
            }
            stanzas.append(Stanza(arguments: arguments, body: bytes))
            line = try reader.next(&source)
        }
        guard line.hasPrefix("--- "), let mac = RawBase64.decode(String(line.dropFirst(4))), mac.count == 32 else {
            throw Self.bad("a line is neither a stanza nor the MAC")
        }
        guard !stanzas.isEmpty else { throw Self.bad("it has no stanza") }
        self.stanzas = stanzas
        self.mac = mac
        authenticated = Array(reader.read.dropLast(line.utf8.count + 1)) + Array("---".utf8)
    }

    static func bad(_ why: String) -> SealingError {
        SealingError(.header, "the age header is malformed: \(why)", remedy: AgeRemedy.getItAgain)
    }

    /// Takes printable ASCII lines from a source and remembers them.
    private struct Reader {
        let limit: Int
        private(set) var read: [UInt8] = []

        init(limit: Int) { self.limit = limit }

        mutating func next<Source: ByteSource & ~Copyable>(_ source: inout LineSource<Source>)
            throws(SealingError) -> String
        {
            guard let (bytes, terminated) = try source.line(limit: limit - read.count, code: .header), terminated else {
                throw AgeHeader.bad("the file ends inside it")
            }
            guard bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw AgeHeader.bad("it has a byte that is not printable ASCII")
            }
            read += bytes
            read.append(0x0a)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// RFC 4648 base64 without padding, as age headers carry it; one encoding per value.
enum RawBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes)
        return String(text.prefix { $0 != "=" })
    }

    static func decode(_ text: String) -> [UInt8]? {
        guard !text.utf8.contains(0x3d) else { return nil }
        return Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
