// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import CFuzzer

var count = CommandLine.argc
// SAFETY: the program's own arguments, which live as long as it does.
var arguments = unsafe Optional(CommandLine.unsafeArgv)
unsafe withUnsafeMutablePointer(to: &arguments) { pointer in
    // SAFETY: both are read before the call returns.
    unsafe pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
        pointer in
        _ = unsafe LLVMFuzzerRunDriver(&count, pointer) { data, size in unsafe testOneInput(data, size) }
    }
}
