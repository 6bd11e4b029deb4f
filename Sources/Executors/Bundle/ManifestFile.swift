// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Jail
public import PolicyFile

/// Reads `model.yaml`. What is wrong is said with its place; `Models/model.schema.json` describes the same file.
public enum ManifestFile {
    /// - Parameter file: the name that errors show.
    public static func read(_ bytes: [UInt8], file: String) throws(PolicyFileError) -> ModelManifest {
        let top = try YAMLNode.read(bytes, file: file).mapping()
        let wire = try wire(top.required("protocol"))
        let limitsNode = top.optional("limits")
        let (limits, callLimit) = try limits(limitsNode)
        let pricesNode = try top.required("prices")
        let prices = try prices(pricesNode)
        let tasksNode = try top.required("tasks")
        let tasks = try tasks(tasksNode)
        let (bidNode, answerNode, hintsNode) = (top.optional("bid"), top.optional("answer"), top.optional("adaptation"))
        let manifest = ModelManifest(
            name: try name(top.required("name")), version: try text(top.required("version"), limit: 64),
            licence: try text(top.required("licence"), limit: 64), tasks: tasks,
            languages: try top.optional("languages").map(strings) ?? [], protocol: wire,
            argv: try argv(top.required("argv")), closure: try closure(top.required("image")),
            mounts: try top.optional("mounts").map(mounts) ?? [], profile: try name(top.required("profile")),
            limits: limits, callLimit: String(callLimit), prices: prices,
            bid: try bidNode.map { node throws(PolicyFileError) in try bid(node, currency: prices.currency) },
            answer: try answer(answerNode, wire: wire, at: top.place),
            adaptation: try hintsNode.map { node throws(PolicyFileError) in try adaptation(node, wire: wire) },
            provenance: try top.optional("provenance").map(provenance) ?? [:])
        try top.finish(notYet: ["env", "adapters", "signature", "warmup"])
        if manifest.tasks.contains(where: { ModelManifest.services.contains($0.type) }) {
            try checkService(manifest, tasks: tasksNode, bid: bidNode, prices: pricesNode)
        } else if bidNode == nil {
            throw top.place.refusing(
                "missing-key", found: "no bid", allowed: "bid: {fixed: …} or bid: {program: …}",
                remedy: "only a parser or featurizer goes without")
        }
        return manifest
    }

    /// A parser or featurizer is no contender, costs nothing, and speaks the one protocol that its step needs.
    private static func checkService(
        _ manifest: ModelManifest, tasks: YAMLNode, bid: YAMLNode?, prices: YAMLNode
    ) throws(PolicyFileError) {
        guard manifest.tasks.count == 1, let type = manifest.tasks.first?.type else {
            throw tasks.refusing(
                "value", allowed: "parse or features alone",
                remedy: "make a second bundle of the same program for what it bids on")
        }
        if let bid { throw bid.refusing("value", allowed: "no bid: a model for \(type) never bids") }
        let money = [manifest.prices.call, manifest.prices.cpuSecond, manifest.prices.kibibyte]
        guard money.allSatisfy({ $0.micro == 0 }) else {
            throw prices.refusing("value", allowed: "only zeros: a model for \(type) serves every bidder alike")
        }
        // One process per message: a parser of hostile formats must not carry anything from one to the next.
        let fits = type == "parse" ? manifest.answer == .json : manifest.protocol == .jsonrpc
        guard fits else {
            throw tasks.refusing(
                "value", allowed: type == "parse" ? "protocol: oneshot with answer: {json: true}" : "protocol: jsonrpc")
        }
    }

    private static func adaptation(
        _ node: YAMLNode, wire: ModelManifest.Wire
    ) throws(PolicyFileError) -> AdaptationHints {
        guard wire == .jsonrpc else {
            throw node.refusing("value", allowed: "no adaptation: a oneshot program takes nothing but its input")
        }
        return try AdaptationHints.read(node)
    }

