// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The program's file system: the same places as in the process tier, of the read-only disk or of the read-only share.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const unsigned long OWN = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// Makes every missing directory of a path below the new root, and an empty file at its end when that is wanted.
static int make_path(char *path, bool directory) {
    for (char *slash = strchr(path + sizeof NEW_ROOT, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int made = mkdir(path, 0755);
        *slash = '/';
        if (made && errno != EEXIST) return -1;
    }
    if (directory) return mkdir(path, 0755) && errno != EEXIST ? -1 : 0;
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
    return fd < 0 ? -1 : close(fd);
}

static int bind_share(const struct config *c, uint32_t i, struct failure *f) {
    char from[STRING_MAX + 16], to[STRING_MAX + 16];
    snprintf(from, sizeof from, "/share%s", c->mounts[i].target);
    snprintf(to, sizeof to, NEW_ROOT "%s", c->mounts[i].target);
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
    if (c->mounts[i].noexec) flags |= MS_NOEXEC;
    if (make_path(to, c->mounts[i].directory) || mount(from, to, NULL, MS_BIND, NULL) || mount(NULL, to, NULL, flags, NULL))
        return failed(f, "mount-target", c->mounts[i].target);
    return 0;
}

static int make_tree(const struct config *c, struct failure *f) {
    if (c->root == ROOT_DISK) {
        if (mount("/dev/vda", NEW_ROOT, "erofs", MS_RDONLY | MS_NOSUID | MS_NODEV, NULL))
            return failed(f, "guest-root", "/dev/vda");
        return 0;
    }
    static const char *const own[] = {"proc", "dev", "tmp"};
    // `cache=loose`: the share does not change while the guest looks at it, or it is the caller who changes it.
    mkdir("/share", 0755);
    if (mount("share", "/share", "9p", MS_RDONLY | MS_NOSUID | MS_NODEV,
            "trans=virtio,version=9p2000.L,cache=loose,msize=512000"))
        return failed(f, "guest-root", "share");
    if (mount("atomic-root", NEW_ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1k,mode=0755"))
        return failed(f, "guest-root", "tmpfs");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        char path[32];
        snprintf(path, sizeof path, NEW_ROOT "/%s", own[i]);
        if (mkdir(path, 0755)) return failed(f, "guest-root", path);
    }
    for (uint32_t i = 0; i < c->linkc; i++) {
        char path[STRING_MAX + 16];
        snprintf(path, sizeof path, NEW_ROOT "/%s", c->links[i].name);
        if (symlink(c->links[i].target, path)) return failed(f, "guest-root", c->links[i].name);
    }
    for (uint32_t i = 0; i < c->mountc; i++)
        if (bind_share(c, i, f)) return -1;
    return mount(NULL, NEW_ROOT, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL)
               ? failed(f, "mount-read-only", "/") : 0;
}

static int make_devices(struct failure *f) {
    static const struct { const char *path; unsigned minor; } nodes[] = {
        {NEW_ROOT "/dev/null", 3}, {NEW_ROOT "/dev/zero", 5}, {NEW_ROOT "/dev/urandom", 9}};
    if (mount("atomic-dev", NEW_ROOT "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,nr_inodes=16,mode=0755"))
        return failed(f, "mount-dev", "/dev");
    for (size_t i = 0; i < 3; i++)
        if (mknod(nodes[i].path, S_IFCHR | 0666, makedev(1, nodes[i].minor)) || chmod(nodes[i].path, 0666))
            return failed(f, "mount-dev", nodes[i].path);
    return mount(NULL, NEW_ROOT "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL)
               ? failed(f, "mount-dev", "/dev") : 0;
}

int root_make(const struct config *c, struct failure *f) {
    char options[160];
    mkdir(NEW_ROOT, 0755);
    if (make_tree(c, f) || make_devices(f)) return -1;
    if (mount("proc", NEW_ROOT "/proc", "proc", OWN, "hidepid=invisible,subset=pid"))
        return failed(f, "mount-proc", "/proc");
    snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,uid=%d,gid=%d,mode=0700", (unsigned long long)c->tmpfs_bytes,
        (unsigned long long)c->tmpfs_inodes, PROGRAM_ID, PROGRAM_ID);
    if (mount("atomic-tmp", NEW_ROOT "/tmp", "tmpfs", OWN, options)) return failed(f, "mount-tmp", "/tmp");
    return 0;
}
