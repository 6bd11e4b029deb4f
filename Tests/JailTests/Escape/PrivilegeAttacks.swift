// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Being more than nobody.
let privilegeAttacks: [Attack] = [
    Attack(name: "file of somebody else", walls: Attack.powerless, ordinary: .refusedByTheKernel) { scene in
        let path = "\(try scene.openDirectory())/private"
        let file = try Files.open(path, O_WRONLY | O_CREAT, mode: 0o600)
        try Files.write([1], to: file.raw, named: path)
        if geteuid() == 0 { try Fixture.run(["/bin/chown", "12345:12345", path]) }
        // An ordinary user owns what it makes, and so does its jail: there it is root's file that nobody may read.
        let source = geteuid() == 0 ? path : "/etc/shadow"
        return try scene.succeeds(["open", "/private"], mounts: [JailMount(.host(source), at: "/private")])
    },
    .victim("open-securebits", walls: [["SECUREBITS"]]),
    Attack(name: "key of the operator", walls: [["FILTER"], ["CEILING"], ["SESSION_KEYRING"]]) { scene in
        let path = "\(scene.fixture.directory)/with-key-\(Hex.encode(RandomBytes.make(6)))"
        try scene.fixture.starter("with-key", of: scene.executable, to: path)
        return try Scene(executable: path, fixture: scene.fixture).succeeds(["find-key", "atomic-test"])
    },
    .victim("write-execute", walls: [["WRITE_EXECUTE"], ["FILTER"]], profile: "executor"),
    .victim("lock-memory", walls: [["LIMIT_LOCKED_MEMORY"], ["FILTER"]]),
    Attack(name: "core file", walls: [["CORE"]]) { scene in
        // The soft limit of this process is the launcher's; a core file of the test itself is nobody's loss.
        var limit = rlimit()
        // SAFETY: one valid rlimit, for the calls only.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
            throw TestProblem("getrlimit")
        }
        limit.rlim_cur = limit.rlim_max
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
            throw TestProblem("setrlimit")
        }
        return try Scene(executable: scene.executable, fixture: scene.fixture).succeeds(["core"])
    },
]
