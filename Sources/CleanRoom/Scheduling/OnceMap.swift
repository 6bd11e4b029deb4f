// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Values that are made when somebody first wants them: once, by one thread, while the others who want the same wait.
final class OnceMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Slot {
        case making
        case made(Value)
    }

    private let slots = Shared<[Key: Slot]>([:])

    /// The value of a key. What `make` throws is thrown to its caller; the next who wants the value tries anew.
    func value(_ key: Key, make: () throws -> Value) throws -> Value {
        let known: Value?? = slots.wait { slots in
            switch slots[key] {
            case .made(let value): return .some(value)
            case .making: return nil
            case nil:
                slots[key] = .making
                return .some(nil)
            }
        }
        if case .some(.some(let value)) = known { return value }
        do {
            let value = try make()
            slots.change { $0[key] = .made(value) }
            return value
        } catch {
            slots.change { $0[key] = nil }
            throw error
        }
    }

    /// Takes the made values of some keys out of the map.
    func remove(where isGone: (Key) -> Bool) -> [Value] {
        slots.change { slots in
            var values: [Value] = []
            for (key, slot) in slots where isGone(key) {
                guard case .made(let value) = slot else { continue }
                values.append(value)
                slots[key] = nil
            }
            return values
        }
    }

    /// Takes every value that was made out of the map.
    func removeAll() -> [Value] {
        slots.change { slots in
            defer { slots = [:] }
            return slots.values.compactMap { if case .made(let value) = $0 { value } else { nil } }
        }
    }
}
