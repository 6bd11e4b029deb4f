// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The monitor's root, staged once for a launcher: QEMU with its libraries and firmware, the kernel, the initial file
/// system, and places to mount what a guest is shown. What was hashed is what runs.
struct MicroVMMonitor: Sendable {
    /// A place of the share: the guest sees it under this name.
    struct Place: Hashable, Sendable {
        let target: String
        let isDirectory: Bool
    }

    let parts: MicroVMParts
    let image: ImageHandle
    let kernel: Digest
    let initrd: Digest

    /// Where QEMU's jail has what the guest may see by the share.
    static let share = "/share"
    /// Where it has the disk.
    static let disk = "/disk"

    /// - Parameter places: where the share has mounts.
    /// - Throws: ``JailError`` `microvm-missing`, `image-stage`.
    static func stage(
        _ parts: MicroVMParts, places: [Place], with launcher: Launcher
    ) throws(JailError) -> MicroVMMonitor {
        var content: [(path: String, bytes: [UInt8], program: Bool)] = []
        do {
            for path in parts.files {
                content.append((String(path.dropFirst()), try Files.read(path, limit: 256 << 20), true))
            }
            for name in ["kernel", "initrd"] {
                content.append((name, try Files.read("\(parts.directory)/\(name)", limit: 256 << 20), false))
            }
        } catch {
            throw .microVMMissing(error.message)
        }
        var digests: [String: Digest] = [:]
        for file in content { digests[file.path] = Digest.sha256(file.bytes) }
        let listing = digests.map { "\($0.key) \($0.value)\n" } + places.map { "\(Self.share)\($0.target)\n" }
        let pages = content.reduce(0) { $0 + ($1.bytes.count + 4095) / 4096 * 4096 }
        do {
            let image = try launcher.stageImage(
                Digest.sha256(Array(listing.sorted().joined().utf8)), bytes: UInt64(pages) + (1 << 20),
                inodes: UInt64(content.count * 4 + places.count * 8 + 64)
            ) { directory in
                for file in content { try put(file.bytes, at: file.path, in: directory, program: file.program) }
                // Mount points: an image is read-only by the time a jail could want one.
                for path in ["dev/kvm", String(Self.disk.dropFirst())] {
                    try put([], at: path, in: directory, program: false)
                }
                try makeDirectories(of: "share/-", in: directory)
                for place in places {
                    let path = "share\(place.target)"
                    if place.isDirectory {
                        try makeDirectories(of: path + "/-", in: directory)
                    } else {
                        try put([], at: path, in: directory, program: false)
                    }
                }
            }
            guard let kernel = digests["kernel"], let initrd = digests["initrd"] else {
                throw JailError.microVMMissing("the kernel could not be read")
            }
            return MicroVMMonitor(parts: parts, image: image, kernel: kernel, initrd: initrd)
        } catch let error as JailError {
            throw error
        } catch {
            throw JailError("image-stage", "the monitor could not be staged: \(error)", remedy: "run `atomic doctor`")
        }
    }

    private static func put(_ bytes: [UInt8], at path: String, in directory: Int32, program: Bool) throws {
        try makeDirectories(of: path, in: directory)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let raw = unsafe openat(directory, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, program ? 0o555 : 0o444)
        guard raw >= 0 else { throw JailError.system("image-stage", "create \(path)") }
        let file = OwnedFD(adopting: raw)
        try Files.write(bytes, to: file.raw, named: path)
    }

    private static func makeDirectories(of path: String, in directory: Int32) throws {
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += parent.isEmpty ? String(part) : "/\(part)"
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            guard unsafe mkdirat(directory, parent, 0o755) == 0 || errno == EEXIST else {
                throw JailError.system("image-stage", "mkdir \(parent)")
            }
        }
    }
}
