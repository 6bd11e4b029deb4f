// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// One way out, and every wall that stands in it.
struct Attack: Sendable, CustomTestStringConvertible {
    /// What an ordinary user's jail can be compared with.
    enum Ordinary: Sendable {
        /// The attack works when the walls are gone.
        case same
        /// The kernel refuses it to this user with or without a jail, so there is no wall to take away: the test asserts that.
        case refusedByTheKernel
    }

    let name: String
    /// Each of these alone is enough: names of `walls.h`, which stand or fall together where there are several in one.
    let walls: [[String]]
    /// Gone in every control, because a launcher without the walls above cannot build a jail with them.
    var alsoGone: [String] = []
    var ordinary: Ordinary = .same
    /// Whether the launchers that lack walls prepare one jail only, as `atomic jail` does, which is quicker; the shipped one is
    /// always tried as a daemon has it.
    var once = true
    /// Whether the attack succeeded.
    let works: @Sendable (Scene) throws -> Bool

    var testDescription: String { name }

    /// What is a wall for this caller. An ordinary user's jails have that user's uid: what a report says as `caller`.
    func standing(ownUid: Bool) -> [[String]] { ownUid ? walls : walls.filter { $0 != ["OWN_UID"] } }

    /// A victim of `Tests/JailVictims`: it ends with 0 when it got what it wanted.
    static func victim(
        _ arguments: String..., walls: [[String]], alsoGone: [String] = [], ordinary: Ordinary = .same,
        profile: String = "strict"
    ) -> Attack {
        Attack(name: arguments.joined(separator: " "), walls: walls, alsoGone: alsoGone, ordinary: ordinary) { scene in
            try scene.succeeds(arguments, profile: Fixture.profile(profile))
        }
    }

    /// Everything that keeps root's power from a program. Each one is enough.
    static let powerless = [["USER_NAMESPACE"], ["OWN_UID"], ["BOUNDING_SET"], ["SECUREBITS"], ["CAPABILITIES"]]
    /// The same as one wall, where it is not the point.
    static let powers = powerless.flatMap { $0 } + ["LAUNCHER_CAPABILITIES"]
    static let landlock = ["LANDLOCK_FILES", "LANDLOCK_NETWORK", "LANDLOCK_SCOPE"]
    /// Without `no_new_privs` nobody but root installs a filter or a Landlock domain.
    static let needNoNewPrivileges = ["FILTER", "FILTER_INIT"] + landlock
}

/// A launcher, and what attacks do with it.
struct Scene {
    let fixture: Fixture
    let launcher: Launcher
    /// The file that the launcher was started from.
    let executable: String

    init(without walls: Set<String>, fixture: Fixture, once: Bool = false) throws {
        try self.init(executable: fixture.launcher(without: walls), fixture: fixture, once: once)
    }

    init(executable: String, fixture: Fixture, once: Bool = false) throws {
        self.fixture = fixture
        self.executable = executable
        launcher = try Launcher.start(executable: executable, binds: .caller, once: once)
    }

    func succeeds(
        _ arguments: [String], profile: SeccompProfile? = nil, mounts: [JailMount] = [],
        change: (inout JailLimits) -> Void = { _ in }
    ) throws -> Bool {
        let report = try launcher.launch(
            fixture.spec(arguments, profile: profile, mounts: mounts, change: change)
        ).wait()
        // A name that is no probe must not look like a wall.
        if report.exit == 99 { throw TestProblem("\(arguments) is not a probe") }
        return report.exit == 0
    }

    func output(_ arguments: [String], change: (inout JailLimits) -> Void = { _ in }) throws -> String {
        let jail = try launcher.launch(fixture.spec(arguments, change: change))
        let report = try jail.wait()
        guard report.exit == 0 else { throw TestProblem("\(arguments) ended with \(report.cause)") }
        return String(decoding: jail.output, as: UTF8.self)
    }

