// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// The smallest program: scripts/bench links it statically, so that a launch of it is all launch.

int main(void) { return 0; }
