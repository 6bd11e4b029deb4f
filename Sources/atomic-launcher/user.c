// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Who the launcher is, and who the jail. The jail's own user namespace comes last, so that every other namespace belongs to
// the launcher's and capabilities inside, should anybody ever get one, rule over none of them.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { INSIDE_ID = 1000 };

static int write_text(int at, const char *path, const char *text) {
    int fd = openat(at, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t done = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return done == (ssize_t)strlen(text) ? 0 : -1;
}

static int read_capabilities(struct __user_cap_data_struct data[2]) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return (int)syscall(SYS_capget, &header, data);
}

static int write_capabilities(const struct __user_cap_data_struct data[2]) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return (int)syscall(SYS_capset, &header, data);
}

static bool has(const struct __user_cap_data_struct data[2], int capability) {
    return data[capability / 32].effective & 1u << capability % 32;
}

// Whether a file such as /proc/self/uid_map has all the ids that jails get. In a container it often has not.
static bool maps_jail_ids(const char *path) {
    FILE *table = fopen(path, "re");
    unsigned long inside, outside, count;
    bool found = false;
    while (table && !found && fscanf(table, "%lu %lu %lu", &inside, &outside, &count) == 3)
        found = inside <= JAIL_IDS && JAIL_IDS + JAIL_IDS_COUNT <= inside + count;
    if (table) fclose(table);
    return found;
}

// One id inside, one outside, groups denied. A process may write this for itself, whoever it is (user_namespaces(7)).
static int map_one(int proc, unsigned inside_uid, unsigned inside_gid, uid_t uid, gid_t gid, struct failure *f) {
    char text[64];
    if (wall(WALL_SETGROUPS_DENY) && write_text(proc, "self/setgroups", "deny")) return failed(f, "user-namespace", "setgroups");
    snprintf(text, sizeof text, "%u %u 1\n", inside_uid, uid);
    if (write_text(proc, "self/uid_map", text)) return failed(f, "user-namespace", "uid_map");
    snprintf(text, sizeof text, "%u %u 1\n", inside_gid, gid);
    if (write_text(proc, "self/gid_map", text)) return failed(f, "user-namespace", "gid_map");
    return 0;
}

// The launcher's own namespaces: real root gets a mount namespace, an ordinary user a user namespace around it.
int machine_enter(struct machine *m, struct failure *f) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    struct __user_cap_data_struct data[2] = {0};
    if (read_capabilities(data)) return failed(f, "capabilities", "capget");
    m->own_uid = has(data, CAP_SYS_ADMIN) && has(data, CAP_SETUID) && has(data, CAP_SETGID) &&
                 has(data, CAP_SETPCAP) && maps_jail_ids("/proc/self/uid_map") && maps_jail_ids("/proc/self/gid_map");
    if (m->own_uid) {
        if (unshare(CLONE_NEWNS)) return failed(f, "mount-namespace", "unshare");
    } else {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) return failed(f, "user-namespace", "unshare");
        int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (proc < 0) return failed(f, "user-namespace", "/proc");
        if (map_one(proc, uid, gid, uid, gid, f)) return -1;
        close(proc);
    }
    // Unmounts of the host still arrive here, so that nothing stays pinned; nothing of ours goes out.
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL)) return failed(f, "mount-namespace", "propagation");
    return 0;
}

// What is kept of the capabilities; the bounding set first, since that takes one. In an ordinary user's launcher they
// rule over its own user namespace only.
static int keep_only(const int *kept, size_t count, struct failure *f) {
    struct __user_cap_data_struct data[2] = {0}, want[2] = {0};
    if (read_capabilities(data)) return failed(f, "capabilities", "capget");
    for (size_t i = 0; i < count; i++) {
        want[kept[i] / 32].permitted |= 1u << kept[i] % 32;
        want[kept[i] / 32].effective |= 1u << kept[i] % 32;
    }
    for (int c = 0; c < 64; c++) {
        if (want[c / 32].permitted & 1u << c % 32) continue;
        if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0) continue;
        if (errno == EINVAL && c > CAP_AUDIT_READ) break;
        // Not root in any sense: then there is nothing to drop either.
        if (errno == EPERM && !has(data, CAP_SETPCAP)) break;
        return failed(f, "capabilities", "bounding set");
    }
    for (int i = 0; i < 2; i++) {
        want[i].permitted &= data[i].permitted;
        want[i].effective &= data[i].permitted;
    }
    if (write_capabilities(want)) return failed(f, "capabilities", "capset");
    return 0;
}