    /// A victim that stays, and has said that it does.
    func staying(_ arguments: [String], mounts: [JailMount] = []) throws -> RunningJail? {
        let ready = try DescriptorSocket.pipe()
        var spec = try fixture.spec(arguments, mounts: mounts)
        spec.output = .relay(output: ready.second.raw, error: ready.second.raw)
        let jail = try launcher.launch(spec)
        var said = [UInt8](repeating: 0, count: 16)
        var waiting = [
            pollfd(fd: ready.first.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: jail.pidfd, events: Int16(POLLIN), revents: 0),
        ]
        // SAFETY: two valid pollfds, and a buffer of its own length.
        let got =
            unsafe poll(&waiting, 2, 10_000) > 0 && waiting[0].revents != 0
            ? unsafe read(ready.first.raw, &said, said.count) : 0
        return got > 0 && String(decoding: said.prefix(got), as: UTF8.self) == "ready\n" ? jail : nil
    }

    /// The host's number of a jail's PID 1.
    func pid(of jail: RunningJail) throws -> Int32 {
        let text = String(decoding: try Files.read("/proc/self/fdinfo/\(jail.pidfd)"), as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Pid:") }),
            let pid = Int32(line.dropFirst(4).filter { !$0.isWhitespace })
        else { throw TestProblem("no pid in fdinfo") }
        return pid
    }

    /// The host's number of the program in it.
    func program(of jail: RunningJail) throws -> Int32 {
        let pid = try pid(of: jail)
        let text = String(decoding: try Files.read("/proc/\(pid)/task/\(pid)/children"), as: UTF8.self)
        guard let first = text.split(separator: " ").first, let child = Int32(first) else {
            throw TestProblem("PID 1 has no child")
        }
        return child
    }

    /// One line of `/proc/PID/status`.
    func status(_ pid: Int32, _ key: String) throws -> String? {
        String(decoding: try Files.read("/proc/\(pid)/status"), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(key + ":") }.map { String($0.dropFirst(key.count + 1).filter { !$0.isWhitespace }) }
    }

    /// A directory of the host that everybody may write.
    func openDirectory() throws -> String {
        let path = "\(fixture.directory)/open-\(Hex.encode(RandomBytes.make(6)))"
        try Files.createDirectory(path)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe chmod(path, 0o777) == 0 else { throw TestProblem("chmod \(errno)") }
        return path
    }
}

/// The escape suite: no attack works, each of its walls stops it alone, and without all of them it does work.
///
/// One after the other: each starts several launchers, and each of those makes jails in advance.
@Suite(.serialized) struct EscapeTests {
    static let attacks =
        fileAttacks + processAttacks + kernelAttacks + networkAttacks + privilegeAttacks + meetingAttacks
        + stateAttacks + limitAttacks

    @Test(arguments: attacks) func attackFailsUnlessEveryWallIsGone(_ attack: Attack) throws {
        let fixture = try Fixture.shared.get()
        let real = try Scene(without: [], fixture: fixture)
        #expect(try !attack.works(real), "it works in the jail as it is shipped")

        let walls = attack.standing(ownUid: real.launcher.machine.ownUid)
        var all = Set(walls.joined()).union(attack.alsoGone)
        // Root may map itself into a user namespace only with a capability that the launcher has given up.
        if all.contains("OWN_UID") { all.insert("LAUNCHER_CAPABILITIES") }
        let opened = try attack.works(Scene(without: all, fixture: fixture, once: attack.once))
        if !real.launcher.machine.ownUid, case .refusedByTheKernel = attack.ordinary {
            #expect(!opened, "an ordinary user may do this after all: give the test its control")
            return
        }
        #expect(opened, "the control failed: the walls may be others, and the test shows nothing")
        guard walls.count > 1 else { return }
        for wall in walls {
            let alone = try attack.works(
                Scene(without: all.subtracting(wall), fixture: fixture, once: attack.once))
            #expect(!alone, "\(wall.joined(separator: " and ")) alone does not stop it")
        }
    }

    /// Every wall of `walls.h` is in some attack: a new one cannot come without its test.
    @Test func everyWallHasAnAttack() throws {
        let header = String(
            decoding: try Files.read("\(Fixture.package)/Sources/atomic-launcher/walls.h"), as: UTF8.self)
        let named = Set(
            header.split(whereSeparator: { !($0.isLetter && $0.isUppercase) && $0 != "_" }).filter {
                $0.hasPrefix("WALL_")
            }
            .map { String($0.dropFirst(5)) })
        #expect(named.count > 40)
        let tested = Set(Self.attacks.flatMap { $0.walls.joined() }).union(WallTests.tested)
        #expect(named.subtracting(tested).isEmpty)
        #expect(tested.subtracting(named).isEmpty)
    }
}
