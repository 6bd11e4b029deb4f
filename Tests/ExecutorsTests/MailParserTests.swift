// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import Sealing
import Testing
import TypedOutput

@testable import Executors

/// `Models/mail-parser` in its jail, one process per message: whatever a sender writes, an answer that fits the schema.
@Suite(.serialized)
struct MailParserTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let message: @Sendable () -> [UInt8]
        /// What the text must be; nil for anything.
        var text: String?
        var attachments: Int?

        init(_ name: String, text: String? = nil, attachments: Int? = nil, _ message: @escaping @Sendable () -> String)
        {
            testDescription = name
            self.message = { Array(message().utf8) }
            self.text = text
            self.attachments = attachments
        }
    }

    private final class Parser {
        let model: RegisteredModel
        let launcher: Launcher
        let image: ImageHandle
        let schema: OutputSchema

        private static let models = "\(ExecutorFixture.package)/Models"
        private static let registered = Result {
            let fixture = try ExecutorFixture.shared.get()
            return try ModelRegistry.add(
                bundle: "\(models)/mail-parser", into: fixture.room(), launcher: fixture.launcher(),
                profiles: ExecutorFixture.profiles
            ).model
        }

        init() throws {
            launcher = try ExecutorFixture.shared.get().launcher()
            model = try Self.registered.get()
            image = try model.stage(with: launcher)
            schema = try OutputSchema(JSONValue.parse(Files.read("\(Self.models)/tasks/parsed.schema.json")))
        }

        func parse(_ message: [UInt8]) throws -> (value: JSONValue, report: JailReport, latencyNs: UInt64) {
            let session = try ExecutorSession(
                model, image: image, launcher: launcher, role: .parser, profiles: ExecutorFixture.profiles)
            let memory = try SealedMemory(copying: SecretBytes(copying: message))
            let result = try session.execute(id: "0000/parse", type: "parse", input: memory.fd.raw, schema: .bool(true))
            let report = try #require(try session.end())
            #expect(schema.check(result.value) == [])
            return (result.value, report, result.latencyNs)
        }
    }

    private static func nested(_ levels: Int) -> String {
        let opening = (0..<levels).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        return opening + "\nin the middle\n" + (0..<levels).reversed().map { "--b\($0)--\n" }.joined()
    }

    static let hostile: [Hostile] = [
        Hostile("nothing", text: "") { "" },
        Hostile("no header", text: "Just words.\nNo header at all.") { "Just words.\nNo header at all.\n" },
        Hostile("a header and no body", text: "") { "Subject: x" },
        Hostile("200 levels", text: "in the middle", attachments: 0) { nested(200) },
        Hostile("5,000 levels") { nested(5_000) },
        Hostile("1,000 attachments", text: "see below", attachments: 256) {
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n"
                + String(repeating: "--b\nContent-Type: image/png\n\nx\n", count: 1_000) + "--b--\n"
        },
        Hostile("25 MB of attachment", text: "see below", attachments: 1) {
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: application/zip\n"
                + "Content-Transfer-Encoding: base64\n\n"
                + String(repeating: String(repeating: "A", count: 76) + "\n", count: 325_000) + "--b--\n"
        },
        Hostile("25 MB of text in base64") {
            "Content-Transfer-Encoding: base64\n\n"
                + String(repeating: String(repeating: "QUFB", count: 19) + "\n", count: 325_000)
        },
        Hostile("25 MB on one line") { "Subject: x\n\n" + String(repeating: "a", count: 25 << 20) },
        Hostile("25 MB of header") { String(repeating: "X-Field: of no use\n", count: 1_300_000) + "\nbody\n" },
        Hostile("a million parts") {
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 1_000_000)
        },
        Hostile("lines that are almost boundaries") {
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--bb\n", count: 4_000_000)
        },
        Hostile("tags that nothing closes") {
            "Content-Type: text/html\n\n"
                + (0..<20_000).map { "<a\($0) style=\"display:none\"><!--<title>&#" }.joined()
        },
        Hostile("half a surrogate pair", text: "?.") { "Content-Type: text/plain; charset=utf-7\n\n+2D0-." },
        Hostile("a codec that is no character set", text: "\\u0041") {
            "Content-Type: text/plain; charset=unicode_escape\n\n\\u0041"
        },
        Hostile("boundaries that do not match", text: "all that there is") {
            "Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/plain\n\nall that there is\n--a\n\n--a--\n"
        },
        Hostile("an unseen instruction", text: "Hello") {
            "Content-Type: text/html\n\n<p>Hello<!-- obey --><span style=\"display: none\">obey</span>\u{200b}</p>"
        },
    ]

    @Test(arguments: hostile)
    func hostileMailEndsInAnAnswer(mail: Hostile) throws {
        let (value, report, _) = try Parser().parse(mail.message())
        #expect(report.cause == .exited && report.exit == 0)
        if let text = mail.text { #expect(value["text"] == .string(text)) }
        if let count = mail.attachments { #expect(value["attachments"]?.arrayValue?.count == count) }
    }

    @Test func aMessageIsUnderstood() throws {
        let mail = """
            From: =?iso-8859-1?Q?J=FCrgen?= =?iso-8859-1?Q?_B=F6ttcher?= <j@x.example>
            To: a@x.example,
            \tb@x.example
            Received: from nowhere
            Subject: =?utf-8?B?wqFI?= =?utf-8?B?b2xhIQ==?= plain
            List-Id: <l.x.example>
            Content-Type: multipart/mixed; boundary="=_x"

            preamble
            --=_x
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=windows-1252
            Content-Transfer-Encoding: quoted-printable

            caf=E9 =80 5=
             for two
            --inner
            Content-Type: text/html

            <b>never read</b>
            --inner--
            --=_x
            Content-Type: Application/PDF; name="a.pdf"
            Content-Transfer-Encoding: base64

            QUJDRA==
            --=_x--
            epilogue
            """
        let (value, _, _) = try Parser().parse(Array(mail.utf8))
        #expect(value["text"] == .string("café € 5 for two"))
        #expect(
            value["attachments"]
                == .array([.object(["type": .string("application/pdf"), "bytes": .integer(4)])]))
        #expect(
            value["headers"]
                == .object([
                    "from": .string("Jürgen Böttcher <j@x.example>"), "to": .string("a@x.example, b@x.example"),
                    "subject": .string("¡Hola! plain"), "list-id": .string("<l.x.example>"),
                    "content-type": .string("multipart/mixed; boundary=\"=_x\""),
                ]))
    }

    /// `ATOMIC_MAIL_STRIDE=1` takes all 1,924.
    @Test(.enabled(if: RealMail.isHere, "needs data/email in $ATOMIC_SHARED or ../shared"))
    func noRealMessageFails() throws {
        let parser = try Parser()
        var latencies: [UInt64] = []
        var peak: UInt64 = 0
        for kind in ["ham", "spam"] {
            let names = try Files.list("\(RealMail.directory)/\(kind)")
            for index in stride(from: 0, to: names.count, by: RealMail.stride) {
                let (_, report, latency) = try parser.parse(Files.read("\(RealMail.directory)/\(kind)/\(names[index])"))
                latencies.append(latency)
                peak = max(peak, report.accounting.peakBytes)
            }
        }
        latencies.sort()
        print(
            "mail-parser: \(latencies.count) messages; p50 \(latencies[latencies.count / 2] / 1000) us, p99 "
                + "\(latencies[latencies.count * 99 / 100] / 1000) us, peak \(peak >> 20) MiB")
    }
}
