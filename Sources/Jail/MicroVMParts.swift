// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc

/// The parts of a microvm, as `scripts/make-microvm` put them together: a kernel, an initial file system with the guest's
/// first process, and the list of the files of this machine that the monitor (QEMU) runs from.
struct MicroVMParts: Sendable {
    /// What executes the guest.
    enum Accelerator: String, Sendable {
        case kvm
        /// QEMU emulates a processor: for tests on machines without hardware virtualization, in debug builds only.
        /// What it gives is called `microvm-emulated` everywhere.
        case emulated
    }

    let directory: String
    let accelerator: Accelerator
    /// Absolute paths, each to be found in the monitor's jail under the same name.
    let files: [String]
    /// The kernel's release, for people.
    let release: String

    static let monitor = "/usr/bin/qemu-system-x86_64"

    var tier: String { accelerator == .kvm ? "microvm" : "microvm-emulated" }

    /// - Parameter directory: by default `microvm` beside the running executable, then `/usr/libexec/atomic/microvm`.
    /// - Throws: ``JailError`` `microvm-missing`, with what to install.
    static func find(directory: String? = nil) throws(JailError) -> MicroVMParts {
        let places = ["\(Files.parent(of: Executable.path))/microvm", "/usr/libexec/atomic/microvm"]
        guard let found = directory ?? places.first(where: { Files.exists("\($0)/kernel") }) else {
            throw .microVMMissing(
                "the kernel of the tier microvm is neither in \(places.joined(separator: " nor in "))")
        }
        for name in ["kernel", "initrd", "files", "release"] where !Executable.isTrusted("\(found)/\(name)") {
            throw .microVMMissing("\(found)/\(name) is missing, or somebody else than root or this user may write it")
        }
        guard Files.exists(monitor) else { throw .microVMMissing("QEMU is missing: there is no \(monitor)") }
        let files = try lines(of: "\(found)/files")
        for path in files where !path.hasPrefix("/") || !Files.exists(path) {
            throw .microVMMissing("\(path), which QEMU needs, is missing")
        }
        var accelerator = Accelerator.kvm
        #if DEBUG
            if Files.exists("\(found)/emulated") { accelerator = .emulated }
        #endif
        return MicroVMParts(
            directory: found, accelerator: accelerator, files: files,
            release: try lines(of: "\(found)/release").first ?? "unknown")
    }

    /// Whether a guest can be executed here.
    /// - Throws: ``JailError`` `microvm-kvm`.
    func requireAccelerator() throws(JailError) {
        guard accelerator == .kvm else { return }
        guard Files.exists("/dev/kvm") else {
            throw .noKVM(
                "there is no /dev/kvm", remedy: "load kvm_intel or kvm_amd; in a virtual machine, allow it nested ones")
        }
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe access("/dev/kvm", R_OK | W_OK) == 0 else {
            throw .noKVM(
                "this user may not open /dev/kvm", remedy: "join the group of /dev/kvm (Debian: adduser USER kvm)")
        }
        // Without hardware virtualization a KVM executes an ordinary kernel instruction by instruction, and its guest
        // needs minutes for what takes a moment: that is no tier to offer.
        let facts = (try? Files.read("/proc/cpuinfo", limit: 1 << 20)) ?? []
        let flags = String(decoding: facts, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
        guard flags.split(separator: " ").contains(where: { $0 == "vmx" || $0 == "svm" }) else {
            throw .noKVM(
                "the processor shows neither vmx nor svm, so this KVM has no hardware to execute a guest's kernel with",
                remedy:
                    "use a machine with VT-x or AMD-V; in a virtual machine, have its host allow nested virtualization")
        }
    }

    private static func lines(of path: String) throws(JailError) -> [String] {
        do {
            return String(decoding: try Files.read(path, limit: 1 << 16), as: UTF8.self).split(separator: "\n").map(
                String.init)
        } catch {
            throw .microVMMissing(error.message)
        }
    }
}

extension JailError.Code {
    /// QEMU, the kernel or another part of the tier `microvm` is not there.
    public static var microVMMissing: Self { "microvm-missing" }
    /// This machine cannot execute a guest.
    public static var microVMKVM: Self { "microvm-kvm" }
    /// The guest did not come up.
    public static var microVMStart: Self { "microvm-start" }
}

extension JailError {
    static func microVMMissing(_ message: String) -> JailError {
        JailError(
            .microVMMissing, message,
            remedy: "apt-get install --no-install-recommends qemu-system-x86, then run scripts/make-microvm DIRECTORY")
    }

    static func noKVM(_ message: String, remedy: String) -> JailError {
        JailError(.microVMKVM, "the tier microvm needs KVM: \(message)", remedy: remedy)
    }
}
