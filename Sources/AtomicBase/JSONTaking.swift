// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What is read most, taken from a text in one go and noted as read. Nil for everything that is something else; nothing is
/// noted then, and the decoder says what is wrong.
extension JSONNode {
    func takeString() -> String? {
        guard let text = string else { return nil }
        note()
        return text
    }

    func takeStrings() -> [String]? {
        switch self {
        case .part(let document, let number): document.takeStrings(number)
        case .tree(.array(let items)):
            items.allSatisfy { $0.stringValue != nil } ? items.compactMap(\.stringValue) : nil
        case .tree: nil
        }
    }

    func takeLists() -> [String: [String]]? {
        switch self {
        case .part(let document, let number): return document.takeLists(number)
        case .tree(.object(let members)):
            var lists: [String: [String]] = [:]
            for (name, value) in members {
                guard let list = JSONNode.tree(value).takeStrings() else { return nil }
                lists[name] = list
            }
            return lists
        case .tree: return nil
        }
    }

    /// A digest has one text, so what was read is what stands there.
    func takeDigest() -> Digest? {
        guard let text = string, let digest = Digest(string: text) else { return nil }
        note()
        return digest
    }

    /// - Parameter known: the same type, as the caller knows it.
    func takeWord<Word: JSONWord, Known>(_ type: Word.Type, as known: Known.Type) -> Known? {
        guard let text = string, let word = Word(rawValue: text) else { return nil }
        // Swift holds different texts equal; the word is written as it is declared.
        if word.rawValue.utf8.elementsEqual(text.utf8) { note() }
        return word as? Known
    }
}

extension JSONDocument {
    fileprivate func takeStrings(_ array: Int) -> [String]? {
        guard parts[array].kind == .array else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(Int(parts[array].end))
        for place in array + 1..<Int(parts[array].next) {
            switch parts[place].kind {
            case .plainString, .string: strings.append(string(parts[place]))
            default: return nil
            }
        }
        reading?.note(array..<Int(parts[array].next))
        return strings
    }

    fileprivate func takeLists(_ object: Int) -> [String: [String]]? {
        guard parts[object].kind == .object else { return nil }
        var lists: [String: [String]] = [:]
        if parts[object].end > 0 { lists.reserveCapacity(Int(parts[object].end)) }
        var key = object + 1
        while key < Int(parts[object].next) {
            guard let list = takeStrings(key + 1) else { return nil }
            lists[string(parts[key])] = list
            key = Int(parts[key + 1].next)
        }
        reading?.note(object..<object + 1)
        return lists
    }
}
