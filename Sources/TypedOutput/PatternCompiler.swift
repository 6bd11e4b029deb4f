// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Thompson's construction: a pattern to a program for `SafePattern`, counted repetitions written out within bounds.
struct PatternCompiler {
    private(set) var program: [SafePattern.Instruction] = []

    mutating func append(_ instruction: SafePattern.Instruction) throws(PatternRefusal) {
        guard program.count < SafePattern.maxInstructions else {
            throw PatternRefusal(
                reason: "more than \(SafePattern.maxInstructions) steps once repetitions are written out")
        }
        program.append(instruction)
    }

    mutating func emit(_ node: PatternNode) throws(PatternRefusal) {
        switch node {
        case .empty: return
        case .scalars(let set): try append(.scalar(set))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternatives(let nodes): try alternatives(nodes[...])
        case .repeated(let node, let least, let most):
            for _ in 0..<least {
                let before = program.count
                try emit(node)
                // Nested counts of something empty would otherwise take their product of steps and emit nothing.
                if program.count == before { return }
            }
            if let most {
                try optional(node, times: most - least)
            } else {
                try starred(node)
            }
        }
    }

    private mutating func alternatives(_ nodes: ArraySlice<PatternNode>) throws(PatternRefusal) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try emit(first) }
        let split = program.count
        try append(.split(0, 0))
        try emit(first)
        let jump = program.count
        try append(.jump(0))
        program[split] = .split(split + 1, program.count)
        try alternatives(nodes.dropFirst())
        program[jump] = .jump(program.count)
    }

    private mutating func starred(_ node: PatternNode) throws(PatternRefusal) {
        let split = program.count
        try append(.split(0, 0))
        try emit(node)
        try append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }

    private mutating func optional(_ node: PatternNode, times: Int) throws(PatternRefusal) {
        var splits: [Int] = []
        for _ in 0..<times {
            splits.append(program.count)
            try append(.split(0, 0))
            try emit(node)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}
