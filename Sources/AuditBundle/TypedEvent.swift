// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// The data of an entry in the type of its event.
enum TypedEvent: Sendable {
    case roomCreated(Event.RoomCreated)
    case roomOpened(Event.RoomOpened)
    case roomRestored(Event.RoomRestored)
    case keyCreated(Event.KeyCreated)
    case keyRotated(Event.KeyRotated)
    case policyAccepted(Event.PolicyAccepted)
    case policyRefused(Event.PolicyRefused)
    case modelRegistered(Event.ModelRegistered)
    case jobAccepted(Event.JobAccepted)
    case jobDenied(Event.JobDenied)
    case jobDecomposed(Event.JobDecomposed)
    case auctionHeld(Event.AuctionHeld)
    case keyReleased(Event.KeyReleased)
    case jailStarted(Event.JailStarted)
    case inputDelivered(Event.InputDelivered)
    case jailEnded(Event.JailEnded)
    case outputValidated(Event.OutputValidated)
    case auctionSettled(Event.AuctionSettled)
    case outputWithheld(Event.OutputWithheld)
    case outputReleased(Event.OutputReleased)
    case airlockQueued(Event.AirlockQueued)
    case airlockDecided(Event.AirlockDecided)
    case jobEnded(Event.JobEnded)
    case feedbackAdded(Event.FeedbackAdded)
    case memoryErased(Event.MemoryErased)
    case checkpointCosigned(Event.CheckpointCosigned)
    case halt(Event.Halt)
    case resume(Event.Resume)
    /// `x.NAME`: somebody else's event, which nothing here reads.
    case outside

    /// - Throws: `log` for a type that a room does not write, and for data that its schema does not allow.
    init(_ entry: LogEntry) throws(BundleError) {
        func read<T: EventData>(_ type: T.Type) throws(BundleError) -> T {
            do throws(BaseError) {
                return try CanonicalJSON.decodeStrict(type, from: entry.data)
            } catch {
                throw .failed(.log, "entry \(entry.seq) (\(entry.type)): \(error.message)", cause: error)
            }
        }
        switch entry.type {
        case Event.RoomCreated.type: self = .roomCreated(try read(Event.RoomCreated.self))
        case Event.RoomOpened.type: self = .roomOpened(try read(Event.RoomOpened.self))
        case Event.RoomRestored.type: self = .roomRestored(try read(Event.RoomRestored.self))
        case Event.KeyCreated.type: self = .keyCreated(try read(Event.KeyCreated.self))
        case Event.KeyRotated.type: self = .keyRotated(try read(Event.KeyRotated.self))
        case Event.PolicyAccepted.type: self = .policyAccepted(try read(Event.PolicyAccepted.self))
        case Event.PolicyRefused.type: self = .policyRefused(try read(Event.PolicyRefused.self))
        case Event.ModelRegistered.type: self = .modelRegistered(try read(Event.ModelRegistered.self))
        case Event.JobAccepted.type: self = .jobAccepted(try read(Event.JobAccepted.self))
        case Event.JobDenied.type: self = .jobDenied(try read(Event.JobDenied.self))
        case Event.JobDecomposed.type: self = .jobDecomposed(try read(Event.JobDecomposed.self))
        case Event.AuctionHeld.type: self = .auctionHeld(try read(Event.AuctionHeld.self))
        case Event.KeyReleased.type: self = .keyReleased(try read(Event.KeyReleased.self))
        case Event.JailStarted.type: self = .jailStarted(try read(Event.JailStarted.self))
        case Event.InputDelivered.type: self = .inputDelivered(try read(Event.InputDelivered.self))
        case Event.JailEnded.type: self = .jailEnded(try read(Event.JailEnded.self))
        case Event.OutputValidated.type: self = .outputValidated(try read(Event.OutputValidated.self))
        case Event.AuctionSettled.type: self = .auctionSettled(try read(Event.AuctionSettled.self))
        case Event.OutputWithheld.type: self = .outputWithheld(try read(Event.OutputWithheld.self))
        case Event.OutputReleased.type: self = .outputReleased(try read(Event.OutputReleased.self))
        case Event.AirlockQueued.type: self = .airlockQueued(try read(Event.AirlockQueued.self))
        case Event.AirlockDecided.type: self = .airlockDecided(try read(Event.AirlockDecided.self))
        case Event.JobEnded.type: self = .jobEnded(try read(Event.JobEnded.self))
        case Event.FeedbackAdded.type: self = .feedbackAdded(try read(Event.FeedbackAdded.self))
        case Event.MemoryErased.type: self = .memoryErased(try read(Event.MemoryErased.self))
        case Event.CheckpointCosigned.type: self = .checkpointCosigned(try read(Event.CheckpointCosigned.self))
        case Event.Halt.type: self = .halt(try read(Event.Halt.self))
        case Event.Resume.type: self = .resume(try read(Event.Resume.self))
        default:
            guard entry.type.hasPrefix("x.") else {
                throw .failed(.log, "entry \(entry.seq): this version does not know events of type \(entry.type)")
            }
            self = .outside
        }
    }
}

/// An entry of the bundle's range with its event.
struct ReadEntry: Sendable {
    let entry: LogEntry
    let event: TypedEvent

    var seq: UInt64 { entry.seq }
    var wall: WallTime { entry.wall }
}
