// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "launcher.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int failed_with(struct failure *f, int error, const char *stage, const char *object) {
    memset(f, 0, sizeof *f);
    f->error = error;
    snprintf(f->stage, sizeof f->stage, "%s", stage);
    snprintf(f->object, sizeof f->object, "%s", object);
    return -1;
}

int failed(struct failure *f, const char *stage, const char *object) {
    return failed_with(f, errno, stage, object);
}
