// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
#pragma once
#include <seccomp.h>
