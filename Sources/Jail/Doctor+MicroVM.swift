// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

extension Doctor {
    /// Whether policies that ask for the tier `microvm` can be served here: the parts, KVM, and a guest that starts.
    static func microVM(_ launcher: Launcher, _ profile: SeccompProfile) -> [DoctorReport.Check] {
        do throws(JailError) {
            let parts = try MicroVMParts.find()
            try parts.requireAccelerator()
            let begun = SystemClock.real.monotonic()
            let spec = JailSpec(profile: profile, argv: ["/usr/bin/true"], root: .system, output: .discard)
            let report = try launcher.launch(spec, tier: .microvm).wait()
            let milliseconds = (SystemClock.real.monotonic() - begun) / 1_000_000
            let good = report.cause == .exited && report.exit == 0
            let how =
                parts.accelerator == .kvm
                ? "" : "; EMULATED, for tests of this debug build: no boundary, and not offered"
            return [
                .init(
                    "microvm", good ? .enforced : .missing, required: false,
                    found: good
                        ? "/usr/bin/true ran in a guest with Linux \(parts.release) in \(milliseconds) ms\(how)"
                        : "/usr/bin/true in a guest ended by \(report.cause.rawValue)",
                    remedy: "report this with the output of `atomic doctor --json`")
            ]
        } catch {
            return [
                .init("microvm", .missing, required: false, found: error.message, remedy: error.remedy)
            ]
        }
    }
}
