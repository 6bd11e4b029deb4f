// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// What a program sees and is, inside.
@Suite struct InsideTests {
    private func inside(_ arguments: [String], _ profile: String = "strict") throws -> (JailReport, String) {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let jail = try launcher.launch(fixture.spec(arguments, profile: Fixture.profile(profile)))
        let report = try jail.wait()
        return (report, String(decoding: jail.output, as: UTF8.self))
    }

    @Test(arguments: ["strict", "executor"]) func identityIsNobodysAndPowerless(_ profile: String) throws {
        let (report, text) = try inside(["status"], profile)
        #expect(report.exit == 0)
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(text.contains("\(set):\t0000000000000000\n"))
        }
        #expect(text.contains("Uid:\t1000\t1000\t1000\t1000\n"))
        #expect(text.contains("Gid:\t1000\t1000\t1000\t1000\n"))
        #expect(text.contains("NoNewPrivs:\t1\n"))
        #expect(text.contains("Seccomp:\t2\n"))
        #expect(text.contains("core 1\n") || text.contains("core 0\n"))
        let control = try Fixture.shared.get().outside(["status"]).output
        #expect(control.contains("NoNewPrivs:\t0\n"))
        #expect(!control.contains("CapBnd:\t0000000000000000\n"))
    }

    @Test func everyNamespaceIsItsOwn() throws {
        let (_, text) = try inside(["namespaces"])
        let mine = text.split(separator: "\n")
        let host = try Fixture.shared.get().outside(["namespaces"]).output.split(separator: "\n")
        #expect(mine.count == 8 && host.count == 8)
        #expect(Set(mine).isDisjoint(with: host))
        // Control: two programs outside share all of theirs.
        #expect(try Fixture.shared.get().outside(["namespaces"]).output.split(separator: "\n") == host)
    }

    @Test func environmentIsEmptyUnlessGiven() throws {
        #expect(try inside(["environment"]).1.isEmpty)
        #expect(try Fixture.shared.get().outside(["environment"]).output.contains("PATH="))
        let fixture = try Fixture.shared.get()
        var spec = try fixture.spec(["environment"])
        spec.environment = ["B": "2", "A": "x=1"]
        let jail = try fixture.start().launch(spec)
        _ = try jail.wait()
        #expect(String(decoding: jail.output, as: UTF8.self) == "A=x=1\nB=2\n")
    }

    @Test func noDescriptorLeaks() throws {
        // A descriptor that a careless supervisor forgot to close: the control inherits it, the jail does not.
        // The next free number above, never a fixed one: other tests of this process have descriptors of their own.
        let usr = try Files.open("/usr", O_RDONLY)
        let leaked = fcntl(usr.raw, F_DUPFD, 77)
        defer { close(leaked) }
        #expect(try Fixture.shared.get().outside(["descriptors"]).output.contains(" \(leaked) "))
        #expect(try inside(["descriptors"]).1 == "0 1 2 \n")
        let fixture = try Fixture.shared.get()
        let jail = try fixture.start().launch(fixture.spec(["descriptors"]), channel: true)
        _ = try jail.wait()
        #expect(String(decoding: jail.output, as: UTF8.self) == "0 1 2 3 \n")
    }

    @Test(arguments: ["/etc", "/home", "/root", "/sys", "/var", "/run", "/proc/sys", "/proc/1", "/dev/tty", "/dev/shm"])
    func hostPathIsAbsent(_ path: String) throws {
        let (report, text) = try inside(["look", path])
        #expect(report.exit == 1)
        #expect(text == "\(ENOENT)\n")
        if path != "/dev/tty" { #expect(Files.exists(path), "the control is absent on this machine") }
    }

    @Test(arguments: ["/new", "/usr/new", "/dev/new", "/proc/new"]) func rootCannotBeWritten(_ path: String) throws {
        let (report, text) = try inside(["create", path])
        #expect(report.exit == 1)
        #expect(["\(EROFS)\n", "\(EACCES)\n", "\(ENOENT)\n"].contains(text))
    }

    @Test func temporaryDirectoryIsWritableAndNothingRunsFromIt() throws {
        #expect(try inside(["create", "/tmp/new"]).0.exit == 0)
        let (report, text) = try inside(["drop-and-run", "/tmp"])
        #expect(report.exit == 1)
        #expect(text == "\(EACCES)\n")
        let fixture = try Fixture.shared.get()
        #expect(try fixture.outside(["drop-and-run", fixture.directory]).code == 0)
    }

    @Test func temporaryDirectoryIsBounded() throws {
        let (report, text) = try inside(["fill", "/tmp/full"])
        #expect(report.exit == 1)
        #expect(text == "\(ENOSPC)\n")
        let fixture = try Fixture.shared.get()
        let roomy = try fixture.start().launch(fixture.spec(["fill", "/tmp/full"]) { $0.tmpfsBytes = 128 << 20 })
        #expect(try roomy.wait().exit == 0)
    }

    @Test func ownExecutableCannotBeOverwritten() throws {
        let (report, text) = try inside(["append", "/proc/self/exe"])
        #expect(report.exit == 1)
        #expect(["\(EROFS)\n", "\(ETXTBSY)\n", "\(EACCES)\n"].contains(text))
        // PID 1 is the launcher's own program: it is not even visible.
        #expect(try inside(["append", "/proc/1/exe"]).1 == "\(ENOENT)\n")
    }

    @Test func processesOutsideCannotBeSignalled() throws {
        #expect(try Fixture.shared.get().outside(["signal", "\(getpid())"]).code == 0)
        let (report, text) = try inside(["signal", "\(getpid())"])
        #expect(report.exit == 1)
        #expect(text == "\(ESRCH)\n" || text == "\(EPERM)\n")
        let (ended, _) = try inside(["kill-init"])
        #expect(ended.exit == 1 || ended.exit == 0, "the signal to PID 1 ended the jail")
    }

    @Test func writtenMemoryCannotBecomeCodeWhereTheProfileSaysSo() throws {
        #expect(try inside(["write-execute"], "strict").0.exit == 0)
        let (report, text) = try inside(["write-execute"], "executor")
        #expect(report.exit == 1)
        #expect(text == "\(EACCES)\n")
    }

    @Test func executorHasThreadsButNoChildren() throws {
        let (report, text) = try inside(["forks", "1"], "executor")
        #expect(report.exit == 1)
        #expect(text == "\(EPERM)\n")
        #expect(try inside(["forks", "1"], "strict").0.exit == 0)
    }
}
