// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One request in the launcher's binary form: little-endian, every string with its length and final NUL
/// (`Sources/atomic-launcher/message.c` is the other side).
struct LauncherMessage {
    enum Kind: UInt32 { case stage = 1, seal, drop, launch }

    static let magic: UInt32 = 0x314c_4a41
    static let headerBytes = 16
    /// The launcher takes no larger message.
    static let maximumBytes = 128 * 1024
    static let maximumString = 4096
    static let maximumStrings = 256
    static let maximumMounts = 64

    private var body: [UInt8] = []
    private let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    mutating func append(_ value: UInt32) { append(integer: value) }
    mutating func append(_ value: UInt64) { append(integer: value) }

    mutating func append(_ text: String) throws(JailError) {
        let bytes = Array(text.utf8)
        guard !bytes.contains(0), bytes.count < Self.maximumString else {
            throw .badSpecification("a string has a NUL or more than \(Self.maximumString - 1) bytes")
        }
        append(UInt32(bytes.count + 1))
        body.append(contentsOf: bytes)
        body.append(0)
    }

    mutating func append(_ list: [String]) throws(JailError) {
        guard list.count <= Self.maximumStrings else {
            throw .badSpecification("a list has more than \(Self.maximumStrings) strings")
        }
        append(UInt32(list.count))
        for text in list { try append(text) }
    }

    private mutating func append(integer: some FixedWidthInteger) {
        for shift in stride(from: 0, to: integer.bitWidth, by: 8) {
            body.append(UInt8(truncatingIfNeeded: integer >> shift))
        }
    }

    /// The whole message.
    var bytes: [UInt8] {
        get throws(JailError) {
            var whole = LauncherMessage(kind)
            whole.append(Self.magic)
            whole.append(kind.rawValue)
            whole.append(UInt32(Self.headerBytes + body.count))
            whole.append(UInt32(0))
            guard Self.headerBytes + body.count <= Self.maximumBytes else {
                throw .badSpecification("arguments, environment and mounts have more than \(Self.maximumBytes) bytes")
            }
            return whole.body + body
        }
    }

    /// A launch request without its descriptors.
    static func launch(_ spec: JailSpec, channel: Bool) throws(JailError) -> LauncherMessage {
        guard !spec.argv.isEmpty else { throw .badSpecification("there is no program to run") }
        guard spec.mounts.count <= maximumMounts else {
            throw .badSpecification("there are more than \(maximumMounts) mounts")
        }
        var message = LauncherMessage(.launch)
        message.append(
            UInt32((channel ? 1 : 0) | (spec.profile.denyWriteExecute ? 2 : 0) | (spec.kvm ? 4 : 0)))
        switch spec.root {
        case .system:
            message.append(UInt32(0))
            message.append(UInt64(0))
        case .image(let image):
            message.append(UInt32(1))
            message.append(image.number)
        }
        let limits = spec.limits
        let (cpuNs, overflow) = limits.cpuSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { throw .badSpecification("the limit of CPU seconds is too large") }
        for value in [
            limits.memoryBytes, limits.pids, limits.cpuPercent ?? 0, limits.wallNs, cpuNs, limits.fileBytes,
            limits.openFiles, limits.tmpfsBytes, limits.tmpfsInodes,
        ] {
            message.append(value)
        }
        try message.append(spec.workingDirectory)
        try message.append(spec.argv)
        try message.append(spec.environment.map { "\($0.key)=\($0.value)" }.sorted())
        message.append(UInt32(spec.mounts.count))
        for mount in spec.mounts {
            let (kind, number, path) =
                switch mount.source {
                case .host(let path): (UInt32(0), UInt64(0), path)
                case .image(let image, let path): (UInt32(1), image.number, path)
                }
            message.append(kind)
            message.append(UInt32((mount.readOnly ? 1 : 0) | (mount.noexec ? 2 : 0)))
            message.append(number)
            try message.append(path)
            try message.append(mount.target)
        }
        return message
    }
}

extension JailError {
    static func badSpecification(_ message: String) -> JailError {
        JailError(.specification, message, remedy: "correct the jail's specification", exit: .usage)
    }
}
