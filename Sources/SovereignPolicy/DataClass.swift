// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A class of data. It inherits every forbid, residency and purpose of the classes it is above, and no permit.
public struct DataClass: Codable, Equatable, Sendable {
    /// The classes directly below.
    public let above: [String]
    /// Countries (ISO 3166-1 alpha-2) in which a model must be, for this class and all above; absent means any.
    public let residency: [String]?
    /// Purposes that this class and all above may be used for; absent means any.
    public let purposes: [String]?
    /// How long the room may keep what it holds of data of this class and all above; absent sets no end.
    public let retention: Retention?

    /// Durations from the time when a job was accepted; what a job still needs is kept until it has ended.
    public struct Retention: Codable, Equatable, Sendable {
        /// Of inputs that the room sealed, and of what it remembers of inputs to learn from.
        public let inputs: Nanoseconds?
        /// Of what it remembers of answers to learn from.
        public let outputs: Nanoseconds?

        public init(inputs: Nanoseconds? = nil, outputs: Nanoseconds? = nil) {
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    public init(
        above: [String] = [], residency: [String]? = nil, purposes: [String]? = nil, retention: Retention? = nil
    ) {
        self.above = above
        self.residency = residency
        self.purposes = purposes
        self.retention = retention
    }
}

extension SovereignPolicy {
    /// How long what the room holds of data of a class may be kept: the shortest that the class or one below it says. Of a class that is
    /// not listed, the shortest of all.
    public func retention(of className: String) -> DataClass.Retention {
        let lattice = ClassLattice(dataClasses)
        let known = lattice.contains(className) ? className : ClassLattice.implicitTop
        let all = lattice.atOrBelow(known).compactMap { dataClasses[$0]?.retention }
        return .init(inputs: all.compactMap(\.inputs).min(), outputs: all.compactMap(\.outputs).min())
    }

    /// Whether anything has an end.
    public var limitsRetention: Bool { dataClasses.values.contains { $0.retention != nil } }
}

/// The order of the data classes. Total for any input; `SovereignPolicy.problems` says when the input is no order.
public struct ClassLattice: Sendable {
    /// Above every class that a policy names; no name in a policy can be spelt like it.
    public static let implicitTop = "⊤"

    private let names: [String]
    private let index: [String: Int]
    /// For each class the classes at or below it.
    private let down: [Set<Int>]

    public init(_ classes: [String: DataClass]) {
        let names = classes.keys.sorted()
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var down: [Set<Int>] = []
        for name in names {
            // Reachability ends on cycles too.
            var seen: Set<Int> = []
            var open = [name]
            while let next = open.popLast() {
                guard let number = index[next], seen.insert(number).inserted else { continue }
                open += classes[next]?.above ?? []
            }
            down.append(seen)
        }
        self.names = names
        self.index = index
        self.down = down
    }

    public func contains(_ name: String) -> Bool { name == Self.implicitTop || index[name] != nil }

    /// Whether `lower` is `upper` or below it. False when either is unknown.
    public func isAtOrBelow(_ lower: String, _ upper: String) -> Bool {
        if upper == Self.implicitTop { return contains(lower) }
        guard let low = index[lower], let high = index[upper] else { return false }
        return down[high].contains(low)
    }

    /// All classes at or below this one, sorted; all classes for the implicit top.
    public func atOrBelow(_ name: String) -> [String] {
        if name == Self.implicitTop { return names }
        guard let number = index[name] else { return [] }
        return down[number].sorted().map { names[$0] }
    }

    /// The classes that a class of data answers for: itself and all below.
    struct Reach {
        /// Nil for the implicit top, which no rule names.
        let number: Int?
        /// By class number.
        let down: [Bool]
    }

    func number(_ name: String) -> Int? { index[name] }

    func reach(_ name: String) -> Reach {
        guard let number = index[name] else {
            return Reach(number: nil, down: names.map { _ in name == Self.implicitTop })
        }
        return Reach(number: number, down: names.indices.map { down[number].contains($0) })
    }

    /// Those of all classes, by their number.
    var reaches: [Reach] { names.map(reach) }

    /// The least upper bound of all given classes at once. Where two classes have several least upper bounds, or one
    /// class is unknown, or none is given, the join is the implicit top: never less than it should be.
    public func join(_ classes: some Sequence<String>) -> String {
        var members: Set<Int> = []
        for name in classes {
            guard let number = index[name] else { return Self.implicitTop }
            members.insert(number)
        }
        guard !members.isEmpty else { return Self.implicitTop }
        let bounds = names.indices.filter { down[$0].isSuperset(of: members) }
        let least = bounds.filter { candidate in bounds.allSatisfy { down[$0].contains(candidate) } }
        return least.count == 1 ? names[least[0]] : Self.implicitTop
    }

    /// The class above all others, or the implicit top when there is none.
    public var top: String { join(names) }

    /// Pairs of classes without a single least upper bound: data of both gets the implicit top.
    var pairsWithoutJoin: [(String, String)] {
        names.indices.flatMap { first in
            names.indices.dropFirst(first + 1).compactMap { second in
                join([names[first], names[second]]) == Self.implicitTop ? (names[first], names[second]) : nil
            }
        }
    }

    /// Classes that are above themselves through others.
    var cyclic: [String] {
        names.indices.filter { number in down[number].contains { $0 != number && down[$0].contains(number) } }
            .map { names[$0] }
    }
}
