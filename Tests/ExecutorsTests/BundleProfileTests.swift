// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import Testing

@testable import Executors

/// Each bundle of `Models/` has a profile of its own, made by `scripts/derive-profile`: a part of `executor`, with a reason per rule.
struct BundleProfileTests {
    /// A rule taken apart: what happens to one call with one value of one argument.
    private struct Part: Hashable {
        let call: String
        let action: String
        let condition: String
    }

    static let bundles =
        (try? Files.list("\(ExecutorFixture.package)/Models").filter {
            Files.exists("\(ExecutorFixture.package)/Models/\($0)/model.yaml")
        }) ?? []

    private func rules(_ name: String) throws -> [JSONValue] {
        let file = try JSONValue.parse(Files.read("\(ExecutorFixture.profiles)/\(name).json"))
        return try #require(file["rules"]?.arrayValue)
    }

    private func parts(_ name: String) throws -> Set<Part> {
        var parts: Set<Part> = []
        for rule in try rules(name) {
            let action = rule["action"]?.stringValue ?? ""
            var conditions = [""]
            for condition in rule["when"]?.arrayValue ?? [] {
                let values = condition["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
                let place = "\(condition["argument"]?.integerValue ?? -1) \(condition["mask"]?.stringValue ?? "")"
                conditions = conditions.flatMap { head in values.map { "\(head)\(place) \($0);" } }
            }
            for call in rule["calls"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
                parts.formUnion(conditions.map { Part(call: call, action: action, condition: $0) })
            }
        }
        return parts
    }

    private func manifest(_ bundle: String) throws -> ModelManifest {
        let path = "\(ExecutorFixture.package)/Models/\(bundle)/model.yaml"
        return try ManifestFile.read(Files.read(path), file: path)
    }

    @Test(arguments: bundles) func aBundleHasAProfileOfItsOwn(_ bundle: String) throws {
        let manifest = try manifest(bundle)
        #expect(manifest.profile == bundle)
        if manifest.bid?.program != nil { #expect(manifest.bid?.profile == "bidder") }
        let profile = try SeccompProfile.find(manifest.profile, directory: ExecutorFixture.profiles)
        #expect(profile.denyWriteExecute)
        #expect(try profile.compile().count > 0)
    }

    @Test(arguments: bundles + ["bidder"]) func aDerivedProfileIsAPartOfExecutor(_ name: String) throws {
        let (derived, whole) = (try parts(name), try parts("executor"))
        #expect(derived.subtracting(whole).isEmpty)
        func reaching(_ parts: Set<Part>) -> Int { Set(parts.filter { $0.action == "allow" }.map(\.call)).count }
        #expect(reaching(derived) * 4 <= reaching(whole) * 3, "\(reaching(derived)) of \(reaching(whole)) calls")
    }

    @Test(arguments: bundles + ["bidder", "executor", "trainer", "strict"])
    func everyRuleHasAReasonAndNoTwoAreTheSame(_ name: String) throws {
        var seen: Set<Part> = []
        for rule in try rules(name) {
            #expect((rule["reason"]?.stringValue ?? "").utf8.count > 5, "\(rule)")
            let calls = rule["calls"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(!calls.isEmpty)
            for call in calls where rule["when"] == nil {
                #expect(seen.insert(Part(call: call, action: "", condition: "")).inserted, "\(call) twice in \(name)")
            }
        }
    }

    /// What no model may reach, whatever it was seen to call.
    @Test(arguments: bundles + ["bidder", "executor", "trainer"]) func noProfileOpensAWayOut(_ name: String) throws {
        let parts = try parts(name)
        let allowed = Set(parts.filter { $0.action == "allow" }.map(\.call))
        for call in [
            "socket", "connect", "bind", "fork", "vfork", "clone3", "ptrace", "unshare", "setns", "mount", "bpf",
            "io_uring_setup",
            "userfaultfd", "perf_event_open", "keyctl", "memfd_create", "kill", "flock", "pkey_mprotect",
            "process_vm_readv",
        ] {
            #expect(!allowed.contains(call), "\(call)")
        }
        // Threads, never processes; never writable and executable.
        #expect(
            parts.filter { $0.call == "clone" && $0.action == "allow" }.allSatisfy {
                $0.condition == "0 0x7e030000 0x10000;"
            })
        #expect(
            parts.filter { $0.call == "mmap" && $0.action == "allow" }.allSatisfy {
                $0.condition.hasPrefix("2 0x6 ") && !$0.condition.hasSuffix("0x6;")
            })
        #expect(
            parts.filter { $0.call == "mprotect" && $0.action == "allow" }.allSatisfy { $0.condition == "2 0x4 0x0;" })
    }
}
