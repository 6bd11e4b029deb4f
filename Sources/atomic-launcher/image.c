// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Images: tmpfs mounts that only the mounter can reach. The supervisor fills one through a directory descriptor; then
// the *superblock* becomes read-only, so that the supervisor's own descriptor no longer writes either.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct image {
    uint64_t number;
    int mount;
    bool sealed;
};

static struct image images[IMAGES_MAX];
static uint64_t last_number;

static struct image *find(uint64_t number) {
    for (size_t i = 0; i < IMAGES_MAX; i++)
        if (number && images[i].number == number) return &images[i];
    return NULL;
}

static int set_number(int fs, const char *key, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0);
}

// Images hang in a tmpfs over /sys of the mounter's mount namespace: no jail may have anything of /sys, so nothing
// that anybody could want as a source is hidden, and the launcher has its cgroups open by then.
int images_directory(void) {
    static bool there;
    if (there) return 0;
    if (mount(IMAGES_NAME, IMAGES_DIRECTORY, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=1m")) return -1;
    there = true;
    return 0;
}

int image_stage(uint64_t bytes, uint64_t inodes, uint64_t *number, int *directory, struct failure *f) {
    struct image *slot = NULL;
    for (size_t i = 0; i < IMAGES_MAX && !slot; i++)
        if (!images[i].number) slot = &images[i];
    if (!slot) return failed_with(f, EMFILE, "image-stage", "too many images");
    int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (fs < 0) return failed(f, "image-stage", "fsopen tmpfs");
    int mount = -1;
    if (set_number(fs, "size", bytes) || set_number(fs, "nr_inodes", inodes) ||
        fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) ||
        fsconfig(fs, FSCONFIG_SET_STRING, "source", IMAGES_NAME, 0) ||
        fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        failed(f, "image-stage", "fsconfig tmpfs");
    else if ((mount = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)) < 0)
        failed(f, "image-stage", "fsmount tmpfs");
    close(fs);
    if (mount < 0) return -1;
    // It has to be attached, because a mount that is in no namespace cannot be cloned before Linux 6.15, and each jail
    // gets a clone.
    char path[64];
    snprintf(path, sizeof path, IMAGES_DIRECTORY "/%llu", (unsigned long long)last_number + 1);
    if (images_directory() || mkdir(path, 0700) || move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)) {
        failed(f, "image-stage", path);
        close(mount);
        return -1;
    }
    *slot = (struct image){.number = ++last_number, .mount = mount};
    *number = slot->number;
    *directory = mount;
    return 0;
}

// Every image has the places where a jail mounts; they are not part of the image's digest.
static int add_mount_points(int root, struct failure *f) {
    static const char *const directories[] = {"proc", "dev", "tmp"};
    static const char *const files[] = {"dev/null", "dev/zero", "dev/urandom"};
    for (size_t i = 0; i < 3; i++)
        if (mkdirat(root, directories[i], 0755) && errno != EEXIST) return failed(f, "image-seal", directories[i]);
    for (size_t i = 0; i < 3; i++) {
        // Never waits: the image may have a FIFO in this place.
        int fd = open_beneath(root, files[i], O_CREAT | O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0444);
        if (fd < 0) return failed(f, "image-seal", files[i]);
        close(fd);
    }
    return 0;
}

// EBUSY means that somebody has a file of the image open for writing: the supervisor's own descriptors are closed by now,
// but a process that another thread of it is just starting holds copies until its exec. So it gets a tenth of a second.
static int make_read_only(int mount, struct failure *f) {
    enum { ATTEMPTS = 50, PAUSE_NS = 2000000 };
    for (int attempt = 1;; attempt++) {
        // A context that failed once takes no second command: each attempt picks its own.
        int fs = fspick(mount, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
        if (fs < 0) return failed(f, "image-seal", "fspick");
        bool done = !fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) &&
                    !fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
        int saved = errno;
        close(fs);
        if (done) return 0;
        errno = saved;
        if (saved != EBUSY || attempt == ATTEMPTS) return failed(f, "image-seal", "read-only");
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
}

int image_seal(uint64_t number, struct failure *f) {
    struct image *image = find(number);
    if (!image) return failed_with(f, ENOENT, "image-seal", "no such image");
    if (image->sealed) return failed_with(f, EALREADY, "image-seal", "sealed before");
    if (add_mount_points(image->mount, f)) return -1;
    if (wall(WALL_IMAGE_SEAL) && make_read_only(image->mount, f)) return -1;
    image->sealed = true;
    return 0;
}

int image_drop(uint64_t number, struct failure *f) {
    struct image *image = find(number);
    if (!image) return failed_with(f, ENOENT, "image-drop", "no such image");
    // Jails that still use it hold clones of their own.
    char path[64];
    snprintf(path, sizeof path, IMAGES_DIRECTORY "/%llu", (unsigned long long)number);
    if (umount2(path, MNT_DETACH)) return failed(f, "image-drop", "umount");
    rmdir(path);
    close(image->mount);
    *image = (struct image){0};
    return 0;
}

// A detached clone of an image, or of a tree inside it.
int image_tree(uint64_t number, const char *path, struct failure *f) {
    struct image *image = find(number);
    if (!image || !image->sealed) return failed_with(f, ENOENT, "image", "no such sealed image");
    int from = image->mount;
    if (path[1] != 0) {
        struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
        from = (int)syscall(SYS_openat2, image->mount, path + 1, &how, sizeof how);
        if (from < 0) return failed(f, "mount-source", path);
    }
    int tree = open_tree(from, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (tree < 0) failed(f, "mount-source", path);
    if (from != image->mount) close(from);
    return tree;
}
