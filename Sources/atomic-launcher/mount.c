// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The jail's file system. Runs with the launcher's rights: in the maker of a template, or in the jail's PID 1.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const device_names[DEVICES] = {"dev/null", "dev/zero", "dev/urandom", "dev/kvm"};

// A new file system, not attached anywhere.
int new_filesystem(const char *type, const char *const options[][2], size_t count, unsigned attributes) {
    int fs = fsopen(type, FSOPEN_CLOEXEC);
    if (fs < 0) return -1;
    int mount = -1;
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = !fsconfig(fs, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
    if (good && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
    int saved = errno;
    close(fs);
    errno = saved;
    return mount;
}

static int attach(int tree, int at) {
    return move_mount(tree, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int attach_beneath(int tree, int root, const char *path) {
    int at = open_beneath(root, path, O_PATH | O_CLOEXEC, 0);
    if (at < 0) return -1;
    int result = attach(tree, at), saved = errno;
    close(at);
    errno = saved;
    return result;
}

// Walks from the jail's root one component at a time and never through a link, making what is missing where the root is
// still writable (the system root is; an image is not). The last component is a directory or an empty file.
static int mount_point(int root, const char *target, bool directory) {
    int at = dup(root);
    const char *part = target + 1;
    while (at >= 0 && *part) {
        char name[256];
        size_t length = strcspn(part, "/");
        if (length >= sizeof name) { errno = ENAMETOOLONG; break; }
        memcpy(name, part, length);
        name[length] = 0;
        part += length + (part[length] == '/');
        bool last = !*part;
        int next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT) {
            if (last && !directory) {
                int made = openat(at, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
                if (made < 0) break;
                close(made);
            } else if (mkdirat(at, name, 0755)) {
                break;
            }
            next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        }
        if (next < 0) break;
        close(at);
        at = next;
        if (last) {
            struct stat status;
            if (fstat(at, &status)) break;
            if (S_ISDIR(status.st_mode) == directory && !S_ISLNK(status.st_mode)) return at;
            errno = directory ? ENOTDIR : EISDIR;
            break;
        }
    }
    int saved = errno;
    if (at >= 0) close(at);
    errno = saved;
    return -1;
}

static int attach_trees(const struct plan *p, int root, struct failure *f) {
    for (size_t i = 0; i < p->tree_count; i++) {
        const struct tree *t = &p->trees[i];
        int at = mount_point(root, t->target, t->directory);
        if (at < 0) return failed(f, "mount-target", t->target);
        if (attach(t->fd, at)) return failed(f, "mount-target", t->target);
        close(at);
    }
    return 0;
}

static int attach_devices(const struct plan *p, int root, struct failure *f) {
    for (int i = 0; i < DEVICES; i++)
        if (p->dev[i] >= 0 && attach_beneath(p->dev[i], root, device_names[i]))
            return failed(f, "mount-dev", device_names[i]);
    return 0;
}

static int make_root(const struct plan *p, struct failure *f) {
    if (p->root >= 0) return p->root;
    static const char *const options[][2] = {
        {"source", "atomic-root"}, {"size", "1048576"}, {"nr_inodes", "1024"}, {"mode", "0755"}};
    static const char *const directories[] = {"proc", "dev", "tmp"};
    int root = new_filesystem("tmpfs", options, 4, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (root < 0) return failed(f, "mount-root", "tmpfs");
    for (size_t i = 0; i < 3; i++)
        if (mkdirat(root, directories[i], 0755)) return failed(f, "mount-root", directories[i]);
    for (int i = 0; i < DEVICES; i++) {
        if (p->dev[i] < 0) continue;
        int fd = openat(root, device_names[i], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
        if (fd < 0) return failed(f, "mount-root", device_names[i]);
        close(fd);
    }
    for (size_t i = 0; i < p->link_count; i++)
        if (symlinkat(p->links[i].target, root, p->links[i].name)) return failed(f, "mount-root", p->links[i].name);
    return root;
}

static uint64_t mount_id(const char *path) {
    struct statx status;
    return statx(AT_FDCWD, path, 0, STATX_MNT_ID, &status) ? 0 : status.stx_mnt_id;
}

// pivot_root(".", "."): the old root ends up on top of the new one, and is taken off whole (pivot_root(2), NOTES). What
// was mounted over the old root itself comes off first; "/.." leads to the topmost, and must in the end lead nowhere.
static int pivot(int root, struct failure *f) {
    enum { LAYERS = 16 };
    if (fchdir(root)) return failed(f, "pivot-root", "chdir");
    if (syscall(SYS_pivot_root, ".", ".")) return failed(f, "pivot-root", "/");
    if (chdir("/")) return failed(f, "pivot-root", "chdir /");
    uint64_t own = mount_id("/"), above = mount_id("/..");
    if (!wall(WALL_OLD_ROOT)) return 0;
    // Never on a guess: one too many would take off the new root.
    for (int i = 0; i < LAYERS && own && above && above != own; i++) {
        if (umount2("/..", MNT_DETACH)) return failed(f, "pivot-root", "umount of the old root");
        above = mount_id("/..");
    }
    if (own == 0 || above != own) return failed_with(f, EBUSY, "pivot-root", "the old root is still there");
    return 0;
}

// A jail's own /proc and /tmp; a template has neither.
static int attach_own(const struct plan *p, int root, int proc, struct failure *f) {
    if (proc >= 0 && attach_beneath(proc, root, "proc")) return failed(f, "mount-proc", "/proc");
    if (p->tmp >= 0 && attach_beneath(p->tmp, root, "tmp")) return failed(f, "mount-tmp", "/tmp");
    return 0;
}

// In a mount namespace of its own that still has everything of its maker's: nothing is left but the root of the plan.
int root_enter(const struct plan *p, int proc, struct failure *f) {
    // First of all: nothing mounted from here on may travel back to the namespace that this one was copied from.
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return failed(f, "mount-private", "/");
    int root = make_root(p, f);
    if (root < 0) return -1;
    if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)) return failed(f, "mount-root", "attach");
    // Trees last: a target may lie in /tmp.
    if (attach_devices(p, root, f) || attach_own(p, root, proc, f) || attach_trees(p, root, f)) return -1;
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
    if (!wall(WALL_READ_ONLY_ROOT)) attr.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    if (mount_setattr(root, "", AT_EMPTY_PATH, &attr, sizeof attr)) return failed(f, "mount-read-only", "/");
    if (pivot(root, f)) return -1;
    close(root);
    return 0;
}

// The jail's own /proc, not attached yet. Of the PID namespace of whoever calls.
int proc_make(void) {
    // A test's launcher without this wall: an ordinary user may not mount the /proc of somebody else's PID namespace.
    if (!wall(WALL_PID_NAMESPACE))
        return open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    const char *const options[][2] = {{"source", "proc"},
        {"hidepid", wall(WALL_PROC_HIDEPID) ? "invisible" : "off"}, {"subset", "pid"}};
    return new_filesystem("proc", options, wall(WALL_PROC_SUBSET) ? 3 : 2, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int tmp_make(const struct plan *p, const struct limits *l, struct failure *f) {
    char size[24], inodes[24], uid[16], gid[16];
    // 0 is no limit.
    snprintf(size, sizeof size, "%llu", wall(WALL_LIMIT_TMP_BYTES) ? (unsigned long long)l->tmpfs_bytes : 0ull);
    snprintf(inodes, sizeof inodes, "%llu", wall(WALL_LIMIT_TMP_INODES) ? (unsigned long long)l->tmpfs_inodes : 0ull);
    snprintf(uid, sizeof uid, "%u", p->uid);
    snprintf(gid, sizeof gid, "%u", p->gid);
    const char *const options[][2] = {{"source", "atomic-tmp"}, {"size", size}, {"nr_inodes", inodes}, {"uid", uid},
        {"gid", gid}, {"mode", "0700"}};
    int tmp = new_filesystem("tmpfs", options, 6,
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (wall(WALL_NOEXEC) ? MOUNT_ATTR_NOEXEC : 0));
    return tmp < 0 ? failed(f, "mount-tmp", "/tmp") : tmp;
}

int mounts_enter(const struct plan *p, const char *cwd, int proc, struct failure *f) {
    if (p->space >= 0) {
        // The template first, then a copy of it that is ours.
        if (setns(p->space, CLONE_NEWNS)) return failed(f, "mount-namespace", "setns");
        if (wall(WALL_MOUNT_COPY) && unshare(CLONE_NEWNS)) return failed(f, "mount-namespace", "unshare");
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) return failed(f, "mount-root", "/");
        if (attach_devices(p, root, f) || attach_own(p, root, proc, f) || attach_trees(p, root, f)) return -1;
        close(root);
    } else {
        if (unshare(CLONE_NEWNS)) return failed(f, "mount-namespace", "unshare");
        if (root_enter(p, proc, f)) return -1;
    }
    return chdir(cwd) ? failed(f, "working-directory", cwd) : 0;
}
