// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@Suite("Written forms of values")
struct ValueFormTests {
    @Test(
        "Times read back to the nanosecond",
        arguments: [
            "1970-01-01T00:00:00.000000000Z", "2000-02-29T23:59:59.999999999Z", "2026-11-21T10:00:00.000000001Z",
            "2100-03-01T00:00:00.000000000Z", "2261-12-31T23:59:59.000000000Z",
        ])
    func times(text: String) {
        #expect(WallTime(rfc3339: text)?.rfc3339 == text)
    }

    @Test("Fractions may be shorter in what people write")
    func fractions() {
        #expect(WallTime(rfc3339: "1970-01-01T00:00:01Z")?.nanoseconds == 1_000_000_000)
        #expect(WallTime(rfc3339: "1970-01-01T00:00:01.5Z")?.nanoseconds == 1_500_000_000)
    }

    @Test(
        "What is no RFC 3339 time in UTC is refused",
        arguments: [
            "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.0000000000Z", "1969-12-31T23:59:59Z",
        ])
    func badTimes(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test("Base64 has one form for each sequence of bytes")
    func base64() {
        for count in 0..<70 {
            let bytes = RandomBytes.make(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        for text in ["A", "AA", "AA=", "AB==", "AAB=", "AA==AA==", "A A=", "AAAA\n", "====", "-_=="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    @Test("Hexadecimal is lower case")
    func hex() {
        #expect(Hex.decode("00ff") == [0, 255])
        #expect(Hex.decode("00FF") == nil)
        #expect(Hex.decode("0") == nil)
        #expect(Digest(string: "sha256:" + String(repeating: "a", count: 64)) != nil)
        #expect(Digest(string: "SHA256:" + String(repeating: "a", count: 64)) == nil)
    }

    @Test("The digest of nothing is the known one")
    func digest() {
        #expect(Digest.sha256([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("Money is micro-units of a currency")
    func money() throws {
        let parsed = try Money.parse("0.05 EUR")
        #expect(parsed.amount.micro == 50_000)
        #expect(parsed.currency == "EUR")
        #expect(parsed.amount.description == "0.050000")
        for text in ["0.05", "EUR 0.05", "0.0000001 EUR", "-1 EUR", "1 eur", "1  EUR", "01 EUR", "1e3 EUR"] {
            #expect(throws: BaseError.self) { try Money.parse(text) }
        }
    }

    @Test("Durations and decimals are exact integers")
    func numbers() {
        #expect(Durations.parse("30s") == 30_000_000_000)
        #expect(Durations.parse("5ms") == 5_000_000)
        #expect(Durations.parse("5") == nil)
        #expect(Durations.parse("-5s") == nil)
        #expect(Durations.parse("999999999999d") == nil)
        #expect(Decimal9.parse("0.6") == 600_000_000)
        #expect(Decimal9.parse("1.0000000001") == nil)
        #expect(Decimal9.format(600_000_000) == "0.6")
        #expect(Decimal9.parse("-0.000000001") == -1)
    }
}
