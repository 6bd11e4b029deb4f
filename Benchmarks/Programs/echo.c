// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// Gives back what it reads on descriptor 3: the other end of a round trip, inside a jail and outside.

#include <errno.h>
#include <unistd.h>

int main(void) {
    char bytes[4096];
    for (;;) {
        ssize_t got = read(3, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        if (write(3, bytes, (size_t)got) != got) return 1;
    }
}
