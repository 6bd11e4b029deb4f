// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// Every call that a model has no business making: outside it works (the control), inside the program dies or gets an
/// errno, and with that one call allowed in the filter it is not the filter that stops it.
@Suite struct DeniedCallTests {
    /// A victim, how it ends inside, and the calls whose rule is its protection.
    struct Probe: Sendable, CustomTestStringConvertible {
        let name: String
        let inside: Ending
        var calls: [String]
        /// Prefix of the control, so that it does not change the machine it runs on.
        var under: [String] = []
        var controlArgument: [String] = []

        enum Ending: Sendable, Equatable { case killed, errno(Int32) }
        var testDescription: String { name }
    }

    static let probes: [Probe] = [
        .init(name: "socket-unix", inside: .errno(EAFNOSUPPORT), calls: ["socket"]),
        .init(name: "socket-inet", inside: .errno(EAFNOSUPPORT), calls: ["socket"]),
        .init(name: "socket-inet6", inside: .errno(EAFNOSUPPORT), calls: ["socket"]),
        .init(name: "socket-netlink", inside: .errno(EAFNOSUPPORT), calls: ["socket"]),
        .init(name: "socket-packet", inside: .killed, calls: ["socket"]),
        .init(name: "socket-vsock", inside: .killed, calls: ["socket"]),
        .init(name: "io-uring", inside: .killed, calls: ["io_uring_setup"]),
        .init(name: "userfaultfd", inside: .killed, calls: ["userfaultfd"]),
        .init(name: "bpf", inside: .killed, calls: ["bpf"]),
        .init(name: "perf", inside: .killed, calls: ["perf_event_open"]),
        .init(name: "keyctl", inside: .killed, calls: ["keyctl"]),
        .init(name: "fanotify", inside: .killed, calls: ["fanotify_init"]),
        .init(name: "adjtimex", inside: .killed, calls: ["adjtimex", "clock_adjtime"]),
        .init(name: "personality", inside: .killed, calls: ["personality"]),
        .init(name: "tiocsti", inside: .killed, calls: ["ioctl"]),
        .init(name: "tiocsti-high-bits", inside: .killed, calls: ["ioctl"]),
        .init(name: "unshare-user", inside: .killed, calls: ["unshare"]),
        .init(name: "unshare-mount", inside: .killed, calls: ["unshare"]),
        .init(name: "clone-user", inside: .killed, calls: ["clone"]),
        .init(name: "clone3", inside: .errno(ENOSYS), calls: ["clone3"]),
        .init(name: "mount", inside: .killed, calls: ["mount"], under: ["/usr/bin/unshare", "-m"]),
        .init(
            name: "umount", inside: .killed, calls: ["umount2"],
            under: [
                "/usr/bin/unshare", "-m", "/bin/sh", "-c",
                "mount -t tmpfs none /mnt && exec \"$0\" \"$@\"",
            ], controlArgument: ["/mnt"]),
        .init(name: "fsopen", inside: .killed, calls: ["fsopen"]),
        .init(name: "open-tree", inside: .killed, calls: ["open_tree"]),
        .init(name: "setns", inside: .killed, calls: ["setns"]),
        .init(name: "chroot", inside: .killed, calls: ["chroot"]),
        .init(name: "ptrace", inside: .killed, calls: ["ptrace"]),
        .init(name: "process-vm", inside: .killed, calls: ["process_vm_readv"]),
        .init(name: "kcmp", inside: .killed, calls: ["kcmp"]),
        .init(name: "open-by-handle", inside: .killed, calls: ["open_by_handle_at", "name_to_handle_at"]),
    ]

    @Test(arguments: probes) func forbiddenCallWorksOutsideAndNotInside(_ probe: Probe) throws {
        let fixture = try Fixture.shared.get()
        let control = try fixture.outside([probe.name] + probe.controlArgument, under: probe.under)
        #expect(control.code == 0, "the control did not work: \(control.output)")

        let launcher = try fixture.start()
        let jail = try launcher.launch(fixture.spec([probe.name]))
        let report = try jail.wait()
        switch probe.inside {
        case .killed:
            #expect(report.cause == .syscall)
            #expect(report.signal == SIGSYS)
        case .errno(let number):
            #expect(report.cause == .exited)
            #expect(report.exit == 1)
            #expect(String(decoding: jail.output, as: UTF8.self) == "\(number)\n")
        }

        // With this one rule off the filter lets it pass: what stopped it above was the rule.
        let open = try launcher.launch(
            fixture.spec([probe.name], profile: Fixture.strict(allowing: probe.calls)))
        let opened = try open.wait()
        #expect(opened.cause != .syscall)
        if case .errno(let number) = probe.inside {
            #expect(opened.exit == 0 || String(decoding: open.output, as: UTF8.self) != "\(number)\n")
        }
    }

    #if arch(x86_64)
        @Test(arguments: ["i386", "x32"]) func foreignEntryKills(_ name: String) throws {
            let fixture = try Fixture.shared.get()
            let control = try fixture.outside([name])
            #expect(control.code == 0, "this kernel has no such entry: the test shows nothing here")
            let report = try fixture.start().launch(fixture.spec([name])).wait()
            #expect(report.cause == .syscall)
        }
    #endif

    @Test func namespacesHoldEvenWithoutTheFilter() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        // A user namespace of its own would give capabilities back; Landlock and the mount namespace's owner still stand.
        for name in ["mount", "umount", "fsopen", "chroot", "setns", "open-by-handle", "bpf"] {
            let all = [
                "mount", "umount2", "fsopen", "chroot", "setns", "open_by_handle_at", "name_to_handle_at", "bpf",
            ]
            let report = try launcher.launch(fixture.spec([name], profile: Fixture.strict(allowing: all))).wait()
            #expect(report.exit == 1, "\(name) worked without the filter")
        }
    }

    @Test func abstractSocketOfTheHostIsOutOfReachEvenWithSockets() throws {
        let fixture = try Fixture.shared.get()
        let name = "atomic-test-\(Hex.encode(RandomBytes.make(8)))"
        let listener = try Self.listen(abstract: name)
        defer { close(listener) }
        #expect(try fixture.outside(["abstract-socket", name]).code == 0)
        let launcher = try fixture.start()
        let profile = try Fixture.strict(allowing: ["socket", "connect"])
        let jail = try launcher.launch(fixture.spec(["abstract-socket", name], profile: profile))
        #expect(try jail.wait().exit == 1)
        let number = String(decoding: jail.output, as: UTF8.self)
        // The network namespace says that there is nobody, or Landlock's scope that it is not allowed.
        #expect(number == "\(ECONNREFUSED)\n" || number == "\(EPERM)\n")
    }

    static func listen(abstract name: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = [0] + Array(name.utf8)
        // SAFETY: the name is shorter than the 108 bytes of sun_path.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        // SAFETY: the address is a valid sockaddr_un of at least `length` bytes.
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        guard bound == 0, Glibc.listen(descriptor, 4) == 0 else { throw TestProblem("listen: \(errno)") }
        return descriptor
    }
}
