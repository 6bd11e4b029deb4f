// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Filters that were compiled when the installation was built.
@Suite struct PreparedFilterTests {
    @Test func preparedFilterIsTheCompiledOneAndAnythingElseIsCompiled() throws {
        let fixture = try Fixture.shared.get()
        let directory = "\(fixture.directory)/filters-\(Hex.encode(RandomBytes.make(4)))"
        let profiles = "\(Fixture.package)/Policies/seccomp"
        let names = try PreparedFilter.prepare(profiles: profiles, into: directory)
        #expect(names.contains("strict") && names.contains("executor"))
        for name in names {
            let bytes = try Files.read("\(profiles)/\(name).json")
            let compiled = try SeccompProfile(json: bytes)
            let prepared = try #require(PreparedFilter.profile(compiled.digest, in: directory))
            #expect(prepared.name == name && prepared.denyWriteExecute == compiled.denyWriteExecute)
            #expect(try prepared.compile() == compiled.compile())
        }
        // Another profile, another library, a cut file and one that others may write: none is taken.
        let digest = try Fixture.profile("strict").digest
        let path = PreparedFilter.path(of: digest, in: directory)
        let good = try Files.read(path)
        #expect(PreparedFilter.profile(Digest.sha256([1]), in: directory) == nil)
        let text = String(decoding: good.prefix(60), as: UTF8.self)
        let other = Array(text.replacing("libseccomp ", with: "libseccomp 9").utf8) + good.dropFirst(60)
        for bad in [other, Array(good.dropLast(3)), Array(good.prefix(40)), []] {
            try Files.writeDurably(bad, to: path)
            #expect(PreparedFilter.profile(digest, in: directory) == nil)
        }
        try Files.writeDurably(good, to: path)
        #expect(PreparedFilter.profile(digest, in: directory) != nil)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        #expect(unsafe chmod(path, 0o666) == 0)
        #expect(PreparedFilter.profile(digest, in: directory) == nil)
    }
}
