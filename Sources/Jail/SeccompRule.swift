// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import CSeccomp
internal import Glibc

/// One rule as libseccomp takes it.
struct SeccompRule: Hashable, Sendable {
    struct Comparison: Hashable, Sendable {
        let argument: UInt32
        let mask: UInt64
        let value: UInt64
    }

    enum Action: Hashable, Sendable {
        case allow
        case errno(UInt16)
    }

    let call: String
    let number: Int32
    let action: Action
    let comparisons: [Comparison]

    /// The rules of one line: one per call and combination of values.
    static func read(_ line: ProfileFile.Rule) throws(JailError) -> [SeccompRule] {
        guard !line.reason.isEmpty else {
            throw .badProfile("the rule for \(line.calls.joined(separator: ", ")) has no reason")
        }
        let action = try action(line.action)
        var alternatives: [[Comparison]] = [[]]
        for condition in line.when ?? [] {
            guard (0...5).contains(condition.argument), let mask = hexadecimal(condition.mask), mask != 0,
                !condition.values.isEmpty
            else {
                throw .badProfile("a condition on \(line.calls.joined(separator: ", ")) is malformed")
            }
            var next: [[Comparison]] = []
            for text in condition.values {
                guard let value = hexadecimal(text), value & ~mask == 0 else {
                    throw .badProfile("\(text) is not a value within the mask \(condition.mask)")
                }
                let one = Comparison(argument: UInt32(condition.argument), mask: mask, value: value)
                next += alternatives.map { $0 + [one] }
            }
            alternatives = next
        }
        var rules: [SeccompRule] = []
        for call in line.calls {
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            let number = unsafe seccomp_syscall_resolve_name(call)
            guard number != __NR_SCMP_ERROR else { throw .badProfile("“\(call)” is not a system call") }
            rules += alternatives.map { SeccompRule(call: call, number: number, action: action, comparisons: $0) }
        }
        return rules
    }

    private static func action(_ text: String) throws(JailError) -> Action {
        if text == "allow" { return .allow }
        guard let number = errnoNames[text] else {
            throw .badProfile("the action “\(text)” is neither “allow” nor a known errno")
        }
        return .errno(UInt16(number))
    }

    private static let errnoNames: [String: Int32] = [
        "EPERM": EPERM, "ENOENT": ENOENT, "EACCES": EACCES, "EAGAIN": EAGAIN, "EINVAL": EINVAL, "ENOTTY": ENOTTY,
        "ENOSYS": ENOSYS, "EOPNOTSUPP": EOPNOTSUPP, "EAFNOSUPPORT": EAFNOSUPPORT, "ECHILD": ECHILD,
        "ENOLCK": ENOLCK,
    ]

    private static func hexadecimal(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
    }
}
