// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Floors
internal import Glibc
internal import Jail

/// A started program answers on its channel: inside a jail, and the same program outside on a bare socket pair.
struct RoundTrip {
    let echo: String
    let rounds: Int
    private static let bytes = 64

    func measure(_ launcher: Launcher, _ report: inout Report) throws {
        let spec = JailSpec(
            profile: try SeccompProfile.find("strict"), argv: ["/echo"], root: .system,
            mounts: [JailMount(.host(echo), at: "/echo")], output: .discard)
        let jail = try launcher.launch(spec, channel: true)
        var bare: Int32 = -1
        var process: Int32 = 0
        // SAFETY: a NUL-terminated copy of the path for the call, and two results written before it returns.
        let failure = unsafe floor_echo_start(echo, &bare, &process)
        guard failure == 0 else { throw Trouble("\(echo): errno \(failure)") }
        defer { floor_echo_end(bare, process) }
        var ours: [Double] = []
        var theirs: [Double] = []
        for round in 0..<rounds + rounds / 20 {
            let (a, b) = (try once(jail.channel), try once(bare))
            if round >= rounds / 20 {
                ours.append(a)
                theirs.append(b)
            }
        }
        _ = shutdown(jail.channel, Int32(SHUT_RDWR))
        _ = try jail.wait()
        report.add(
            Row(
                "round trip to a started program, 64 bytes, us", ours: Samples(ours),
                peer: "the same program on a bare socket pair", version: "", theirs: Samples(theirs),
                target: .ratioAtMost(5)))
    }

    private func once(_ descriptor: Int32) throws -> Double {
        var nanoseconds: Int64 = 0
        // SAFETY: the result is written before it returns.
        let failure = unsafe floor_round_trip(descriptor, Self.bytes, &nanoseconds)
        guard failure == 0 else { throw Trouble("round trip: errno \(failure)") }
        return Double(nanoseconds) / 1000
    }
}
