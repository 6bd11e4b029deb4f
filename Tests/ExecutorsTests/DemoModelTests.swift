// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Sealing
import Testing

@testable import Executors

/// The real models, as `scripts/make-demo-models` leaves them in `.demo/models`. Skipped, with that as the reason, where
/// it has not been run: installing scikit-learn needs the network, and a test must not.
@Suite(
    .serialized,
    .enabled(if: ExecutorFixture.hasDemoModels, "no .demo/models: run scripts/make-demo-models first"))
struct DemoModelTests {
    private func add(_ name: String, _ room: String, _ launcher: Launcher) throws -> ModelRegistry.Added {
        try ModelRegistry.add(
            bundle: "\(ExecutorFixture.demoModels)/\(name)", into: room, launcher: launcher,
            profiles: ExecutorFixture.profiles)
    }

    @Test(arguments: ["bogofilter", "cloud-oracle", "naive-bayes"])
    func aDemoModelIsRegisteredAndKnowsSpamFromMail(name: String) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let room = try fixture.room()
        defer { FileTree.remove(room) }
        let began = SystemClock.real.monotonic()
        let added = try add(name, room, launcher)
        let registered = SystemClock.real.monotonic()
        #expect(added.samples == 2 && added.isNew)
        let image = try added.model.stage(with: launcher)
        let staged = SystemClock.real.monotonic()

        var verdicts: [JSONValue?] = []
        var session: ExecutorSession?
        for sample in ["ham", "spam"] {
            let bytes = try Files.read("\(ExecutorFixture.demoModels)/\(name)/sample/\(sample).eml")
            let memory = try SealedMemory(copying: SecretBytes(copying: bytes))
            if session == nil || added.model.manifest.protocol == .oneshot {
                try session?.end()
                session = try ExecutorSession(
                    added.model, image: image, launcher: launcher, profiles: ExecutorFixture.profiles)
                try session?.start()
            }
            let result = try session?.execute(id: sample, input: memory.fd.raw, schema: .object([:]))
            let value = try #require(result?.value)
            #expect((0...1).contains(try #require(value["confidence"].flatMap(Self.number))))
            verdicts.append(value["spam"])
        }
        let done = SystemClock.real.monotonic()
        let report = try #require(try session?.end())
        #expect(report.cause == .exited)
        if name != "cloud-oracle" { #expect(verdicts == [.bool(false), .bool(true)]) }
        print(
            "\(name): \(added.model.imageFiles) files, \(added.model.imageBytes >> 20) MiB; add "
                + "\((registered - began) / 1_000_000) ms, stage \((staged - registered) / 1_000_000) ms, start and two "
                + "calls \((done - staged) / 1_000_000) ms, peak \(report.accounting.peakBytes >> 20) MiB")
    }

    /// Python's byte code is made anew each time; only what does not vary may be in it.
    @Test func aPythonImageIsTheSameBytesWhereverItIsMade() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let rooms = [try fixture.room(), try fixture.room()]
        defer { rooms.forEach(FileTree.remove) }
        let models = try rooms.map { try add("cloud-oracle", $0, launcher).model }
        #expect(models[0].digest == models[1].digest)
        #expect(try models[0].imageList().files.contains { $0.path.hasSuffix(".pyc") })
    }

    @Test func theBidderOfNaiveBayesBidsFromMetadata() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let room = try fixture.room()
        defer { FileTree.remove(room) }
        let model = try add("naive-bayes", room, launcher).model
        let session = try ExecutorSession(
            model, image: model.stage(with: launcher), launcher: launcher, role: .bidder,
            profiles: ExecutorFixture.profiles)
        try session.start()
        func bid(_ length: Int64) throws -> RawBid {
            try session.bid(
                BidRequest(
                    type: "spam", class: "pii", purpose: "customer-support", length: length, schema: Digest.sha256([])))
        }
        let (small, large) = (try bid(1024), try bid(65_536))
        #expect(small.confidence > 500_000_000 && small.confidence == large.confidence)
        #expect(small.cost < large.cost && small.latency < large.latency)
        #expect(try session.end()?.exit == 0)
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .double(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }
}
