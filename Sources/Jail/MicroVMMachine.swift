// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// One program's virtual machine, planned: the monitor's own jail, and what the guest is told. Runs nothing.
struct MicroVMMachine {
    /// What QEMU itself needs beside the guest's memory: its code, and the kernel's file while it is loaded.
    private static let monitorBytes: UInt64 = 384 << 20
    /// What the guest's kernel and first process need beside the program.
    private static let guestBytes: UInt64 = 96 << 20

    let monitor: MicroVMMonitor
    let program: JailSpec
    /// The jail of the monitor.
    let jail: JailSpec
    private let places: [Plan.Mount]
    private let links: [(name: String, target: String)]

    /// How long a guest may take until its program runs, in nanoseconds.
    var startLimitNs: UInt64 { monitor.parts.accelerator == .kvm ? 20_000_000_000 : 300_000_000_000 }

    /// What is mounted where, known before anything is staged.
    struct Plan {
        struct Mount {
            let source: JailMount.Source
            let place: MicroVMMonitor.Place
            let noexec: Bool
        }

        var mounts: [Mount] = []
        var links: [(name: String, target: String)] = []
        var disk: ImageHandle?

        /// - Throws: ``JailError`` `specification` for what a microvm does not do.
        init(_ program: JailSpec) throws(JailError) {
            switch program.root {
            case .image(let image):
                guard program.mounts.isEmpty else { throw .badSpecification("an image in a microvm takes no mounts") }
                disk = image
            case .system: try addSystem()
            }
            for mount in program.mounts {
                guard mount.readOnly, case .host(let path) = mount.source else {
                    throw .badSpecification(
                        "\(mount.target): a microvm has no writable mounts; use --ro-bind, and standard output for results"
                    )
                }
                try add(path, at: mount.target, noexec: mount.noexec)
            }
        }

