// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "fuzzer.h"
