// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// The version that `--version` prints and `room.opened` records.
public enum Version {
    public static let text = "0.1.0"
}
