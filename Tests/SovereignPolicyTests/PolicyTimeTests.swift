// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import SovereignPolicy
import Testing

@Suite struct PolicyTimeTests {
    /// Summer in Berlin, from the last Sunday of March 2027 to that of October.
    private static func berlin() throws -> TimeZoneOffsets {
        TimeZoneOffsets(
            offset: 3_600,
            changes: [
                .init(at: try time("2027-03-28T01:00:00Z"), offset: 7_200),
                .init(at: try time("2027-10-31T01:00:00Z"), offset: 3_600),
            ])
    }

    private static func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

    /// Bids are permitted in these windows only.
    private func policy(
        _ when: [String: [String]], notBefore: String = "2026-11-01T00:00:00Z",
        expires: String = "2028-05-01T00:00:00Z",
        zones: [String: TimeZoneOffsets]? = nil, others: [PolicyRule] = []
    ) throws -> SovereignPolicy {
        try #require(PolicyFixture.shared).policy(
            notBefore: notBefore, expires: expires,
            rules: [PolicyRule(id: "P", effect: .permit, actions: ["bid"], classes: ["pii"], when: when)] + others
        ).with(zones: zones ?? ["Europe/Berlin": Self.berlin(), "UTC": TimeZoneOffsets(offset: 0)])
    }

    private func isPermitted(_ policy: SovereignPolicy, _ at: String) throws -> Bool {
        policy.decide(PolicyFixture.request(at: try Self.time(at))).isPermitted
    }

    @Test(arguments: [
        ("2027-01-10T04:59:59.999999999Z", false), ("2027-01-10T05:00:00Z", true),
        ("2027-01-10T20:59:59.999999999Z", true), ("2027-01-10T21:00:00Z", false),
        // In summer an hour earlier by UTC.
        ("2027-07-10T03:59:59Z", false), ("2027-07-10T04:00:00Z", true), ("2027-07-10T20:00:00Z", false),
    ])
    func hoursAreThoseOfTheZone(_ at: String, _ expected: Bool) throws {
        let policy = try policy(["job.hours": ["06:00-22:00 Europe/Berlin"]])
        #expect(policy.problems.isEmpty)
        #expect(try isPermitted(policy, at) == expected)
    }

    @Test func anHourThatOccursTwiceIsInsideTwiceAndOneThatIsLeftOutNever() throws {
        let policy = try policy(["job.hours": ["02:00-03:00 Europe/Berlin"]])
        let day = try Self.time("2027-10-31T00:00:00Z").nanoseconds
        let spring = try Self.time("2027-03-28T00:00:00Z").nanoseconds
        func minutes(_ midnight: Int64) -> Int {
            (0..<1_440).count { minute in
                policy.decide(
                    PolicyFixture.request(at: WallTime(nanoseconds: midnight + Int64(minute) * 60_000_000_000))
                ).isPermitted
            }
        }
        #expect(minutes(day) == 120)
        #expect(minutes(spring) == 0)
        #expect(minutes(spring - 86_400_000_000_000) == 60)
    }

    @Test(arguments: [
        ("2027-01-10T22:59:59Z", false), ("2027-01-10T23:00:00Z", true), ("2027-01-15T22:59:59Z", true),
        ("2027-01-15T23:00:00Z", false),
    ])
    func weekdaysAreThoseOfTheZone(_ at: String, _ expected: Bool) throws {
        // 2027-01-10 is a Sunday.
        #expect(try isPermitted(policy(["job.day": ["mon-fri Europe/Berlin"]]), at) == expected)
    }

    @Test func overlappingWindowsAreOneWindow() throws {
        let windows = ["01:00-02:30 Europe/Berlin", "02:00-04:00 Europe/Berlin", "00:30-01:30 UTC"]
        let policy = try policy(["job.hours": windows])
        let start = try Self.time("2027-10-30T22:00:00Z").nanoseconds
        for minute in 0..<600 {
            let at = WallTime(nanoseconds: start + Int64(minute) * 60_000_000_000)
            let alone = try windows.contains { window in
                try self.policy(["job.hours": [window]]).decide(PolicyFixture.request(at: at)).isPermitted
            }
            #expect(policy.decide(PolicyFixture.request(at: at)).isPermitted == alone)
        }
    }

    @Test(arguments: [
        "22:00-06:00 UTC", "06:00-06:00 UTC", "06:00-24:01 UTC", "25:00-26:00 UTC", "6:00-7:00 UTC", "06:00-07:00",
        "06:00-07:00  UTC",
        "06:00 UTC", "06:00-07:60 UTC", "06:00-07:00 ../UTC", "06:00-07:00 /UTC", "06:00-07:00 UTC UTC", "",
    ])
    func malformedHoursAreAProblemAndDenyEverything(_ window: String) throws {
        let policy = try policy(["job.hours": [window]])
        #expect(policy.problems.contains { $0.path == ["rules", "0", "when", "job.hours", "0"] })
        #expect(policy.decide(PolicyFixture.request()).kind == .error)
        #expect(try self.policy(["job.hours": ["06:00-24:00 UTC"]]).problems.isEmpty)
    }

    @Test(arguments: [
        "fri-mon UTC", "mon-mon UTC", "Mon UTC", "montag UTC", "mon", "mon-tue-wed UTC", "-mon UTC", "mon- UTC",
    ])
    func malformedDaysAreAProblem(_ window: String) throws {
        #expect(try !policy(["job.day": [window]]).problems.isEmpty)
        #expect(try policy(["job.day": ["sat-sun UTC", "wed UTC"]]).problems.isEmpty)
    }

    @Test func aPolicyWithoutTheOffsetsOfAZoneDeniesEverything() throws {
        let policy = try policy(["job.hours": ["06:00-22:00 Asia/Tokyo"]])
        #expect(policy.problems.map(\.path) == [["zones"]])
        #expect(policy.decide(PolicyFixture.request()).kind == .error)
    }

    @Test func aClockThatSteppedBackDeniesWhatDependsOnTime() throws {
        let timed = try policy(["job.hours": ["00:00-24:00 UTC"]])
        let behind = PolicyFixture.request(attributes: ["clock": .string("behind")])
        #expect(timed.decide(PolicyFixture.request()).isPermitted)
        let decision = timed.decide(behind)
        #expect(decision.kind == .error)
        #expect(decision.rules.map(\.clause) == ["missing: job.hours"])
        // What does not depend on the time is decided as ever.
        #expect(try policy([:]).decide(behind).isPermitted)
        // Nothing else can be said of the clock, and no rule can ask about it.
        #expect(try policy([:]).decide(PolicyFixture.request(attributes: ["clock": .string("fine")])).kind == .error)
        #expect(try !policy(["clock": ["behind"]]).problems.isEmpty)
    }

    /// Every quarter of an hour of random weeks around a change of offset, against what the analysis says.
    @Test func grantsKnowEveryKindOfTime() throws {
        var dice = Dice(seed: 31)
        var sometimes = 0
        for _ in 0..<40 {
            func window() -> (String, String) {
                let start = Int.random(in: 0..<95, using: &dice)
                let end = Int.random(in: (start + 1)...96, using: &dice)
                func clock(_ quarter: Int) -> String {
                    let (hour, minute) = ("0\(quarter / 4)".suffix(2), "0\(quarter % 4 * 15)".suffix(2))
                    return "\(hour):\(minute)"
                }
                let zone = dice.one(of: ["Europe/Berlin", "UTC"])
                guard dice.chance(40) else { return ("job.hours", "\(clock(start))-\(clock(end)) \(zone)") }
                let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
                let first = Int.random(in: 0..<7, using: &dice)
                let last = Int.random(in: first..<7, using: &dice)
                return ("job.day", first == last ? "\(days[first]) \(zone)" : "\(days[first])-\(days[last]) \(zone)")
            }
            let (key, value) = window()
            let (other, second) = window()
            let effect: PolicyRule.Effect = dice.chance(50) ? .forbid : .permit
            let days = Int.random(in: 1...20, using: &dice)
            let policy = try policy(
                dice.chance(70) ? [key: [value]] : [key: [value]].merging([other: [second]]) { one, _ in one },
                notBefore: "2027-10-20T00:00:00Z",
                expires: "2027-\(days > 11 ? "11-0\(days - 11)" : "10-\(20 + days)")T00:00:00Z",
                others: [
                    PolicyRule(id: "O", effect: effect, actions: ["bid"], classes: ["pii"], when: [other: [second]])
                ])
            try #require(policy.problems.isEmpty, "\(policy.problems)")
            let evaluator = PolicyEvaluator(policy)
            let step: Int64 = 900_000_000_000
            var permitted = 0
            var all = 0
            var at = policy.metadata.notBefore
            while at < policy.metadata.expires {
                all += 1
                if evaluator.decide(PolicyFixture.request(at: at)).isPermitted { permitted += 1 }
                at = WallTime(nanoseconds: at.nanoseconds + step)
            }
            let grant = policy.grants(actions: ["bid"], classes: ["pii"], model: "local").first
            #expect((grant != nil) == (permitted > 0))
            if let grant {
                #expect(grant.always == (permitted == all), "\(policy.rules)")
                #expect(policy.decide(grant.witness).isPermitted)
                if !grant.always { sometimes += 1 }
            }
        }
        #expect(sometimes > 10)
    }

    @Test func aWiderWindowLoosensAndANarrowerOneTightens() throws {
        let day = try policy(["job.hours": ["08:00-18:00 Europe/Berlin"]])
        let long = try policy(["job.hours": ["06:00-22:00 Europe/Berlin"]])
        func directions(_ old: SovereignPolicy, _ new: SovereignPolicy) -> Set<PolicyChange.Direction> {
            Set(old.changes(to: new).map(\.direction))
        }
        #expect(directions(day, long) == [.loosens])
        #expect(directions(long, day) == [.tightens])
        #expect(directions(long, long).isEmpty)
        let change = try #require(day.changes(to: long).first?.decisions)
        #expect(!day.decide(change.witness).isPermitted)
        #expect(long.decide(change.witness).isPermitted)
        // The smallest change of a denied request is another time.
        let denied = PolicyFixture.request(at: try Self.time("2027-01-11T23:00:00Z"))
        let smallest = try #require(day.smallestChange(for: denied))
        #expect(smallest.request.map(\.attribute) == ["at"])
    }
}

