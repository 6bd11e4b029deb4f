// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Courier
import Testing

@Suite("Where a courier may go")
struct CourierURLTests {
    @Test(
        "https anywhere, http to this machine",
        arguments: [
            ("https://witness.example", "https://witness.example"),
            ("https://witness.example/", "https://witness.example"),
            ("https://10.0.0.7:8443/w1", "https://10.0.0.7:8443/w1"),
            ("https://[2001:db8::1]:8443/w1", "https://[2001:db8::1]:8443/w1"),
            ("http://127.0.0.1:8477", "http://127.0.0.1:8477"), ("http://localhost:1/a/b", "http://localhost:1/a/b"),
            ("http://[::1]:8477", "http://[::1]:8477"),
        ])
    func allowed(text: String, url: String) {
        #expect(CourierURL(text)?.description == url)
    }

    @Test(
        "nothing else",
        arguments: [
            "", "witness.example", "ftp://127.0.0.1", "file:///etc/passwd", "https://", "https:///path",
            "http://witness.example",
            "http://127.0.0.1.example.org", "http://127.0.0.1@example.org", "http://127.0.0.1:80@example.org",
            "http://example.org#127.0.0.1",
            "http://127.0.0.2", "http://0x7f.1", "https://a b", "https://a\nb", "https://witness.example?x=1",
            "https://witness.example#x",
            "https://user@witness.example", "https://witness.example:0", "https://witness.example:65536",
            "https://witness.example:",
            "https://witness.example:+1", "https://[::1", "https://[::1]x", "https://[]", "https://[g]",
            "HTTPS://witness.example",
            "https://w\u{ef}tness.example", "https://witness.example\\@localhost",
        ])
    func refused(text: String) {
        #expect(CourierURL(text) == nil)
    }

    @Test("A program that is no courier is an error, and one that is silent is left alone in time")
    func processes() throws {
        #expect(throws: CourierError(.start, "", remedy: "")) {
            try CourierProcess(program: "/nowhere/atomic-courier", allowing: ["http://127.0.0.1:1"])
        }
        let call = CourierCall(url: "http://127.0.0.1:1", body: [1])
        // Answers with what it was asked, which is no answer.
        let echo = try CourierProcess(program: "/bin/cat", allowing: ["-"])
        #expect(throws: CourierError(.lost, "", remedy: "")) { try echo.carry([call], timeoutMs: 100) }
        let gone = try CourierProcess(program: "/bin/true", allowing: [])
        #expect(throws: CourierError(.lost, "", remedy: "")) { try gone.carry([call], timeoutMs: 100) }
    }
}
