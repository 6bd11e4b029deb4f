// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The second wall around files: even where a mount were writable by mistake, Landlock says no (landlock(7)).
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

// Newer than Debian 12's kernel headers (6.1 has ABI 2).
#define FS_TRUNCATE (1ull << 14)    // ABI 3
#define FS_IOCTL_DEV (1ull << 15)   // ABI 5
#define NET_ALL 3ull                // ABI 4: bind and connect TCP
#define SCOPE_ALL 3ull              // ABI 6: abstract unix sockets and signals

struct ruleset {
    uint64_t fs, net, scoped;
};

static const uint64_t FS_READ =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

uint32_t landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (uint32_t)abi : 0;
}

static int allow(int rules, const char *path, uint64_t access) {
    if (!wall(WALL_LANDLOCK_FILES)) return 0;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return -1;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    long result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int saved = errno;
    close(fd);
    errno = saved;
    return result ? -1 : 0;
}

int landlock_enter(const struct plan *p, uint32_t flags, struct failure *f) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/urandom"};
    uint32_t abi = p->machine.landlock;
    if (abi == 0) return 0;     // the measurement says so
    struct ruleset r = {.fs = (1ull << 13) - 1};
    if (abi >= 2) r.fs |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) r.fs |= FS_TRUNCATE;
    if (abi >= 5) r.fs |= FS_IOCTL_DEV;
    if (abi >= 4) r.net = NET_ALL;
    if (abi >= 6) r.scoped = SCOPE_ALL;
    if (!wall(WALL_LANDLOCK_FILES)) r.fs = 0;
    if (!wall(WALL_LANDLOCK_NETWORK)) r.net = 0;
    if (!wall(WALL_LANDLOCK_SCOPE)) r.scoped = 0;
    if (!r.fs && !r.net && !r.scoped) return 0;
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (rules < 0) return failed(f, "landlock", "ruleset");
    uint64_t file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
    if (abi >= 3) file |= FS_TRUNCATE;
    uint64_t special = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | FS_IOCTL_DEV;
    if (allow(rules, "/", FS_READ & r.fs)) return failed(f, "landlock", "/");
    if (allow(rules, "/tmp", r.fs & ~special & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE))
        return failed(f, "landlock", "/tmp");
    for (size_t i = 0; i < 3; i++)
        if (allow(rules, devices[i], LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | (file & FS_TRUNCATE)))
            return failed(f, "landlock", devices[i]);
    if (flags & LAUNCH_KVM &&
        allow(rules, "/dev/kvm", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | (r.fs & FS_IOCTL_DEV)))
        return failed(f, "landlock", "/dev/kvm");
    for (size_t i = 0; i < p->tree_count; i++)
        if (p->trees[i].writable && allow(rules, p->trees[i].target, p->trees[i].directory ? r.fs & ~special : file))
            return failed(f, "landlock", p->trees[i].target);
    if (syscall(SYS_landlock_restrict_self, rules, 0)) return failed(f, "landlock", "restrict");
    close(rules);
    return 0;
}
