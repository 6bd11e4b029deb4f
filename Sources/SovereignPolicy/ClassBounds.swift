// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What the classes of a policy demand of a request without any rule: residency, purposes and sizes. Each binds the class that
/// says it and every class above.
struct ClassBounds: Sendable {
    /// One class that demands something.
    private struct Bound {
        let className: String
        let residency: [String]?
        let purposes: [String]?
        let maxBytes: Int64?
    }

    /// A demand that a request does not meet.
    enum Breach {
        case residency(ofClass: String, allowed: [String])
        case purpose(ofClass: String, allowed: [String])
        case purposeIsMissing
        case size(ofClass: String, most: Int64)
    }

    /// By class, with those of the classes below; classes that nothing binds are not in it.
    private let bounds: [String: [Bound]]

    init(_ policy: SovereignPolicy, _ lattice: ClassLattice) {
        var bounds: [String: [Bound]] = [:]
        for name in Array(policy.dataClasses.keys) + [ClassLattice.implicitTop] {
            let binding = lattice.atOrBelow(name).compactMap { lower -> Bound? in
                guard let dataClass = policy.dataClasses[lower] else { return nil }
                let maxBytes = policy.outputs[lower]?.maxBytes
                guard dataClass.residency != nil || dataClass.purposes != nil || maxBytes != nil else { return nil }
                return Bound(
                    className: lower, residency: dataClass.residency, purposes: dataClass.purposes, maxBytes: maxBytes)
            }
            if !binding.isEmpty { bounds[name] = binding }
        }
        self.bounds = bounds
    }

    /// What a request about data of a class does not meet, in the order of the classes' names.
    ///
    /// - Parameter model: nil where the request names none, or where residency is asked about elsewhere.
    func breaches(by request: PolicyRequest, about className: String, model: PolicyModel?) -> [Breach] {
        var found: [Breach] = []
        for bound in bounds[className] ?? [] {
            if let allowed = bound.residency, let model, !allowed.contains(model.jurisdiction) {
                found.append(.residency(ofClass: bound.className, allowed: allowed))
            }
            if let allowed = bound.purposes {
                if let purpose = request.purpose {
                    if !allowed.contains(purpose) {
                        found.append(.purpose(ofClass: bound.className, allowed: allowed))
                    }
                } else {
                    found.append(.purposeIsMissing)
                }
            }
            if let most = bound.maxBytes,
                case .integer(let bytes)? = request.attributes[PolicyAttribute.outputBytes.rawValue], bytes > most
            {
                found.append(.size(ofClass: bound.className, most: most))
            }
        }
        return found
    }
}
