// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// Halts and resumes: each is a statement that trusted keys signed who may under the policy in force, in its place of the course;
/// and while the room was halted nothing was permitted.
enum StopCheck {
    /// The statements and their signers.
    /// - Throws: `policy`.
    /// - Returns: how many halts there were.
    static func signatures(_ story: Story) throws(BundleError) -> Int {
        // In a later part of a log the course before it is not known: its first statement is taken for what it says it follows.
        var course: StopCourse? = story.log.entries.first?.seq == 0 ? StopCourse() : nil
        var count = 0
        for read in story.log.entries {
            switch read.event {
            case .halt(let event):
                count += 1
                try follow(.halt, event.statement, event.signers, event.reason, read.entry, story, &course)
            case .resume(let event):
                try follow(.resume, event.statement, event.signers, event.reason, read.entry, story, &course)
            default: break
            }
        }
        return count
    }

    private static func follow(
        _ kind: StopStatement.Kind, _ text: String, _ signers: [String], _ reason: String?, _ entry: LogEntry,
        _ story: Story, _ course: inout StopCourse?
    ) throws(BundleError) {
        let policy = try story.policy(at: entry, .policy).policy
        do throws(PolicyError) {
            let bytes = Array(text.utf8)
            let (statement, digest) = try StopEnvelope.inspect(bytes)
            let before = course ?? StopCourse(before: statement)
            let examined = try StopEnvelope.examine(
                bytes, room: story.room.origin, policy: policy, course: before, trusted: story.trustedKeys(of: policy))
            guard statement.kind == kind, statement.reason == reason,
                examined.signers.map(\.keyID).sorted() == signers, !before.halts.contains(digest)
            else {
                throw PolicyError("payload", "it says something else than its statement, or says it twice", remedy: "")
            }
            var after = before
            after.follow(kind, digest)
            course = after
        } catch {
            throw .failed(.policy, "entry \(entry.seq) (\(entry.type)): \(error.message)", cause: error)
        }
    }

    /// Nothing is permitted between a halt and its resume, and each opening says truly whether the room is halted.
    /// - Throws: `state`.
    static func standstill(_ story: Story) throws(BundleError) {
        var isHalted: Bool? = story.log.entries.first?.seq == 0 ? false : nil
        for read in story.log.entries {
            switch read.event {
            case .halt: isHalted = true
            case .resume: isHalted = false
            case .roomOpened(let event):
                guard isHalted == nil || isHalted == (event.halted ?? false) else {
                    throw .failed(
                        .state, "entry \(read.seq): the room was opened as \(event.halted == true ? "" : "not ")halted")
                }
                isHalted = event.halted ?? false
            default:
                guard isHalted != true || !Event.isPermission(read.entry.type) else {
                    throw .failed(.state, "entry \(read.seq) (\(read.entry.type)): the room was halted")
                }
            }
        }
    }
}