    private static func wire(_ node: YAMLNode) throws(PolicyFileError) -> ModelManifest.Wire {
        let text = try node.string()
        if text == "openai" {
            throw node.refusing(
                "value", allowed: "oneshot, jsonrpc", remedy: "this version has no HTTP bridge inside the jail")
        }
        _ = try node.oneOf(ModelManifest.Wire.allCases.map(\.rawValue))
        return ModelManifest.Wire(rawValue: text) ?? .oneshot
    }

    /// Lower-case letters, digits, dot and hyphen: it becomes part of log entries and of file names.
    static func name(_ node: YAMLNode) throws(PolicyFileError) -> String {
        let text = try node.string()
        let plain = text.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e
        }
        guard plain, (1...64).contains(text.utf8.count), text.utf8.first != 0x2e, text.utf8.first != 0x2d else {
            throw node.refusing("value", allowed: "lower-case letters, digits, - and ., at most 64, a letter first")
        }
        return text
    }

    private static func text(_ node: YAMLNode, limit: Int) throws(PolicyFileError) -> String {
        let text = try node.string()
        guard (1...limit).contains(text.utf8.count), !text.utf8.contains(0) else {
            throw node.refusing("value", allowed: "1 to \(limit) bytes, none of them NUL")
        }
        return text
    }

    private static func strings(_ node: YAMLNode) throws(PolicyFileError) -> [String] {
        var out: [String] = []
        for item in try node.sequence() { out.append(try text(item, limit: 4096)) }
        return out
    }

    private static func argv(_ node: YAMLNode) throws(PolicyFileError) -> [String] {
        let words = try strings(node)
        guard let program = words.first, program.hasPrefix("/"), words.count <= 64 else {
            throw node.refusing("value", allowed: "at most 64 words, the first an absolute path inside the jail")
        }
        return words
    }

    private static func tasks(_ node: YAMLNode) throws(PolicyFileError) -> [ModelManifest.Task] {
        var tasks: [ModelManifest.Task] = []
        for item in try node.sequence() {
            let task = try item.mapping()
            tasks.append(
                ModelManifest.Task(
                    type: try name(task.required("type")), schema: try text(task.required("schema"), limit: 256)))
            try task.finish()
        }
        guard !tasks.isEmpty else { throw node.refusing("value", allowed: "at least one task") }
        return tasks
    }

    private static func closure(_ node: YAMLNode) throws(PolicyFileError) -> ImageClosure {
        let image = try node.mapping()
        let closure = try image.required("closure").mapping()
        try image.finish()
        let result = ImageClosure(
            programs: try closure.optional("programs").map(absolutePaths) ?? [],
            files: try closure.optional("files").map(absolutePaths) ?? [],
            python: try closure.optional("python").map(python))
        try closure.finish()
        return result
    }

    private static func absolutePaths(_ node: YAMLNode) throws(PolicyFileError) -> [String] {
        var paths: [String] = []
        for item in try node.sequence() { paths.append(try absolutePath(item)) }
        return paths
    }

    private static func absolutePath(_ node: YAMLNode) throws(PolicyFileError) -> String {
        let path = try text(node, limit: 4096)
        guard path.hasPrefix("/"), path != "/", !hasDotParts(path) else {
            throw node.refusing("value", allowed: "an absolute path without . and ..")
        }
        return path
    }

    private static func hasDotParts(_ path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().contains {
            [".", "..", ""].contains($0)
        }
    }

    private static func python(_ node: YAMLNode) throws(PolicyFileError) -> ImageClosure.Python {
        let mapping = try node.mapping()
        let result = ImageClosure.Python(
            interpreter: try absolutePath(mapping.required("interpreter")),
            venv: try mapping.optional("venv").map { node throws(PolicyFileError) in try text(node, limit: 4096) })
        try mapping.finish()
        return result
    }

    private static func mounts(_ node: YAMLNode) throws(PolicyFileError) -> [ModelManifest.Mount] {
        var mounts: [ModelManifest.Mount] = []
        for item in try node.sequence() {
            let mount = try item.mapping()
            let sourceNode = try mount.required("source")
            let source = try text(sourceNode, limit: 1024)
            guard !source.hasPrefix("/"), !hasDotParts("/" + source) else {
                throw sourceNode.refusing("value", allowed: "a path inside the bundle, without . and ..")
            }
            let targetNode = try mount.required("target")
            let target = try absolutePath(targetNode)
            if let own = ownedByTheJail.first(where: { target == $0 || target.hasPrefix($0 + "/") }) {
                throw targetNode.refusing("value", allowed: "a path outside of \(own), which is the jail's own")
            }
            if let other = mounts.first(where: { overlap($0.target, target) }) {
                throw targetNode.refusing(
                    "value", allowed: "a target that does not lie in that of another mount (\(quoted(other.target)))")
            }
            mounts.append(ModelManifest.Mount(source: source, target: target))
            try mount.finish()
            guard mounts.count <= 64 else { throw node.refusing("value", allowed: "at most 64 mounts") }
        }
        return mounts
    }

    /// Where a jail has mounts of its own, which would hide a bundle's.
    private static let ownedByTheJail = ["/proc", "/sys", "/dev", "/tmp"]

    private static func overlap(_ one: String, _ other: String) -> Bool {
        one == other || one.hasPrefix(other + "/") || other.hasPrefix(one + "/")
    }

    private static func limits(
        _ node: YAMLNode?
    ) throws(PolicyFileError) -> (limits: JailLimits, callLimit: UInt64) {
        var limits = JailLimits()
        limits.memoryBytes = 256 << 20
        limits.pids = 8
        limits.fileBytes = 1 << 20
        limits.openFiles = 64
        limits.tmpfsBytes = 1 << 20
        limits.tmpfsInodes = 64
        guard let node else { return (limits, limits.wallNs) }
        let mapping = try node.mapping()
        if let item = mapping.optional("memory") { limits.memoryBytes = try size(item) }
        if let item = mapping.optional("output") { limits.outputBytes = try size(item) }
        if let item = mapping.optional("tmp") { limits.tmpfsBytes = try size(item) }
        if let item = mapping.optional("file") { limits.fileBytes = try size(item) }
        if let item = mapping.optional("wall") { limits.wallNs = try duration(item) }
        if let item = mapping.optional("cpu") {
            limits.cpuSeconds = max(1, (try duration(item) + 999_999_999) / 1_000_000_000)
        }
        if let item = mapping.optional("processes") { limits.pids = UInt64(try item.integer(in: 1...4096)) }
        if let item = mapping.optional("openFiles") { limits.openFiles = UInt64(try item.integer(in: 8...65_536)) }
        if let item = mapping.optional("cpuPercent") { limits.cpuPercent = UInt64(try item.integer(in: 1...100)) }
        let call = try mapping.optional("call").map(duration) ?? limits.wallNs
        try mapping.finish()
        return (limits, min(call, limits.wallNs))
    }

    private static func duration(_ node: YAMLNode) throws(PolicyFileError) -> UInt64 {
        guard case .string(let text) = node.content, let value = Durations.parse(text), value > 0 else {
            throw node.refusing("value", allowed: "a duration such as 10s (units ms, s, m, h, d)")
        }
        return UInt64(value)
    }

    private static func size(_ node: YAMLNode) throws(PolicyFileError) -> UInt64 {
        let units: [(suffix: String, shift: UInt64)] = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        if case .string(let text) = node.content {
            for unit in units where text.hasSuffix(unit.suffix) {
                if let count = UInt64(text.dropLast(3)), count > 0, count < 1 << 30 { return count << unit.shift }
            }
        }
        throw node.refusing("value", allowed: "a size such as 128MiB (units KiB, MiB, GiB)")
    }

    private static func prices(_ node: YAMLNode) throws(PolicyFileError) -> ModelManifest.Prices {
        let mapping = try node.mapping()
        let callNode = try mapping.required("call")
        let (call, currency) = try amount(callNode)
        let cpu = try amount(mapping.required("cpuSecond"), in: currency)
        let kibibyte = try amount(mapping.required("kibibyte"), in: currency)
        try mapping.finish()
        return ModelManifest.Prices(call: call, cpuSecond: cpu, kibibyte: kibibyte, currency: currency)
    }

    private static func amount(_ node: YAMLNode) throws(PolicyFileError) -> (Money, String) {
        let text = try node.string()
        do {
            return try Money.parse(text)
        } catch {
            throw node.refusing("value", allowed: "an amount such as \"0.0002 EUR\"")
        }
    }

    private static func amount(_ node: YAMLNode, in currency: String) throws(PolicyFileError) -> Money {
        let (money, other) = try amount(node)
        guard other == currency else { throw node.refusing("value", allowed: "an amount in \(currency)") }
        return money
    }

    private static func bid(_ node: YAMLNode, currency: String) throws(PolicyFileError) -> ModelManifest.Bidding {
        let mapping = try node.mapping()
        defer { withExtendedLifetime(mapping) {} }
        if let program = mapping.optional("program") {
            let words = try argv(program)
            let profile = try mapping.optional("profile").map(name)
            try mapping.finish()
            return ModelManifest.Bidding(fixed: nil, program: words, profile: profile)
        }
        let fixed = try mapping.required("fixed").mapping()
        try mapping.finish()
        let confidenceNode = try fixed.required("confidence")
        let confidence = try confidenceNode.decimal()
        guard (0...1_000_000_000).contains(confidence) else {
            throw confidenceNode.refusing("range", allowed: "0 to 1")
        }
        let result = ModelManifest.FixedBid(
            confidence: confidence, cost: try amount(fixed.required("cost"), in: currency),
            latency: String(try duration(fixed.required("latency"))))
        try fixed.finish()
        return ModelManifest.Bidding(fixed: result, program: nil, profile: nil)
    }

    private static func answer(
        _ node: YAMLNode?, wire: ModelManifest.Wire, at place: YAMLPlace
    ) throws(PolicyFileError) -> OneShotAnswer? {
        guard let node else {
            guard wire != .oneshot else {
                throw place.refusing(
                    "missing-key", found: "a oneshot model without answer",
                    allowed: "answer: {exit: …} or answer: {json: true}")
            }
            return nil
        }
        guard wire == .oneshot else {
            throw node.refusing("value", allowed: "no answer table: a jsonrpc model answers for itself")
        }
        let mapping = try node.mapping()
        if let json = mapping.optional("json") {
            guard try json.boolean() else { throw json.refusing("value", allowed: "true") }
            try mapping.finish()
            return .json
        }
        let exitNode = try mapping.required("exit")
        var exit: [String: JSONValue] = [:]
        for entry in try exitNode.mapping().entries {
            guard let code = UInt8(entry.key), String(code) == entry.key else {
                throw entry.keyPlace.refusing("key", found: entry.key, allowed: "an exit code, 0 to 255")
            }
            guard case .mapping = entry.value.content else {
                throw entry.value.refusing("type", allowed: "the members of the answer, such as {spam: true}")
            }
            exit[entry.key] = try entry.value.json
        }
        guard !exit.isEmpty else { throw exitNode.refusing("value", allowed: "at least one exit code") }
        let confidence = try mapping.optional("confidence").map { node throws(PolicyFileError) in
            try Self.confidence(node)
        }
        try mapping.finish()
        return .table(OneShotTable(exit: exit, confidence: confidence))
    }

    private static func confidence(_ node: YAMLNode) throws(PolicyFileError) -> OneShotTable.Confidence {
        let mapping = try node.mapping()
        let regexNode = try mapping.required("regex")
        let regex = try regexNode.string()
        do {
            _ = try BoundedPattern(regex)
        } catch {
            throw regexNode.refusing("value", allowed: error.remedy)
        }
        var complement: [Int64] = []
        if let list = mapping.optional("complement") {
            for item in try list.sequence() { complement.append(try item.integer(in: 0...255)) }
        }
        let scale = try mapping.optional("scale").map { node throws(PolicyFileError) in
            try node.integer(in: 1...1_000_000)
        }
        try mapping.finish()
        return OneShotTable.Confidence(regex: regex, scale: scale ?? 1, complement: complement)
    }

    private static func provenance(_ node: YAMLNode) throws(PolicyFileError) -> [String: String] {
        var out: [String: String] = [:]
        for entry in try node.mapping().entries { out[entry.key] = try text(entry.value, limit: 1024) }
        return out
    }
}
