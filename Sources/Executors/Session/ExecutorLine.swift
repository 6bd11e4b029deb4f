// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// One line from an executor, strictly.
enum ExecutorLine {
    case reply(ExecutorSessionStateMachine.Reply)
    case notification
    case failure(ExecutorError.Code)

    /// - Parameter line: without the newline.
    static func read(_ line: [UInt8], awaiting method: ExecutorSessionStateMachine.Method, id: Int64) -> ExecutorLine {
        guard isText(line) else { return .failure(.garbage) }
        guard let value = try? JSONValue.parse(line) else { return .failure(.invalidJSON) }
        guard case .object(let members) = value, members["jsonrpc"] == .string("2.0") else {
            return .failure(.protocolViolation)
        }
        if let name = members["method"] {
            // Notifications carry progress of the request under way and need no answer; requests of its own an executor
            // has none to make.
            let known = name == .string("progress") || name == .string("token")
            guard known, Set(members.keys) == ["jsonrpc", "method", "params"], members["params"]?.objectValue != nil
            else {
                return .failure(.protocolViolation)
            }
            return .notification
        }
        guard members["id"] == .integer(id), members.count == 3 else { return .failure(.protocolViolation) }
        if let error = members["error"] {
            guard let fields = error.objectValue, fields["code"]?.integerValue != nil,
                fields["message"]?.stringValue != nil, Set(fields.keys).isSubset(of: ["code", "message", "data"])
            else { return .failure(.protocolViolation) }
            return .failure(.modelError)
        }
        guard let result = members["result"]?.objectValue, let reply = reply(result, to: method) else {
            return .failure(.protocolViolation)
        }
        return .reply(reply)
    }

    private static func reply(
        _ result: [String: JSONValue], to method: ExecutorSessionStateMachine.Method
    ) -> ExecutorSessionStateMachine.Reply? {
        let members = Set(result.keys)
        switch method {
        case .initialize:
            guard members == ["name", "version", "tasks"], let name = result["name"]?.stringValue,
                let version = result["version"]?.stringValue, let tasks = result["tasks"]?.arrayValue
            else { return nil }
            let types = tasks.compactMap(\.stringValue)
            guard types.count == tasks.count else { return nil }
            return .initialized(ExecutorIdentity(name: name, version: version, tasks: types))
        case .bid:
            guard members == ["confidence", "cost", "latency"],
                let confidence = probability(result["confidence"]), let cost = result["cost"]?.integerValue,
                let latency = result["latency"]?.integerValue, cost >= 0, latency >= 0
            else { return nil }
            return .bid(RawBid(confidence: confidence, cost: cost, latency: latency))
        case .feedback:
            return members.isEmpty ? .learned : nil
        case .execute:
            guard members == ["value", "confidence"], let value = result["value"],
                let confidence = probability(result["confidence"])
            else { return nil }
            return .answer(value: value, confidence: confidence)
        case .shutdown:
            return members.isEmpty ? .shutDown : nil
        }
    }

    /// A JSON number from 0 to 1, in 1e-9.
    static func probability(_ value: JSONValue?) -> Int64? {
        switch value {
        case .integer(let number): return (0...1).contains(number) ? number * 1_000_000_000 : nil
        case .double(let number): return (0...1).contains(number) ? Int64((number * 1e9).rounded()) : nil
        default: return nil
        }
    }
}
