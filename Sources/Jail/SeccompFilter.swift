// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CSeccomp
internal import Glibc

extension SeccompProfile {
    /// The BPF program: 8 bytes per instruction, native byte order (seccomp(2)).
    ///
    /// Compiled here, in the supervisor, so that nothing but a finished filter reaches the launcher. A foreign
    /// architecture (32-bit entry on x86-64) and x32 are killed; libseccomp adds both checks.
    /// - Throws: ``JailError`` `filter`.
    public func compile() throws(JailError) -> [UInt8] {
        if let prepared { return prepared }
        // SAFETY: the context is released once, below, on every way out.
        guard let context = unsafe seccomp_init(SeccompAction.killProcess) else {
            throw .badFilter(name, "seccomp_init", ENOMEM)
        }
        // SAFETY: as above.
        defer { unsafe seccomp_release(context) }
        func check(_ result: Int32, _ step: String) throws(JailError) {
            guard result == 0 else { throw .badFilter(name, step, -result) }
        }
        // SAFETY: all calls use the live context; libseccomp copies what it is given.
        try check(
            unsafe seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SeccompAction.killProcess), "bad architecture")
        // A binary tree of calls: a long list costs every call of the program otherwise.
        unsafe try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize")
        for rule in rules {
            let action =
                switch rule.action {
                case .allow: SeccompAction.allow
                case .errno(let number): SeccompAction.errno(number)
                }
            let comparisons = rule.comparisons.map {
                scmp_arg_cmp(arg: $0.argument, op: SCMP_CMP_MASKED_EQ, datum_a: $0.mask, datum_b: $0.value)
            }
            // SAFETY: the array is valid for its own count during the call.
            let added = unsafe comparisons.withUnsafeBufferPointer { buffer in
                unsafe seccomp_rule_add_array(
                    context, action, rule.number, UInt32(buffer.count), buffer.baseAddress)
            }
            try check(added, "rule for \(rule.call)")
        }
        let memory = try MemoryFile(name: "atomic-filter")
        // SAFETY: the descriptor is open during the call.
        try check(unsafe seccomp_export_bpf(context, memory.descriptor.raw), "export")
        return try memory.contents()
    }
}

/// Return values of a filter (linux/seccomp.h); libseccomp has them as macros that Swift does not import.
enum SeccompAction {
    static let killProcess: UInt32 = 0x8000_0000
    static let allow: UInt32 = 0x7fff_0000
    static func errno(_ number: UInt16) -> UInt32 { 0x0005_0000 | UInt32(number) }
}

extension JailError {
    static func badFilter(_ profile: String, _ step: String, _ number: Int32) -> JailError {
        JailError(
            .filter, "libseccomp refused the profile “\(profile)” at \(step): \(ErrorText.of(number))",
            remedy: "correct that line of the profile")
    }
}