@Suite struct PolicyInvariantTests {
    private func policy(_ invariants: [PolicyInvariant], rules: [PolicyRule] = PolicyFixture.rules) throws
        -> SovereignPolicy
    {
        let base = try #require(PolicyFixture.shared).policy(rules: rules)
        return SovereignPolicy(
            metadata: base.metadata, authority: base.authority, dataClasses: base.dataClasses, models: base.models,
            rules: rules, outputs: base.outputs, tasks: base.tasks, requesters: base.requesters, auction: base.auction,
            invariants: invariants)
    }

    @Test func anInvariantHoldsForAClassAndAllAbove() throws {
        let noCloud = PolicyInvariant(
            name: "no cloud model bids on personal data",
            never: ["action": ["bid", "run"], "model.deployment": ["cloud"], "class": ["pii"]])
        #expect(try policy([noCloud]).brokenInvariants.isEmpty)
        // The control: without the forbid a request breaks it, and is shown.
        let open = try policy([noCloud], rules: PolicyFixture.rules.filter { $0.id != "F1" })
        let broken = try #require(open.brokenInvariants.first)
        #expect(broken.witness.model == "cloud")
        #expect(open.decide(broken.witness).isPermitted)
        #expect(broken.rules == ["P1"])
        #expect(broken.message.contains("no cloud model bids"))
        // Above pii as well: no permit of the fixture reaches there, so one is added.
        let above = PolicyRule(
            id: "G", effect: .permit, actions: ["bid"], classes: ["phi"], when: ["purpose": ["treatment"]])
        let french = PolicyInvariant(name: "nobody French", never: ["model.jurisdiction": ["FR"], "class": ["pii"]])
        #expect(try policy([french], rules: [above]).brokenInvariants.first?.witness.class == "phi")
    }

