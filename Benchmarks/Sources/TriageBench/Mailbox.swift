// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Messages made up for a run where nobody gave any: the same ones every time.
enum Mailbox {
    private static let subjects = [
        "Question about invoice %", "My order % has not arrived", "Meeting moved to %", "Rechnung % ist doppelt",
        "Thank you",
        "Password reset does not work", "Cheap watches % off", "You have won % EUR", "Newsletter of week %",
        "Re: offer %",
        "Complaint about delivery %", "Kündigung zum Monatsende",
    ]
    private static let sentences = [
        "I was charged twice for the same item and would like my money back.", "The parcel was promised for Monday.",
        "Could you please send me the invoice again?", "Der Betrag wurde zweimal abgebucht.",
        "This is unacceptable, I am very angry.",
        "Many thanks for the quick help, great service.", "Click here now to claim your free prize.",
        "Limited offer, buy cheap pills without prescription.", "The meeting takes place in room 4 instead.",
        "Bitte bestätigen Sie den Eingang dieser Nachricht.", "My customer number is in the signature.",
        "I cannot log in since the update.", "Everything arrived in good condition.", "Please cancel my subscription.",
        "Earn money from home, no risk, one hundred percent guaranteed.", "When do you open on Saturday?",
    ]

    static func write(_ count: Int, to directory: String) throws {
        try Files.createDirectory(directory)
        var random = Shuffle()
        for index in 0..<count {
            let number = String(1_000 + index)
            let subject = random.pick(subjects).replacing("%", with: number)
            let body = (0..<random.next(12) + 1).map { _ in random.pick(sentences) }.joined(separator: "\r\n")
            let text = """
                From: Person \(number) <person\(number)@example.org>\r
                To: desk@clinic.example\r
                Subject: \(subject)\r
                Message-ID: <\(number)@example.org>\r
                Date: Sat, 21 Nov 2026 10:00:00 +0000\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                \r
                \(body)\r

                """
            try Files.writeVisibly(Array(text.utf8), to: "\(directory)/\(number).eml")
        }
    }

    /// Knuth's linear congruential generator (MMIX): good enough to shuffle sentences, and the same everywhere.
    private struct Shuffle {
        private var state: UInt64 = 2_026

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }

        mutating func pick(_ list: [String]) -> String { list[next(list.count)] }
    }
}
