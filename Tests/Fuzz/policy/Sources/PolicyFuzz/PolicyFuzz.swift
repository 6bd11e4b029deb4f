// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import SovereignPolicy

/// One input of libFuzzer, taken for a policy file. It may be refused, with an error that says where; it may not crash, and what is
/// read must be the same policy after a way through its canonical form and must decide.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: libFuzzer gives `size` readable bytes for the time of the call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    do throws(PolicyFileError) {
        let document = try PolicyFile.document(bytes, file: "f.yaml")
        check(document)
    } catch {
        guard error.message.hasPrefix("f.yaml:"), !error.remedy.isEmpty else {
            fatalError("an error without a place or a remedy: \(error)")
        }
    }
    return 0
}

private func check(_ document: PolicyFile.Document) {
    let policy = document.policy
    for problem in document.problems where !problem.message.hasPrefix("f.yaml:") {
        fatalError("a problem without a place: \(problem)")
    }
    do {
        let bytes = try policy.canonicalBytes
        guard try CanonicalJSON.decode(SovereignPolicy.self, from: bytes) == policy else {
            fatalError("another policy after its canonical form")
        }
    } catch {
        fatalError("no canonical form: \(error)")
    }
    let isSound = document.problems.isEmpty
    for action in PolicyAction.all {
        let request = PolicyRequest(
            action: action, at: policy.metadata.notBefore, model: policy.models.keys.min(),
            class: policy.dataClasses.keys.min(), purpose: nil, requester: nil, task: nil)
        // What contradicts itself permits nothing.
        if policy.decide(request).isPermitted { fatalError("permitted without requester and task, sound: \(isSound)") }
    }
    // Tests are part of what lint reads; questions about all requests may take long and are asked of small policies only.
    _ = document.failedTests
    if isSound, policy.rules.count < 4, policy.models.count < 8 { _ = policy.brokenInvariants }
}