    @Test func aRequestThatLacksAnAttributeIsNotMeant() throws {
        // Only at release is there an output.
        let unchecked = PolicyInvariant(name: "nothing unchecked leaves", never: ["output.check": ["fail"]])
        #expect(try policy([unchecked]).brokenInvariants.isEmpty)
        let open = PolicyRule(id: "L", effect: .permit, actions: ["release"], classes: ["public"])
        #expect(try policy([unchecked], rules: [open]).brokenInvariants.first?.witness.action == "release")
    }

    @Test func aBrokenInvariantIsNeitherSignedNorAccepted() throws {
        let fixture = try #require(PolicyFixture.shared)
        let never = PolicyInvariant(name: "nobody ever", never: ["class": ["pii"]])
        let policy = try policy([never])
        let refused = #expect(throws: PolicyError.self) { _ = try PolicyEnvelope.sign(policy, by: fixture.officer) }
        #expect(refused?.codeName == "invariant")
        // Signed by tools that do not look.
        let payload = try policy.canonicalBytes
        var envelope = try Envelope.sign(
            payloadType: PolicyEnvelope.payloadType, payload: payload, by: fixture.officer)
        try envelope.addSignature(by: fixture.security)
        let now = try #require(PolicyFixture.noon)
        let bytes = try envelope.canonical()
        let unaccepted = #expect(throws: PolicyError.self) {
            _ = try PolicyEnvelope.examine(bytes, previous: nil, now: now)
        }
        #expect(unaccepted?.codeName == "invariant")
    }

    @Test func mistakesInInvariantsAreProblems() throws {
        func paths(_ never: [String: [String]]) throws -> [[String]] {
            try policy([PolicyInvariant(name: "x", never: never)]).problems.map(\.path)
        }
        #expect(try paths(["class": ["pii"], "action": ["release"]]).isEmpty)
        #expect(try paths([:]) == [["invariants", "0", "never"]])
        #expect(try paths(["action": ["fly"]]) == [["invariants", "0", "never", "action", "0"]])
        #expect(try paths(["class": ["piii"]]) == [["invariants", "0", "never", "class", "0"]])
        #expect(try paths(["colour": ["red"]]) == [["invariants", "0", "never", "colour"]])
    }

    @Test func anInvariantLessLoosens() throws {
        let one = PolicyInvariant(name: "a", never: ["class": ["phi.genomic"]])
        #expect(try policy([one]).changes(to: policy([])).map(\.direction) == [.loosens])
        #expect(try policy([]).changes(to: policy([one])).map(\.direction) == [.tightens])
    }
}
