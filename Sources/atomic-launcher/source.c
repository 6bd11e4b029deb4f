// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Where a jail's mounts come from. Runs in the mounter: sources become detached trees whose attributes are set before
// anybody inside can see them.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

// File systems that show or steer the host; a bind of one would undo the jail's own /proc and its lack of /sys.
static bool shows_host(const char *type, const char *device) {
    static const char *const types[] = {"proc", "sysfs", "cgroup", "cgroup2", "devtmpfs", "devpts", "debugfs",
        "tracefs", "securityfs", "bpf", "configfs", "efivarfs", "pstore", "mqueue", "nsfs", "binfmt_misc", "fusectl"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(type, types[i])) return true;
    // An image has its own way in, by number.
    return !strcmp(device, IMAGES_NAME);
}

static bool at_or_under(const char *path, const char *top) {
    size_t length = strlen(top);
    if (length == 1) return true;
    return strncmp(path, top, length) == 0 && (path[length] == 0 || path[length] == '/');
}

// Refuses a source that is in, or has below it, such a file system.
static int check_source(int fd, const char *named, struct failure *f) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return failed(f, "mount-source", named);
    path[length] = 0;
    FILE *table = fopen("/proc/self/mountinfo", "re");
    if (!table) return failed(f, "mount-source", "/proc/self/mountinfo");
    char *line = NULL;
    size_t room = 0, best = 0;
    bool refused = false, home_refused = false;
    while (getline(&line, &room, table) > 0) {
        char point[PATH_MAX], type[64], device[64];
        char *dash = strstr(line, " - ");
        if (!dash || sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 || sscanf(dash, " - %63s %63s", type, device) != 2)
            continue;
        if (at_or_under(point, path) && shows_host(type, device)) refused = true;
        if (at_or_under(path, point) && strlen(point) >= best) {
            best = strlen(point);
            home_refused = shows_host(type, device);
        }
    }
    free(line);
    fclose(table);
    if (refused || home_refused) return failed_with(f, EPERM, "mount-source", named);
    return 0;
}

static int restrict_tree(int tree, bool read_only, bool noexec, bool device, const char *named, struct failure *f) {
    struct mount_attr attr = {.propagation = MS_PRIVATE};
    if (wall(WALL_NOSUID)) attr.attr_set |= MOUNT_ATTR_NOSUID;
    if (!device && wall(WALL_NODEV)) attr.attr_set |= MOUNT_ATTR_NODEV;
    if (read_only && wall(WALL_READ_ONLY_BIND)) attr.attr_set |= MOUNT_ATTR_RDONLY;
    if (noexec && wall(WALL_NOEXEC)) attr.attr_set |= MOUNT_ATTR_NOEXEC;
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr))
        return failed(f, "mount-attributes", named);
    return 0;
}

static int open_host(const char *path, struct failure *f) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return failed(f, "mount-source", path);
    if (wall(WALL_SOURCE_CHECK) && check_source(fd, path, f)) { close(fd); return -1; }
    // Recursive: an ordinary user may not split off what is mounted on a tree, because that could uncover it.
    int tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    if (tree < 0) failed(f, "mount-source", path);
    close(fd);
    return tree;
}

static int add(struct plan *p, int fd, const char *target, uint32_t flags, struct failure *f) {
    struct stat status;
    if (p->tree_count == sizeof p->trees / sizeof *p->trees || fstat(fd, &status)) {
        failed(f, "mount-source", target);
        close(fd);
        return -1;
    }
    struct tree *t = &p->trees[p->tree_count++];
    t->fd = fd;
    t->directory = S_ISDIR(status.st_mode);
    t->writable = !(flags & MOUNT_READ_ONLY);
    snprintf(t->target, sizeof t->target, "%s", target);
    return restrict_tree(fd, flags & MOUNT_READ_ONLY, flags & MOUNT_NOEXEC, false, target, f);
}

