// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// From the kernel's hand-over to an open port. Nobody hears a failure here: the guest ends, and the host says that it
// did not come up.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int load(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/modules/%s.ko", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    // Built into this kernel.
    if (fd < 0) return errno == ENOENT ? 0 : -1;
    int result = (int)syscall(SYS_finit_module, fd, "", 0);
    int saved = errno;
    close(fd);
    errno = saved;
    return result && errno != EEXIST ? -1 : 0;
}

int modules_for_root(const struct config *c, struct failure *f) {
    static const char *const disk[] = {"virtio_blk", "crc32c_generic", "libcrc32c", "erofs", NULL};
    static const char *const share[] = {"netfs", "fscache", "9pnet", "9pnet_virtio", "9p", NULL};
    for (const char *const *name = c->root == ROOT_DISK ? disk : share; *name; name++)
        if (load(*name)) return failed(f, "guest-module", *name);
    return 0;
}

void boot(void) {
    // The last three are for the emulated machine of tests, which has its devices on a PCI bus.
    static const char *const first[] = {"virtio_ring", "virtio", "virtio_mmio", "virtio_console", "virtio_pci_modern_dev",
        "virtio_pci_legacy_dev", "virtio_pci"};
    mkdir("/proc", 0755);
    mkdir("/dev", 0755);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ||
        mount("dev", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"))
        power_off();
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (load(first[i])) power_off();
    // The port appears when the device has answered, which takes the host a moment.
    for (int i = 0; i < 30000 && port < 0; i++) {
        port = open("/dev/vport0p1", O_RDWR | O_CLOEXEC);
        if (port < 0) nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    if (port < 0) power_off();
}
