// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import Testing

/// Profiles are data with a reason per line, and a careless one is refused.
@Suite struct ProfileTests {
    private func profile(_ rule: String, extra: String = "", default action: String = "kill") throws -> SeccompProfile {
        try SeccompProfile(
            json: Array(
                """
                {"v":1,"name":"t","about":"test","default":"\(action)","denyWriteExecute":false\(extra),"rules":[\(rule)]}
                """.utf8))
    }

    @Test(arguments: ["strict", "executor", "trainer"]) func shippedProfileCompiles(_ name: String) throws {
        let profile = try Fixture.profile(name)
        #expect(profile.name == name)
        let filter = try profile.compile()
        #expect(filter.count % 8 == 0 && filter.count > 800)
        #expect(try profile.compile() == filter, "one profile has one filter")
    }

    @Test func goodRuleIsAccepted() throws {
        let good = #"{"calls":["read"],"action":"allow","reason":"why"}"#
        #expect(try profile(good).compile().count > 0)
    }

    @Test(arguments: [
        #"{"calls":["read"],"action":"allow","reason":""}"#,
        #"{"calls":["read"],"action":"allow"}"#,
        #"{"calls":["no_such_call"],"action":"allow","reason":"why"}"#,
        #"{"calls":["read"],"action":"log","reason":"why"}"#,
        #"{"calls":["read"],"action":"allow","reason":"why","also":1}"#,
        #"{"calls":["read"],"action":"allow","reason":"why","when":[{"argument":6,"mask":"0xff","values":["0x1"]}]}"#,
        #"{"calls":["read"],"action":"allow","reason":"why","when":[{"argument":0,"mask":"0x0","values":["0x0"]}]}"#,
        #"{"calls":["read"],"action":"allow","reason":"why","when":[{"argument":0,"mask":"0xff","values":["0x100"]}]}"#,
        #"{"calls":["read"],"action":"allow","reason":"why","when":[{"argument":0,"mask":"0xff","values":[]}]}"#,
    ]) func carelessRuleIsRefused(_ rule: String) {
        #expect(throws: JailError(.profile, "", remedy: "")) { try profile(rule) }
    }

    @Test func defaultIsKillAndUnknownFieldsAreRefused() {
        #expect(throws: JailError(.profile, "", remedy: "")) { try profile("", default: "allow") }
        #expect(throws: JailError(.profile, "", remedy: "")) { try profile("", extra: #","more":1"#) }
    }

    @Test func missingProfileIsNamed() {
        #expect(throws: JailError(.profile, "", remedy: "")) { try SeccompProfile.find("no-such-profile") }
    }

    @Test func doctorFindsAMachineThatCanJail() throws {
        let fixture = try Fixture.shared.get()
        let report = Doctor.examine(launcher: fixture.launcher, profiles: "\(Fixture.package)/Policies/seccomp")
        #expect(report.ready)
        #expect(report.checks.contains { $0.name == "jail" && $0.ok })
        let without = Doctor.examine(launcher: "/nowhere", profiles: "\(Fixture.package)/Policies/seccomp")
        #expect(!without.ready)
        #expect(without.checks.allSatisfy { $0.ok || !$0.remedy.isEmpty })
    }
}