// /usr and the links into it; on a system that is not merged, /bin and the others are trees of their own.
static int add_system(struct plan *p, struct failure *f) {
    static const char *const names[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
    int usr = open_host("/usr", f);
    if (usr < 0 || add(p, usr, "/usr", MOUNT_READ_ONLY, f)) return -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[32];
        struct stat status;
        snprintf(path, sizeof path, "/%s", names[i]);
        if (lstat(path, &status)) continue;
        if (S_ISLNK(status.st_mode)) {
            char target[64];
            ssize_t length = readlink(path, target, sizeof target - 1);
            if (length <= 0 || length == sizeof target - 1) continue;
            target[length] = 0;
            snprintf(p->links[p->link_count].name, sizeof p->links[0].name, "%s", names[i]);
            memcpy(p->links[p->link_count++].target, target, sizeof target);
        } else if (S_ISDIR(status.st_mode)) {
            int tree = open_host(path, f);
            if (tree < 0 || add(p, tree, path, MOUNT_READ_ONLY, f)) return -1;
        }
    }
    return 0;
}

// A device: read-only, and the only mounts on which a device is one.
static int add_device(struct plan *p, int which, const char *path, struct failure *f) {
    p->dev[which] = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (p->dev[which] < 0) return failed(f, "mount-source", path);
    return restrict_tree(p->dev[which], true, true, true, path, f);
}

// Jails have uids that /dev/kvm does not know, so as root there is a node of our own, which only the mounter can reach.
static int add_kvm(struct plan *p, struct failure *f) {
    static const char directory[] = IMAGES_DIRECTORY "/kvm", node[] = IMAGES_DIRECTORY "/kvm/node";
    struct stat status;
    if (stat("/dev/kvm", &status)) return failed(f, "kvm", "/dev/kvm");
    if (!S_ISCHR(status.st_mode)) return failed_with(f, ENODEV, "kvm", "/dev/kvm is not a device");
    if (!p->machine.own_uid) return add_device(p, DEV_KVM, "/dev/kvm", f);
    if (access(node, F_OK)) {
        if (images_directory() || (mkdir(directory, 0700) && errno != EEXIST) ||
            mount(IMAGES_NAME, directory, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0700,size=4k"))
            return failed(f, "kvm", directory);
        if (mknod(node, S_IFCHR | 0600, status.st_rdev) || chmod(node, 0666)) return failed(f, "kvm", node);
    }
    return add_device(p, DEV_KVM, node, f);
}

int sources_root(struct plan *p, const struct launch *l, struct failure *f) {
    if (add_device(p, DEV_NULL, "/dev/null", f) || add_device(p, DEV_ZERO, "/dev/zero", f) ||
        add_device(p, DEV_URANDOM, "/dev/urandom", f))
        return -1;
    if (l->root == ROOT_IMAGE) {
        p->root = image_tree(l->image, "/", f);
        return p->root < 0 ? -1 : restrict_tree(p->root, true, false, false, "image", f);
    }
    if (!p->machine.caller_binds)
        return failed_with(f, EPERM, "mount-source", "/usr: this launcher takes staged images only");
    return add_system(p, f);
}

int sources_mounts(struct plan *p, const struct launch *l, struct failure *f) {
    if (l->flags & LAUNCH_KVM && add_kvm(p, f)) return -1;
    for (uint32_t i = 0; i < l->mountc; i++) {
        const struct mount_request *r = &l->mounts[i];
        int tree;
        if (r->kind == MOUNT_IMAGE) {
            tree = image_tree(r->image, r->source, f);
        } else if (!p->machine.caller_binds) {
            return failed_with(f, EPERM, "mount-source", r->source);
        } else {
            tree = open_host(r->source, f);
        }
        uint32_t flags = r->kind == MOUNT_IMAGE ? r->flags | MOUNT_READ_ONLY : r->flags;
        if (tree < 0 || add(p, tree, r->target, flags, f)) return -1;
    }
    return 0;
}

void sources_close(struct plan *p) {
    for (size_t i = 0; i < p->tree_count; i++) close(p->trees[i].fd);
    for (int i = 0; i < DEVICES; i++)
        if (p->dev[i] >= 0) close(p->dev[i]);
    if (p->root >= 0) close(p->root);
    p->tree_count = 0;
    p->root = -1;
    for (int i = 0; i < DEVICES; i++) p->dev[i] = -1;
}
