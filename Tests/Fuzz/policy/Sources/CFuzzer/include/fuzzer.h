// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#pragma once
#include <stddef.h>
#include <stdint.h>

/// The loop of libFuzzer (compiler-rt): calls back with inputs until it is told to end, or something crashes.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
