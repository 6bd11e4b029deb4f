// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Templates: mount namespaces that hold one finished root and nothing else, made once for the system's /usr and once for
// each image. A jail enters one and takes a copy, which costs a fraction of building the root and leaves no old root behind
// that would have to be taken off (umount2 has a p99 of milliseconds).
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct template { bool made; uint64_t image; int space; };

// Image 0 is the system.
static struct template templates[IMAGES_MAX + 1];

static struct template *find(uint64_t image) {
    for (size_t i = 0; i <= IMAGES_MAX; i++)
        if (templates[i].made && templates[i].image == image) return &templates[i];
    return NULL;
}

// A process that builds the root of the plan, keeps the namespace alive until we have it by a descriptor, and dies.
static _Noreturn void maker_main(const struct plan *p, int sync) {
    struct failure f = {0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) failed(&f, "template", "parent death signal");
    else if (unshare(CLONE_NEWNS)) failed(&f, "template", "unshare");
    else root_enter(p, -1, &f);
    // The launcher may have died before the signal was asked for: then nobody hears this.
    if (packet_send(sync, &f, sizeof f, NULL, 0) != sizeof f) _exit(1);
    // Until the other end is closed, at the latest.
    char word;
    while (read(sync, &word, 1) > 0) {}
    _exit(0);
}

static int make(const struct plan *p, struct failure *f) {
    int pair[2], space = -1, fds[PACKET_FDS];
    size_t none;
    struct failure heard = {0};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(f, "template", "socketpair");
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        close(pair[0]);
        maker_main(p, pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        failed(f, "template", "fork");
    } else if (packet_receive(pair[0], &heard, sizeof heard, fds, &none) != sizeof heard) {
        failed_with(f, ECHILD, "template", "its maker died");
    } else if (heard.stage[0]) {
        *f = heard;
    } else {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
        space = open(path, O_RDONLY | O_CLOEXEC);
        if (space < 0) failed(f, "template", path);
    }
    close(pair[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    }
    return space;
}

// -1 in `space` and success: this launch needs a root of its own. With --once a template would serve nobody twice.
int template_of(const struct launch *l, int *space, struct failure *f) {
    *space = -1;
    if (machine.once || (l->root == ROOT_SYSTEM && (l->mountc || l->flags & LAUNCH_KVM))) return 0;
    if (l->root == ROOT_SYSTEM && !machine.caller_binds)
        return failed_with(f, EPERM, "mount-source", "/usr: this launcher takes staged images only");
    uint64_t image = l->root == ROOT_IMAGE ? l->image : 0, none = 0;
    struct template *t = find(image);
    if (!t) {
        for (size_t i = 0; i <= IMAGES_MAX && !t; i++)
            if (!templates[i].made) t = &templates[i];
        if (!t) return failed_with(f, EMFILE, "template", "too many images");
        int fds[PACKET_FDS];
        size_t count;
        if (mounter_ask(MOUNTER_ROOT, &none, 0, fds, &count, f)) return -1;
        int made = make(&work->plan, f);
        sources_close(&work->plan);
        if (made < 0) return -1;
        *t = (struct template){.made = true, .image = image, .space = made};
    }
    *space = t->space;
    return 0;
}

void template_forget(uint64_t image) {
    struct template *t = find(image);
    if (!t || image == 0) return;
    close(t->space);
    t->made = false;
}

// The launcher's own mount namespace, once the mounter has the host's: a root with nothing in it but /proc. Jails are cloned from
// here, so what is not here can be neither copied nor leaked into one.
int home_enter(struct failure *f) {
    if (machine.once) return 0;
    int proc = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (proc < 0) return failed(f, "home", "open_tree /proc");
    struct plan *p = &work->plan;
    plan_clear(p);
    p->tree_count = 1;
    p->trees[0] = (struct tree){.fd = proc, .directory = true, .target = "/proc"};
    // A namespace of our own: the one until now is the mounter's.
    int result = unshare(CLONE_NEWNS) ? failed(f, "home", "unshare") : root_enter(p, -1, f);
    close(proc);
    p->tree_count = 0;
    return result;
}

// Without touching what a count says is not there: the trees' targets are a third of a megabyte.
void plan_clear(struct plan *p) {
    p->machine = machine;
    p->space = p->root = p->tmp = p->channel = -1;
    for (int i = 0; i < DEVICES; i++) p->dev[i] = -1;
    p->tree_count = p->link_count = 0;
    CPU_ZERO(&p->processors);
}
