// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Which walls a test's launcher lacks. Nothing of this file is in the launcher that is shipped.
#include "walls.h"

#ifdef MISSING_WALLS
bool wall(enum wall which) {
    // WALLS is none, and ends the list.
    static const enum wall missing[] = {MISSING_WALLS, WALLS};
    for (unsigned i = 0; i < sizeof missing / sizeof *missing; i++)
        if (missing[i] == which) return false;
    return true;
}
#endif