// CAP_NET_ADMIN numbers network namespaces (network.c), CAP_DAC_OVERRIDE writes in a cgroup that belongs to somebody else; the
// others make namespaces, mounts and jail identities, and kill jails that are of another uid.
int launcher_narrow(const struct machine *m, struct failure *f) {
    if (!wall(WALL_LAUNCHER_CAPABILITIES)) return 0;
    static const int kept[] = {CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_SYS_CHROOT, CAP_KILL,
        CAP_SYS_RESOURCE, CAP_NET_ADMIN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_MKNOD};
    // The last two are the mounter's; with --once that is this process.
    size_t count = sizeof kept / sizeof *kept - (m->once ? 0 : 2);
    return keep_only(kept, count, f);
}

int mounter_narrow(const struct machine *m, struct failure *f) {
    static const int kept[] = {CAP_SYS_ADMIN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_MKNOD};
    (void)m;
    return keep_only(kept, sizeof kept / sizeof *kept, f);
}

// In the jail's PID 1: become the jail's uid, then enter its user namespace. `proc` is the jail's own, with us in it.
int user_become(const struct plan *p, int proc, struct failure *f) {
    if (p->machine.own_uid) {
        struct __user_cap_data_struct data[2];
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)) return failed(f, "user", "keepcaps");
        if (syscall(SYS_setgroups, 0, NULL)) return failed(f, "user", "setgroups");
        if (syscall(SYS_setresgid, p->gid, p->gid, p->gid)) return failed(f, "user", "setresgid");
        if (syscall(SYS_setresuid, p->uid, p->uid, p->uid)) return failed(f, "user", "setresuid");
        // Kept for the one call below, because some systems let only a privileged process make user namespaces.
        if (read_capabilities(data)) return failed(f, "user", "capget");
        for (int i = 0; i < 2; i++) data[i].effective = data[i].permitted;
        if (write_capabilities(data)) return failed(f, "user", "capset");
    }
    // A session keyring of its own: the launcher's may hold the operator's keys. A kernel without keyrings is fine.
    if (wall(WALL_SESSION_KEYRING) && syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM &&
        errno != EDQUOT)
        return failed(f, "user", "session keyring");
    if (wall(WALL_USER_NAMESPACE) && unshare(CLONE_NEWUSER)) return failed(f, "user-namespace", "unshare");
    // setresuid made this process undumpable, and then its maps could be written by nobody but real root.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)) return failed(f, "user", "dumpable");
    // After the last change of identity, which would have cleared it.
    if (wall(WALL_DEATH_SIGNAL) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) return failed(f, "user", "parent death signal");
    if (wall(WALL_USER_NAMESPACE) && map_one(proc, INSIDE_ID, INSIDE_ID, p->uid, p->gid, f)) return -1;
    // From here on nobody outside looks into this process.
    if (wall(WALL_DUMPABLE) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) return failed(f, "user", "dumpable");
    return 0;
}

// All five sets. The bounding set first, since that takes a capability; a new user namespace had filled it again.
int capabilities_drop(struct failure *f) {
    for (int c = 0; wall(WALL_BOUNDING_SET) && c < 64; c++) {
        if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0) continue;
        if (errno == EINVAL && c > CAP_AUDIT_READ) break;
        return failed(f, "capabilities", "bounding set");
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)) return failed(f, "capabilities", "ambient set");
    unsigned bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
                    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (wall(WALL_SECUREBITS) && prctl(PR_SET_SECUREBITS, bits, 0, 0, 0)) return failed(f, "capabilities", "securebits");
    struct __user_cap_data_struct none[2] = {0};
    if (wall(WALL_CAPABILITIES) && write_capabilities(none)) return failed(f, "capabilities", "capset");
    return 0;
}
