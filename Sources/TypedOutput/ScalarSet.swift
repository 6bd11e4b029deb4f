// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A set of Unicode scalars: ranges and general categories, possibly inverted.
indirect enum ScalarSet: Sendable {
    case ranges([ClosedRange<UInt32>])
    case categories(Set<Unicode.GeneralCategory>)
    case union([ScalarSet])
    case not(ScalarSet)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .ranges(let ranges): ranges.contains { $0.contains(scalar.value) }
        case .categories(let categories): categories.contains(scalar.properties.generalCategory)
        case .union(let sets): sets.contains { $0.contains(scalar) }
        case .not(let set): !set.contains(scalar)
        }
    }

    static func one(_ scalar: Unicode.Scalar) -> ScalarSet { .ranges([scalar.value...scalar.value]) }

    /// `\d` is ASCII in ECMA-262.
    static let digit = ScalarSet.ranges([0x30...0x39])
    /// `\w` is ASCII in ECMA-262.
    static let word = ScalarSet.ranges([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    /// `\s`: WhiteSpace and LineTerminator of ECMA-262.
    static let space = ScalarSet.ranges([
        0x09...0x0d, 0x20...0x20, 0xa0...0xa0, 0x1680...0x1680, 0x2000...0x200a, 0x2028...0x2029, 0x202f...0x202f,
        0x205f...0x205f, 0x3000...0x3000, 0xfeff...0xfeff,
    ])
    /// `.`: anything but a LineTerminator.
    static let dot = ScalarSet.not(.ranges([0x0a...0x0a, 0x0d...0x0d, 0x2028...0x2029]))

    /// `\p{…}`: general categories by short or long name; nil for other properties.
    static func property(_ name: String) -> ScalarSet? {
        let value = name.split(separator: "=", omittingEmptySubsequences: false)
        if value.count == 2 {
            guard value[0] == "gc" || value[0] == "General_Category" else { return nil }
            return property(String(value[1]))
        }
        return categories[name].map { .categories($0) }
    }

    private static let categories: [String: Set<Unicode.GeneralCategory>] = {
        let single: [(String, String, Unicode.GeneralCategory)] = [
            ("Lu", "Uppercase_Letter", .uppercaseLetter), ("Ll", "Lowercase_Letter", .lowercaseLetter),
            ("Lt", "Titlecase_Letter", .titlecaseLetter), ("Lm", "Modifier_Letter", .modifierLetter),
            ("Lo", "Other_Letter", .otherLetter), ("Mn", "Nonspacing_Mark", .nonspacingMark),
            ("Mc", "Spacing_Mark", .spacingMark), ("Me", "Enclosing_Mark", .enclosingMark),
            ("Nd", "Decimal_Number", .decimalNumber), ("Nl", "Letter_Number", .letterNumber),
            ("No", "Other_Number", .otherNumber), ("Pc", "Connector_Punctuation", .connectorPunctuation),
            ("Pd", "Dash_Punctuation", .dashPunctuation), ("Ps", "Open_Punctuation", .openPunctuation),
            ("Pe", "Close_Punctuation", .closePunctuation), ("Pi", "Initial_Punctuation", .initialPunctuation),
            ("Pf", "Final_Punctuation", .finalPunctuation), ("Po", "Other_Punctuation", .otherPunctuation),
            ("Sm", "Math_Symbol", .mathSymbol), ("Sc", "Currency_Symbol", .currencySymbol),
            ("Sk", "Modifier_Symbol", .modifierSymbol), ("So", "Other_Symbol", .otherSymbol),
            ("Zs", "Space_Separator", .spaceSeparator), ("Zl", "Line_Separator", .lineSeparator),
            ("Zp", "Paragraph_Separator", .paragraphSeparator), ("Cc", "Control", .control), ("Cf", "Format", .format),
            ("Co", "Private_Use", .privateUse), ("Cn", "Unassigned", .unassigned),
        ]
        let groups = [
            "L": "Letter", "M": "Mark", "N": "Number", "P": "Punctuation", "S": "Symbol", "Z": "Separator",
            "C": "Other",
        ]
        var table: [String: Set<Unicode.GeneralCategory>] = [:]
        for (short, long, category) in single {
            table[short] = [category]
            table[long] = [category]
            let group = String(short.prefix(1))
            table[group, default: []].insert(category)
            if let name = groups[group] { table[name, default: []].insert(category) }
        }
        table["digit"] = table["Nd"]
        table["punct"] = table["P"]
        table["cntrl"] = table["Cc"]
        return table
    }()
}
