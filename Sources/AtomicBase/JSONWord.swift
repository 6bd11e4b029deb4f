// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// An enumeration that stands in JSON as its raw value, by the decoder and encoder that the standard library gives it.
///
/// A decoder may then look the word up without asking the type's own decoder, which is several times as fast.
public protocol JSONWord: RawRepresentable, Codable where RawValue == String {}
