// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Sealing
import Testing

@testable import Executors

/// Mail that is no part of the project.
enum RealMail {
    static let directory =
        "\(environment("ATOMIC_SHARED") ?? "\(ExecutorFixture.package)/../shared")/data/email"
    static let isHere = Files.isDirectory("\(directory)/ham") && Files.isDirectory("\(directory)/spam")
    static let stride = environment("ATOMIC_MAIL_STRIDE").flatMap(Int.init) ?? 10

    private static func environment(_ name: String) -> String? {
        // SAFETY: getenv returns nil or a NUL-terminated string that is copied at once; nothing sets the environment.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}

/// Both rivals on real mail that neither was trained on: every message gets an answer, and the answers are worth
/// something. The corpus is no part of the project; it is looked for in `$ATOMIC_SHARED`, else in `../shared`.
/// `ATOMIC_MAIL_STRIDE` (default 10) takes every n-th message.
@Suite(
    .serialized,
    .enabled(
        if: ExecutorFixture.hasDemoModels && RealMail.isHere,
        "needs .demo/models (run scripts/make-demo-models) and data/email in $ATOMIC_SHARED or ../shared"))
struct RealMailTests {
    struct Floor: Sendable {
        let model: String
        /// Least share of right verdicts; measured on all 1,924 messages it is 0.88 and 0.90.
        let accuracy: Double
    }

    @Test(arguments: [Floor(model: "bogofilter", accuracy: 0.80), Floor(model: "naive-bayes", accuracy: 0.82)])
    func aRivalAnswersEveryMessageAndIsMostlyRight(floor: Floor) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let room = try fixture.room()
        defer { FileTree.remove(room) }
        let model = try ModelRegistry.add(
            bundle: "\(ExecutorFixture.demoModels)/\(floor.model)", into: room, launcher: launcher,
            profiles: ExecutorFixture.profiles
        ).model
        let image = try model.stage(with: launcher)
        var session: ExecutorSession?
        var right = 0
        var count = 0
        var falseAlarms = 0
        var latencies: [UInt64] = []
        for (kind, spam) in [("ham", false), ("spam", true)] {
            let names = try Files.list("\(RealMail.directory)/\(kind)")
            for name in Swift.stride(from: 0, to: names.count, by: RealMail.stride).map({ names[$0] }) {
                let bytes = try Files.read("\(RealMail.directory)/\(kind)/\(name)")
                let memory = try SealedMemory(copying: SecretBytes(copying: bytes))
                if session == nil || model.manifest.protocol == .oneshot {
                    try session?.end()
                    session = try ExecutorSession(
                        model, image: image, launcher: launcher, profiles: ExecutorFixture.profiles)
                    try session?.start()
                }
                let result = try #require(
                    try session?.execute(id: name, input: memory.fd.raw, schema: .object([:])), "\(name)")
                let verdict: Bool = try #require(result.value["spam"]?.boolValue as Bool?)
                right += verdict == spam ? 1 : 0
                falseAlarms += verdict && !spam ? 1 : 0
                count += 1
                latencies.append(result.latencyNs)
            }
        }
        try session?.end()
        latencies.sort()
        let accuracy = Double(right) / Double(count)
        print(
            "\(floor.model): \(right) of \(count) right (\(accuracy)), \(falseAlarms) false alarms; latency p50 "
                + "\(latencies[count / 2] / 1000) us, p99 \(latencies[count * 99 / 100] / 1000) us")
        #expect(count > 0 && accuracy >= floor.accuracy)
    }
}
