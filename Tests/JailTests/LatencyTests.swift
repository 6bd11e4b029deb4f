// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Synchronization
import Testing

@testable import Jail

/// What one jail does to the others while it does its worst: the round trip of another jail's channel, and the launch of
/// another one. Quiet and loud moments take turns, and medians are compared, so that a machine that is busy with
/// something else is as busy in both.
@Suite(.serialized) struct LatencyTests {
    struct Bomb: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        var change: @Sendable (inout JailLimits) -> Void = { _ in }
        /// A supervisor that sends into a channel that is never read.
        var unread = false
        var testDescription: String { name }
    }

    static let bombs: [Bomb] = [
        Bomb(name: "fork bomb", arguments: ["fork-bomb"]),
        Bomb(name: "memory bomb", arguments: ["memory", "8589934592"]) { $0.memoryBytes = 256 << 20 },
        Bomb(name: "tmpfs fill", arguments: ["fill-for-ever"]),
        Bomb(name: "output flood", arguments: ["flood-for-ever"]) { $0.outputBytes = 1 << 40 },
        Bomb(name: "reader that never reads", arguments: ["hang"], unread: true),
    ]

    /// Twice the quiet median, and this much for the machine: a byte that has to wait for the scheduler's next turn, since the
    /// bomb has every processor.
    static let slack = (roundTrip: 4_000_000 as UInt64, launch: 15_000_000 as UInt64)

    @Test(arguments: bombs) func bombInOneJailLeavesTheOthersAlone(_ bomb: Bomb) throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let other = try launcher.launch(fixture.spec(["answer"]), channel: true)
        let short = try fixture.spec(["look", "/"])
        var quiet = Figures()
        var loud = Figures()
        for _ in 0..<5 {
            try quiet.take(other, launcher, short)
            let going = try Going(bomb, launcher, fixture)
            try loud.take(other, launcher, short)
            try going.stop()
        }
        print("latency: \(bomb.name): quiet \(quiet); with the bomb \(loud)")
        #expect(loud.roundTrip <= 2 * quiet.roundTrip + Self.slack.roundTrip)
        #expect(loud.launch <= 2 * quiet.launch + Self.slack.launch)
    }

    /// Nanoseconds.
    private struct Figures: CustomStringConvertible {
        private var roundTrips: [UInt64] = []
        private var launches: [UInt64] = []

        var roundTrip: UInt64 { roundTrips.sorted()[roundTrips.count / 2] }
        var launch: UInt64 { launches.sorted()[launches.count / 2] }
        var description: String {
            "\(roundTrip / 1000) us a round trip (\(roundTrips.count)), \(launch / 1000) us a launch to its end (\(launches.count))"
        }

        mutating func take(_ jail: RunningJail, _ launcher: Launcher, _ short: JailSpec) throws {
            for _ in 0..<20 { roundTrips.append(try Self.time { try Self.ask(jail) }) }
            for _ in 0..<8 {
                launches.append(
                    try Self.time {
                        guard try launcher.launch(short).wait().exit == 0 else { throw TestProblem("the short jail") }
                    })
            }
        }

        private static func ask(_ jail: RunningJail) throws {
            try Files.write([1], to: jail.channel, named: "channel")
            var byte: UInt8 = 0
            // SAFETY: one byte.
            guard unsafe read(jail.channel, &byte, 1) == 1 else { throw TestProblem("read \(errno)") }
        }

        private static func time(_ body: () throws -> Void) rethrows -> UInt64 {
            let taken = try ContinuousClock().measure(body)
            return UInt64(taken.components.seconds) * 1_000_000_000
                + UInt64(taken.components.attoseconds / 1_000_000_000)
        }
    }

    /// A bomb that is there until it is stopped: when a limit ends it, the next one starts.
    private final class Going: Sendable {
        private let stopping = Atomic(false)
        private let rounds = Atomic(0)
        private let bomb: Bomb
        private let launcher: Launcher
        private let fixture: Fixture
        private let thread = Mutex<pthread_t?>(nil)

        init(_ bomb: Bomb, _ launcher: Launcher, _ fixture: Fixture) throws {
            self.bomb = bomb
            self.launcher = launcher
            self.fixture = fixture
            var made = pthread_t()
            // SAFETY: the retained reference is taken over by the thread, which is joined in `stop`.
            let failure = unsafe pthread_create(
                &made, nil,
                { argument in
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Going>.fromOpaque(argument).takeRetainedValue().run()
                    }
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            guard failure == 0 else { throw TestProblem("pthread_create \(failure)") }
            thread.withLock { $0 = made }
            while rounds.load(ordering: .relaxed) == 0 { sched_yield() }
        }

        private func run() {
            while !stopping.load(ordering: .relaxed) {
                guard let spec = try? fixture.spec(bomb.arguments, change: bomb.change),
                    let jail = try? launcher.launch(spec, channel: bomb.unread)
                else { break }
                if bomb.unread { _ = fcntl(jail.channel, F_SETFL, O_NONBLOCK) }
                rounds.wrappingAdd(1, ordering: .relaxed)
                var one = pollfd(fd: jail.pidfd, events: Int16(POLLIN), revents: 0)
                let block = [UInt8](repeating: 0, count: 1 << 16)
                while !stopping.load(ordering: .relaxed) {
                    // SAFETY: a buffer of its own length.
                    if bomb.unread { _ = unsafe write(jail.channel, block, block.count) }
                    // SAFETY: one valid pollfd.
                    if unsafe poll(&one, 1, 2) != 0 { break }
                }
                jail.kill()
                _ = try? jail.wait()
            }
        }

        func stop() throws {
            stopping.store(true, ordering: .relaxed)
            if let made = thread.withLock({ $0 }) { _ = pthread_join(made, nil) }
            guard rounds.load(ordering: .relaxed) > 0 else { throw TestProblem("the bomb never was there") }
        }
    }
}
