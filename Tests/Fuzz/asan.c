// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Linked into the launcher that is fuzzed alive. The launcher closes every descriptor and takes /dev/null for its standard error,
// so what the address sanitizer has to say goes into memory that was mapped before that: the file of $ATOMIC_ASAN_REPORT. Every
// process of the launcher inherits it.
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOM = 1 << 16 };

static struct { _Atomic uint32_t used; char text[ROOM - 4]; } *report;

static void keep(const char *text) {
    size_t length = strlen(text), at = atomic_fetch_add(&report->used, (uint32_t)length);
    if (at + length < sizeof report->text) memcpy(report->text + at, text, length);
}

__attribute__((constructor)) static void prepare(void) {
    const char *path = getenv("ATOMIC_ASAN_REPORT");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) _exit(3);
    report = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (report == MAP_FAILED) _exit(3);
    close(fd);
    __asan_set_error_report_callback(keep);
}

// The sanitizer's shadow memory counts as data, terabytes of it: under the limit that stands in for a cgroup nothing could be
// mapped any more. The plain build is fuzzed too, and has that limit.
int setrlimit(__rlimit_resource_t which, const struct rlimit *limit) {
    return which == RLIMIT_DATA ? 0 : (int)syscall(SYS_prlimit64, 0, which, limit, NULL);
}
