// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The outcomes of a scope in the order of the log, and every name that what was learned from them has had: one digest,
/// hashed on with each outcome (`docs/auction.md`, "State").
struct LessonNames {
    struct Lesson {
        let answer: [String]
        let record: Digest
        let seq: UInt64
        let isRight: Bool
    }

    private var lessons: [Lesson] = []
    private var answers: Set<[String]> = []
    private var head: Digest
    private let start: Digest
    /// Outcomes that count now.
    var count: Int { lessons.count }
    private(set) var names: [Digest: Int64] = [:]

    init(owners: [String], class: String, purpose: String) {
        let text = (Set(owners).sorted() + [`class`, purpose]).joined(separator: "\n")
        start = Digest.sha256(Array("atomic/auction/learning/v1".utf8) + [0] + Array(text.utf8))
        head = start
    }

    /// A later word about an answer takes the place of an earlier one, at the end.
    mutating func add(_ lesson: Lesson) {
        if !answers.insert(lesson.answer).inserted {
            lessons.removeAll { $0.answer == lesson.answer }
            head = lessons.reduce(start) { Self.step($0, $1) }
        }
        lessons.append(lesson)
        head = Self.step(head, lesson)
        names[head] = Int64(lessons.count)
    }

    private static func step(_ head: Digest, _ lesson: Lesson) -> Digest {
        let seq = (0..<8).map { UInt8(truncatingIfNeeded: lesson.seq >> (56 - 8 * UInt64($0))) }
        return Digest.sha256(head.bytes + lesson.record.bytes + seq + [lesson.isRight ? 1 : 0])
    }
}
