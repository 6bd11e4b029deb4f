// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A message over the one virtio-serial port of a guest: type, three zero bytes, length (little-endian), payload.
/// `Sources/atomic-guest` is the other side, and is not to be trusted: whatever it sends, ``Parser`` either makes a frame
/// of it or says that it is none.
struct MicroVMFrame: Hashable, Sendable {
    /// Host to guest.
    enum Request: UInt8 { case configuration = 1, channel, attachment, attachmentData, channelEnd, input, inputEnd }

    /// Guest to host.
    enum Kind: UInt8, Sendable { case started = 16, failed, channel, channelEnd, output, error, end }

    static let headerBytes = 8
    /// The guest takes no larger payload.
    static let maximumRequest = 128 * 1024
    /// No frame of the guest is larger.
    static let maximumBytes = 32 * 1024 - headerBytes
    /// Larger inputs are refused by the guest.
    static let maximumAttachment: UInt64 = 256 << 20

    let kind: Kind
    let payload: [UInt8]

    /// The bytes of a frame for the guest.
    static func bytes(_ kind: Request, _ payload: some Collection<UInt8> = []) -> [UInt8] {
        var out: [UInt8] = [kind.rawValue, 0, 0, 0]
        for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: payload.count >> shift)) }
        return out + payload
    }

    /// Cuts a stream of bytes into frames. Holds at most one incomplete frame. After the first malformed one it stays
    /// broken: there is no telling where the next would begin.
    struct Parser: Sendable {
        private var pending: [UInt8] = []
        private(set) var isBroken = false

        /// - Returns: the frames that these bytes complete, up to the first that is malformed.
        mutating func take(_ bytes: some Collection<UInt8>) -> [MicroVMFrame] {
            guard !isBroken else { return [] }
            pending += bytes
            var frames: [MicroVMFrame] = []
            var at = 0
            while pending.count - at >= MicroVMFrame.headerBytes {
                let length = Int(pending.littleEndian(at: at + 4, as: UInt32.self))
                guard let kind = Kind(rawValue: pending[at]), pending[at + 1] | pending[at + 2] | pending[at + 3] == 0,
                    length <= MicroVMFrame.maximumBytes, kind.allows(length)
                else {
                    isBroken = true
                    pending = []
                    return frames
                }
                let end = at + MicroVMFrame.headerBytes + length
                guard pending.count >= end else { break }
                frames.append(MicroVMFrame(kind: kind, payload: Array(pending[(at + MicroVMFrame.headerBytes)..<end])))
                at = end
            }
            pending.removeFirst(at)
            return frames
        }
    }
}

extension MicroVMFrame.Kind {
    /// Kinds that carry a fixed form have its length.
    fileprivate func allows(_ length: Int) -> Bool {
        switch self {
        case .started, .channelEnd: length == 0
        case .failed: length == MicroVMFailure.bytes
        case .end: length == MicroVMEnd.bytes
        case .channel, .output, .error: length > 0
        }
    }
}

/// Why no program was started, in the guest's words (`struct failure` of atomic-guest).
struct MicroVMFailure {
    static let bytes = 32 + 200 + 4

    let stage: String
    let object: String
    let errno: Int32

    init?(_ payload: [UInt8]) {
        guard payload.count == Self.bytes else { return nil }
        // A guest's words end up before a person: only what cannot steer a terminal gets through.
        func plain(_ text: String) -> String { String(text.unicodeScalars.filter { (32..<127).contains($0.value) }) }
        stage = plain(payload.text(from: 0, to: 32)).isEmpty ? "guest" : plain(payload.text(from: 0, to: 32))
        object = plain(payload.text(from: 32, to: 232))
        errno = payload.littleEndian(at: 232, as: Int32.self)
    }
}

/// How the program ended, in the guest's words (`struct end` of atomic-guest). Nothing is billed by it.
struct MicroVMEnd: Hashable, Sendable {
    static let bytes = 40

    let waitStatus: Int32
    let memoryHits: UInt64
    let pidsHits: UInt64
    let cpuNs: UInt64
    let peakBytes: UInt64

    init?(_ payload: [UInt8]) {
        guard payload.count == Self.bytes else { return nil }
        waitStatus = payload.littleEndian(at: 0, as: Int32.self)
        memoryHits = payload.littleEndian(at: 8, as: UInt64.self)
        pidsHits = payload.littleEndian(at: 16, as: UInt64.self)
        cpuNs = payload.littleEndian(at: 24, as: UInt64.self)
        peakBytes = payload.littleEndian(at: 32, as: UInt64.self)
    }

    /// wait(2): the low seven bits are the signal, the second byte is the exit code.
    var signal: Int32 { waitStatus & 0x7f }
    var exit: Int32 { waitStatus >> 8 & 0xff }

    /// The named cause, by the same order as the launcher's (`watch.c`).
    func cause(within limits: JailLimits) -> JailCause {
        if memoryHits > 0 { return .memoryLimit }
        if pidsHits > 0 { return .pidsLimit }
        switch signal {
        case 0: return .exited
        case 24: return .cpuLimit
        case 25: return .fileLimit
        case 31: return .syscall
        case 9 where cpuNs / 1_000_000_000 >= limits.cpuSeconds: return .cpuLimit
        default: return .signal
        }
    }
}
