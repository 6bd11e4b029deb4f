// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Files of the host, of the image, and of others.
let fileAttacks: [Attack] = [
    // While the old root is there the kernel makes no user namespace either: it takes the jail for a chroot.
    .victim("climb", walls: [["OLD_ROOT"], ["LANDLOCK_FILES"]], alsoGone: ["USER_NAMESPACE"]),
    .victim("create", "/new", walls: [["READ_ONLY_ROOT"], ["LANDLOCK_FILES"], ["OWN_UID"]]),
    .victim("open", "/proc/sys/kernel/core_pattern", walls: [["PROC_SUBSET"]]),
    .victim(
        "append", "/proc/sys/kernel/core_pattern", walls: [["PROC_SUBSET"], ["LANDLOCK_FILES"], ["OWN_UID"]],
        ordinary: .refusedByTheKernel),
    .victim("look", "/proc/1", walls: [["PROC_HIDEPID"]]),
    // One wall: Landlock adds rights up along a path, and "/" may be executed.
    .victim("drop-and-run", "/tmp", walls: [["NOEXEC"]]),
    Attack(name: "write to a read-only bind", walls: [["READ_ONLY_BIND"], ["LANDLOCK_FILES"]]) { scene in
        let directory = try scene.openDirectory()
        return try scene.succeeds(
            ["create", "/bound/new"], mounts: [JailMount(.host(directory), at: "/bound")])
    },
    Attack(name: "run from a data bind", walls: [["NOEXEC"]]) { scene in
        let directory = try scene.openDirectory()
        try Fixture.run(["/bin/cp", scene.fixture.victim, "\(directory)/program"])
        var spec = try scene.fixture.spec([], mounts: [JailMount(.host(directory), at: "/data", noexec: true)])
        spec.argv = ["/victim", "run-setuid", "/data/program"]
        // The program answers that it is not root, which it can only do when it runs.
        let jail = try scene.launcher.launch(spec)
        return try jail.wait().exit == 1 && String(decoding: jail.output, as: UTF8.self) == "\(EPERM)\n"
    },
    Attack(
        name: "set-uid root program in a bind", walls: [["NOSUID"], ["NO_NEW_PRIVILEGES"], ["USER_NAMESPACE"]],
        alsoGone: Attack.needNoNewPrivileges, ordinary: .refusedByTheKernel
    ) { scene in
        guard let path = try Prepared.setuid(scene) else { return false }
        return try scene.succeeds(["run-setuid", "/setuid"], mounts: [JailMount(.host(path), at: "/setuid")])
    },
    Attack(name: "device node in a bind", walls: [["NODEV"]]) { scene in
        let path = try Prepared.device(scene)
        return try scene.succeeds(["read-byte", "/device"], mounts: [JailMount(.host(path), at: "/device")])
    },
    Attack(name: "bind of what steers the host", walls: [["SOURCE_CHECK"]]) { scene in
        do {
            return try scene.succeeds(["look", "/host/1"], mounts: [JailMount(.host("/proc"), at: "/host")])
        } catch let error as JailError where error.code == "mount-source" {
            return false
        }
    },
    Attack(
        name: "write to the image", walls: [["IMAGE_SEAL"], ["READ_ONLY_BIND"], ["READ_ONLY_ROOT"], ["LANDLOCK_FILES"]]
    ) { scene in
        let image = try scene.image { directory in
            // SAFETY: the string is passed as a NUL-terminated copy for the calls only.
            guard unsafe mkdirat(directory, "open", 0o777) == 0, unsafe fchmodat(directory, "open", 0o777, 0) == 0
            else { throw TestProblem("mkdirat \(errno)") }
        }
        return try scene.launcher.launch(scene.spec(image, ["create", "/open/new"])).wait().exit == 0
    },
    Attack(name: "write to the image from outside", walls: [["IMAGE_SEAL"]]) { scene in
        var kept: Int32 = -1
        defer { close(kept) }
        _ = try scene.image { directory in kept = fcntl(directory, F_DUPFD_CLOEXEC, 3) }
        do {
            try stage([1], as: "later", in: kept)
            return true
        } catch { return false }
    },
    Attack(name: "link of an image that leads the launcher out", walls: [["NO_LINKS"]]) { scene in
        let bait = try scene.openDirectory()
        do {
            _ = try scene.image { directory in
                // SAFETY: the strings are passed as NUL-terminated copies for the call only.
                guard unsafe symlinkat(bait, directory, "dev") == 0 else { throw TestProblem("symlinkat \(errno)") }
            }
        } catch is JailError {}
        return try !Files.list(bait).isEmpty
    },
    Attack(name: "mount that the next jail would see", walls: [["MOUNT_COPY"]], once: false) { scene in
        let image = try scene.image()
        _ = try scene.launcher.launch(scene.spec(image, ["file-leave", "/tmp/left"])).wait()
        // Without a copy of its own the jail's /tmp and /proc are the template's: whoever comes next has them below its own.
        let jail = try scene.launcher.launch(scene.spec(image, ["mounts"]))
        guard try jail.wait().exit == 0 else { throw TestProblem("mounts") }
        return String(decoding: jail.output, as: UTF8.self).split(separator: "\n").filter { $0 == "/tmp" }.count > 1
    },
]

/// What only root can make and an ordinary user's test still needs: `scripts/test` makes it for both.
enum Prepared {
    static func path(_ name: String) -> String? {
        // SAFETY: the environment is not changed while tests run; the string is copied at once.
        guard let directory = unsafe getenv("ATOMIC_PREPARED") else { return nil }
        return "\(unsafe String(cString: directory))/\(name)"
    }

    /// A node of /dev/zero that everybody may read.
    static func device(_ scene: Scene) throws -> String {
        if let path = path("device"), geteuid() != 0 { return path }
        let path = "\(try scene.openDirectory())/device"
        guard geteuid() == 0 else {
            throw TestProblem("only root makes a device: set ATOMIC_PREPARED, as scripts/test does")
        }
        try Fixture.run(["/bin/mknod", "-m", "0666", path, "c", "1", "5"])
        return path
    }

    /// The victim, set-uid root; nil where that means nothing to this user's kernel.
    static func setuid(_ scene: Scene) throws -> String? {
        if geteuid() != 0 { return path("setuid") }
        let path = "\(try scene.openDirectory())/setuid"
        try Fixture.run(["/bin/cp", scene.fixture.victim, path])
        try Fixture.run(["/bin/chmod", "4755", path])
        return path
    }
}

extension Scene {
    /// An image that holds the victim.
    func image(also fill: (Int32) throws -> Void = { _ in }) throws -> ImageHandle {
        let bytes = try Files.read(fixture.victim)
        return try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 32) { directory in
            try stage(bytes, as: "victim", in: directory)
            try fill(directory)
        }
    }

    func spec(_ image: ImageHandle, _ arguments: [String]) throws -> JailSpec {
        var spec = try fixture.spec(arguments)
        spec.root = .image(image)
        spec.mounts = []
        return spec
    }
}