        private mutating func addSystem() throws(JailError) {
            try add("/usr", at: "/usr", noexec: false)
            for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
                var target = [CChar](repeating: 0, count: 64)
                // SAFETY: readlink writes at most the length it is given.
                let length = unsafe readlink("/\(name)", &target, target.count)
                if length > 0, length < target.count {
                    links.append(
                        (name, String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)))
                } else if Files.isDirectory("/\(name)") {
                    try add("/\(name)", at: "/\(name)", noexec: false)
                }
            }
        }

        private mutating func add(_ path: String, at target: String, noexec: Bool) throws(JailError) {
            guard Files.exists(path) else {
                throw JailError("mount-source", "\(path) does not exist", remedy: "name a source that exists")
            }
            let place = MicroVMMonitor.Place(target: target, isDirectory: Files.isDirectory(path))
            mounts.append(Mount(source: .host(path), place: place, noexec: noexec))
        }
    }

    init(_ program: JailSpec, plan: Plan, monitor: MicroVMMonitor, profile: SeccompProfile) {
        self.monitor = monitor
        self.program = program
        places = plan.mounts
        links = plan.links
        let emulated = monitor.parts.accelerator == .emulated
        let memory = Self.memory(for: program.limits)
        var limits = JailLimits()
        limits.memoryBytes = memory + Self.monitorBytes
        limits.pids = 128
        limits.cpuPercent = program.limits.cpuPercent
        // Its start counts too; the program's own second is held inside, and this one whatever happens there.
        let start: UInt64 = emulated ? 300 : 20
        limits.cpuSeconds = program.limits.cpuSeconds &+ start
        limits.wallNs = program.limits.wallNs &+ start * 1_000_000_000
        limits.fileBytes = 1 << 20
        limits.openFiles = 4096
        limits.outputBytes = 64 << 10
        limits.tmpfsBytes = 1 << 20
        limits.tmpfsInodes = 16
        var mounts = plan.mounts.map {
            JailMount($0.source, at: MicroVMMonitor.share + $0.place.target, readOnly: true, noexec: true)
        }
        if let disk = plan.disk {
            mounts.append(JailMount(.image(disk, path: MicroVMMonitor.disk), at: MicroVMMonitor.disk, noexec: true))
        }
        var jail = JailSpec(
            profile: emulated ? profile.allowingWriteExecute() : profile,
            argv: Self.arguments(emulated: emulated, mebibytes: memory >> 20, hasDisk: plan.disk != nil),
            root: .image(monitor.image), mounts: mounts, limits: limits, output: .discard)
        jail.kvm = !emulated
        self.jail = jail
    }

    private static func memory(for limits: JailLimits) -> UInt64 {
        let all = limits.memoryBytes &+ guestBytes &+ limits.memoryBytes / 32
        return (all + (1 << 21) - 1) & ~((1 << 21) - 1)
    }

    /// Nothing that the guest does not need: no network, no serial line, no display, no clock chip, no bus but virtio's own.
    private static func arguments(emulated: Bool, mebibytes: UInt64, hasDisk: Bool) -> [String] {
        let bus = emulated ? "pci" : "device"
        var line = [
            MicroVMParts.monitor, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-M",
            emulated
                ? "pc,usb=off,accel=tcg"
                : "microvm,acpi=on,pcie=off,usb=off,pit=off,pic=off,rtc=off,isa-serial=off,auto-kernel-cmdline=off,accel=kvm",
            // A guest that is not told of it mitigates every defect that it knows.
            "-cpu", emulated ? "max" : "host,-arch-capabilities", "-smp", "1", "-m", "\(mebibytes)M",
            "-kernel", "/kernel", "-initrd", "/initrd", "-append",
            "quiet reboot=t panic=-1 no_timer_check tsc=reliable random.trust_cpu=on",
            "-chardev", "socket,id=port,fd=3", "-device", "virtio-serial-\(bus),max_ports=2",
            "-device", "virtserialport,chardev=port,name=atomic",
        ]
        if hasDisk {
            line += [
                "-blockdev",
                "driver=raw,node-name=disk,read-only=on,file.driver=file,file.filename=\(MicroVMMonitor.disk),"
                    + "file.locking=off,file.aio=threads",
                "-device", "virtio-blk-\(bus),drive=disk",
            ]
        } else {
            line += [
                "-fsdev", "local,id=share,path=\(MicroVMMonitor.share),security_model=none,readonly=on,multidevs=remap",
                "-device", "virtio-9p-\(bus),fsdev=share,mount_tag=share",
            ]
        }
        return line
    }

    /// The configuration frame's payload (`config.c` of atomic-guest).
    func configuration(channel: Bool, filter: [UInt8], clockNs: UInt64) throws(JailError) -> [UInt8] {
        let limits = program.limits
        var message = LauncherMessage(.launch)
        message.append(UInt32(1))
        message.append(UInt32(channel ? 1 : 0))
        message.append(UInt32(places.isEmpty ? 1 : 0))
        for value in [
            clockNs, limits.memoryBytes, limits.pids, limits.cpuSeconds, limits.fileBytes, limits.openFiles,
            limits.tmpfsBytes, limits.tmpfsInodes,
        ] {
            message.append(value)
        }
        try message.append(program.workingDirectory)
        try message.append(program.argv)
        try message.append(program.environment.map { "\($0.key)=\($0.value)" }.sorted())
        message.append(UInt32(links.count))
        for link in links {
            try message.append(link.name)
            try message.append(link.target)
        }
        message.append(UInt32(places.count))
        for mount in places {
            try message.append(mount.place.target)
            message.append(UInt32(mount.noexec ? 1 : 0))
            message.append(UInt32(mount.place.isDirectory ? 1 : 0))
        }
        message.append(UInt32(filter.count))
        // The launcher's header is not the guest's.
        let bytes = try Array(message.bytes.dropFirst(LauncherMessage.headerBytes)) + filter
        guard bytes.count <= MicroVMFrame.maximumRequest else {
            throw .badSpecification("arguments and environment are too large for a microvm")
        }
        return bytes
    }
}
