// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What one jail may use. Zero is never "unlimited": every limit has a value.
public struct JailLimits: Codable, Hashable, Sendable {
    /// Bytes of memory of all processes together, page cache and tmpfs included; swap is 0.
    public var memoryBytes: UInt64 = 1 << 30
    /// Processes and threads at one time, without the jail's own init.
    public var pids: UInt64 = 64
    /// Percent of one CPU that all processes may use together; `nil` leaves the scheduler alone.
    public var cpuPercent: UInt64?
    /// Wall-clock nanoseconds from exec to the kill.
    public var wallNs: UInt64 = 60_000_000_000
    /// CPU seconds of all processes together.
    public var cpuSeconds: UInt64 = 60
    /// Bytes of the largest file a process may write.
    public var fileBytes: UInt64 = 64 << 20
    /// Open descriptors of one process.
    public var openFiles: UInt64 = 128
    /// Bytes the jail may write to standard output and standard error together.
    public var outputBytes: UInt64 = 1 << 20
    /// Bytes and inodes of `/tmp`.
    public var tmpfsBytes: UInt64 = 16 << 20
    public var tmpfsInodes: UInt64 = 1024

    public init() {}

    enum CodingKeys: String, CodingKey {
        case memoryBytes, pids, cpuPercent, wallNs, cpuSeconds, fileBytes, openFiles, outputBytes, tmpfsBytes
        case tmpfsInodes
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        memoryBytes = try box.decode(UInt64.self, forKey: .memoryBytes)
        pids = try box.decode(UInt64.self, forKey: .pids)
        cpuPercent = try box.decodeIfPresent(UInt64.self, forKey: .cpuPercent)
        wallNs = try box.nanoseconds(forKey: .wallNs)
        cpuSeconds = try box.decode(UInt64.self, forKey: .cpuSeconds)
        fileBytes = try box.decode(UInt64.self, forKey: .fileBytes)
        openFiles = try box.decode(UInt64.self, forKey: .openFiles)
        outputBytes = try box.decode(UInt64.self, forKey: .outputBytes)
        tmpfsBytes = try box.decode(UInt64.self, forKey: .tmpfsBytes)
        tmpfsInodes = try box.decode(UInt64.self, forKey: .tmpfsInodes)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(memoryBytes, forKey: .memoryBytes)
        try box.encode(pids, forKey: .pids)
        try box.encodeIfPresent(cpuPercent, forKey: .cpuPercent)
        try box.encode(String(wallNs), forKey: .wallNs)
        try box.encode(cpuSeconds, forKey: .cpuSeconds)
        try box.encode(fileBytes, forKey: .fileBytes)
        try box.encode(openFiles, forKey: .openFiles)
        try box.encode(outputBytes, forKey: .outputBytes)
        try box.encode(tmpfsBytes, forKey: .tmpfsBytes)
        try box.encode(tmpfsInodes, forKey: .tmpfsInodes)
    }
}

extension KeyedDecodingContainer {
    /// A duration: nanoseconds as a decimal string.
    func nanoseconds(forKey key: Key) throws -> UInt64 {
        let text = try decode(String.self, forKey: key)
        guard let value = UInt64(text), String(value) == text else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "a duration is a decimal string of nanoseconds")
        }
        return value
    }
}
