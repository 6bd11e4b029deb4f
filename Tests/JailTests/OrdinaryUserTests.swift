// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// The same jail for a caller who is not root: a user namespace, rlimits, and the launcher's own eyes on usage.
@Suite(.enabled(if: geteuid() == 0, "only root can start a launcher as somebody else"))
struct OrdinaryUserTests {
    private func start() throws -> (Fixture, Launcher) {
        let fixture = try Fixture.shared.get()
        return (fixture, try Launcher.start(executable: fixture.asNobody, binds: .caller))
    }

    @Test func jailIsBuiltAndTheReportSaysWhatHoldsItsLimits() throws {
        let (fixture, launcher) = try start()
        #expect(!launcher.machine.ownUid)
        #expect(launcher.machine.limits == .rlimit)
        let jail = try launcher.launch(fixture.spec(["status"]))
        let report = try jail.wait()
        #expect(report.exit == 0)
        #expect(report.limits == .rlimit)
        #expect(report.measurement.of.uid == "caller")
        let text = String(decoding: jail.output, as: UTF8.self)
        #expect(text.contains("CapBnd:\t0000000000000000\n"))
        #expect(text.contains("Uid:\t1000\t1000\t1000\t1000\n"))
        #expect(text.contains("NoNewPrivs:\t1\n"))
    }

    @Test func hostIsAbsent() throws {
        let (fixture, launcher) = try start()
        for path in ["/etc", "/sys", "/proc/1", "/home"] {
            #expect(try launcher.launch(fixture.spec(["look", path])).wait().exit == 1)
        }
        #expect(try launcher.launch(fixture.spec(["socket-vsock"])).wait().cause == .syscall)
        #expect(try launcher.launch(fixture.spec(["create", "/usr/new"])).wait().exit == 1)
        #expect(try launcher.launch(fixture.spec(["create", "/tmp/new"])).wait().exit == 0)
    }

    @Test func limitsHaveTheirNames() throws {
        let (fixture, launcher) = try start()
        func cause(_ arguments: [String], _ change: (inout JailLimits) -> Void) throws -> JailCause {
            try launcher.launch(fixture.spec(arguments, change: change)).wait().cause
        }
        #expect(try cause(["fork-bomb"]) { $0.pids = 20 } == .pidsLimit)
        #expect(try cause(["spin-twice"]) { $0.cpuSeconds = 1 } == .cpuLimit)
        #expect(try cause(["hang"]) { $0.wallNs = 100_000_000 } == .wallLimit)
        #expect(try cause(["big-file", "65536"]) { $0.fileBytes = 8192 } == .fileLimit)
        #expect(try cause(["memory", "100000000"]) { $0.memoryBytes = 64 << 20 } == .memoryLimit)
        #expect(try cause(["memory", "1048576"]) { $0.memoryBytes = 64 << 20 } == .exited)
    }

    @Test func imagesWorkToo() throws {
        let (fixture, launcher) = try start()
        let bytes = try Files.read(fixture.victim)
        let image = try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 16) { directory in
            // Files of an ordinary user's image are that user's; this process is root.
            let inherited = dup(directory)
            defer { close(inherited) }
            try Fixture.run([
                "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/bin/cp",
                fixture.victim, "/proc/self/fd/\(inherited)/victim",
            ])
        }
        var spec = try fixture.spec(["status"])
        spec.root = .image(image)
        spec.mounts = []
        #expect(try launcher.launch(spec).wait().exit == 0)
    }
}
