// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Reads the arguments of `atomic jail` when there is nothing to explain: known options with good values, `--`, a command.
/// Whatever else comes is left to the full parser of `atomic-room`, which has the words for it.
enum PlainArguments {
    static func order(_ arguments: [String]) -> JailOrder? {
        var order = JailOrder()
        var rest = arguments[...]
        while let next = rest.popFirst() {
            if next == "--" {
                order.command = Array(rest)
                return order.problem == nil ? order : nil
            }
            let parts = next.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), take(parts[0], value, &order) else {
                return nil
            }
        }
        return nil
    }

    private static func take(_ name: String, _ value: String, _ order: inout JailOrder) -> Bool {
        switch name {
        case "--tier": return value == "process"
        case "--profile": order.profile = value
        case "--ro-bind": return add(JailBind(argument: value), to: &order.roBinds)
        case "--bind": return add(JailBind(argument: value), to: &order.binds)
        case "--memory": return set(ByteSize(argument: value), &order.memory)
        case "--pids": return set(UInt64(value), &order.pids)
        case "--cpu": return set(UInt64(value).map(Optional.some), &order.cpu)
        case "--cpu-seconds": return set(UInt64(value), &order.cpuSeconds)
        case "--wall": return set(Double(value), &order.wall)
        case "--output-limit": return set(ByteSize(argument: value), &order.outputLimit)
        case "--file-limit": return set(ByteSize(argument: value), &order.fileLimit)
        case "--tmpfs-size": return set(ByteSize(argument: value), &order.tmpfsSize)
        case "--env": order.environment.append(value)
        case "--chdir": order.directory = value
        case "--report": order.report = value
        default: return false
        }
        return true
    }

    private static func set<Value>(_ value: Value?, _ place: inout Value) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func add<Value>(_ value: Value?, to list: inout [Value]) -> Bool {
        guard let value else { return false }
        list.append(value)
        return true
    }
}
