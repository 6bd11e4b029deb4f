// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import WitnessServer

await WitnessProgram.main()
