// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// What cannot be built is named by its stage, ends with exit code 5, and runs nothing.
@Suite struct RefusalTests {
    @Test func failingStageIsNamedAndNothingRuns() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let open = "\(fixture.directory)/open-\(Hex.encode(RandomBytes.make(4)))"
        try Files.createDirectory(open)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        #expect(unsafe chmod(open, 0o777) == 0)
        let writable = JailMount(.host(open), at: "/open", readOnly: false)
        func expect(_ stage: JailError.Code, _ change: (inout JailSpec) -> Void) throws {
            var spec = try fixture.spec(["create", "/open/ran"], mounts: [writable])
            change(&spec)
            #expect(throws: JailError(stage, "", remedy: "")) { try launcher.launch(spec) }
            #expect(try Files.list(open).isEmpty, "\(stage) failed, and yet something ran")
        }
        try expect("mount-source") { $0.mounts.append(JailMount(.host("/no/such/thing"), at: "/x")) }
        try expect("mount-source") { $0.mounts.append(JailMount(.host("/proc"), at: "/x")) }
        try expect("mount-source") { $0.mounts.append(JailMount(.host("/"), at: "/x")) }
        try expect("mount-source") { $0.mounts.append(JailMount(.host("/sys/fs/cgroup"), at: "/x")) }
        try expect("mount-source") { $0.mounts.append(JailMount(.host("/tmp/../etc"), at: "/x")) }
        try expect("mount-target") { $0.mounts.append(JailMount(.host("/etc"), at: "/proc/x")) }
        try expect("mount-target") { $0.mounts.append(JailMount(.host("/etc"), at: "/a/../b")) }
        try expect("mount-target") { $0.mounts.append(JailMount(.host("/etc"), at: "/usr/no-such-directory")) }
        try expect("mount-target") { $0.mounts.append(JailMount(.host("/etc"), at: "/bin")) }
        try expect("working-directory") { $0.workingDirectory = "/nowhere" }
        try expect("exec") { $0.argv[0] = "/nowhere" }
        try expect("exec") { $0.argv[0] = "/open" }
        try expect("image") { $0.root = .image(ImageHandle(digest: Digest.sha256([]), number: 42)) }
        try expect("specification") { $0.argv = [] }
        try expect("specification") { $0.argv.append("a\0b") }
        try expect("request") { $0.limits.pids = 0 }
        try expect("request") { $0.environment = ["": "x"] }
        // Control: without any of these it runs.
        #expect(try launcher.launch(fixture.spec(["create", "/open/ran"], mounts: [writable])).wait().exit == 0)
        #expect(try Files.list(open) == ["ran"])
    }

    @Test func errorsOfTheJailAreExitFive() throws {
        let fixture = try Fixture.shared.get()
        var spec = try fixture.spec([])
        spec.argv = ["/nowhere"]
        do {
            _ = try fixture.start().launch(spec)
            Issue.record("a program that does not exist was started")
        } catch let error as JailError {
            #expect(error.exit == .jail)
            #expect(error.message.contains("exec"))
            #expect(error.message.contains("/nowhere"))
            #expect(error.message.contains("errno 2"))
        }
    }

    @Test func writableBindIsWritableAndReadOnlyBindIsNot() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let shared = "\(fixture.directory)/shared-\(Hex.encode(RandomBytes.make(4)))"
        try Files.createDirectory(shared)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        #expect(unsafe chmod(shared, 0o777) == 0)
        func create(_ readOnly: Bool) throws -> Int32? {
            let mount = JailMount(.host(shared), at: "/shared/deep", readOnly: readOnly)
            return try launcher.launch(fixture.spec(["create", "/shared/deep/x"], mounts: [mount])).wait().exit
        }
        #expect(try create(true) == 1)
        #expect(try create(false) == 0)
    }

    @Test func missingLauncherIsNamed() {
        #expect(throws: JailError(.launcherMissing, "", remedy: "")) {
            try Launcher.start(executable: "/nowhere/atomic-launcher")
        }
    }
}
