// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The mounter: the one process that sees the host's mounts. It resolves sources and holds the images; what it hands out are
// detached trees, since from inside a jail's or the launcher's own mount namespace no path of the host exists at all.
//
// With --once there is one jail and no second process for it: the launcher asks itself.
#include "launcher.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int line = -1;

// The answer has the number of its question: one that could not be taken in its time must not be taken for the next.
struct question { uint32_t operation, number; uint64_t value, second; };
struct answer { uint32_t number; uint64_t value; struct failure failure; };

// In the mounter. Descriptors that are answered are closed after they were sent, but for a staged image's, which is the
// image's own: `kept`.
static int perform(const struct question *q, uint64_t *value, int *fds, size_t *count, bool *kept, struct failure *f) {
    struct plan *p = &work->plan;
    const struct launch *l = &work->request.launch;
    int directory;
    *count = 0;
    *kept = false;
    switch (q->operation) {
    case MOUNTER_STAGE:
        if (image_stage(q->value, q->second, value, &directory, f)) return -1;
        fds[(*count)++] = directory;
        *kept = true;
        return 0;
    case MOUNTER_SEAL: return image_seal(q->value, f);
    case MOUNTER_DROP: return image_drop(q->value, f);
    case MOUNTER_TREES:
    case MOUNTER_ROOT:
    case MOUNTER_MOUNTS:
        plan_clear(p);
        if ((q->operation != MOUNTER_MOUNTS && sources_root(p, l, f)) ||
            (q->operation != MOUNTER_ROOT && sources_mounts(p, l, f))) {
            sources_close(p);
            return -1;
        }
        if (p->root >= 0) fds[(*count)++] = p->root;
        for (int i = 0; i < DEVICES; i++)
            if (p->dev[i] >= 0) fds[(*count)++] = p->dev[i];
        for (size_t i = 0; i < p->tree_count; i++) fds[(*count)++] = p->trees[i].fd;
        return 0;
    default: return failed_with(f, EBADMSG, "mounter", "operation");
    }
}

// The numbers in the plan are the mounter's; these are ours, in the same order.
static void adopt(struct plan *p, const int *fds) {
    if (p->root >= 0) p->root = *fds++;
    for (int i = 0; i < DEVICES; i++)
        if (p->dev[i] >= 0) p->dev[i] = *fds++;
    for (size_t i = 0; i < p->tree_count; i++) p->trees[i].fd = *fds++;
}

static _Noreturn void mounter_main(int socket, const struct machine *m) {
    struct failure f;
    // The socket stands where the supervisor's did: this process has nothing to say to the supervisor.
    if (dup2(socket, SUPERVISOR) < 0 || syscall(SYS_close_range, SUPERVISOR + 1, ~0u, 0)) _exit(1);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) _exit(1);
    struct answer a = {0};
    if (mounter_narrow(m, &f)) a.failure = f;
    if (packet_send(SUPERVISOR, &a, sizeof a, NULL, 0) != sizeof a || a.failure.error) _exit(1);
    for (;;) {
        struct question q;
        int fds[PACKET_FDS];
        size_t count;
        bool kept;
        if (packet_receive(SUPERVISOR, &q, sizeof q, fds, &count) != sizeof q) _exit(0);
        a = (struct answer){.number = q.number};
        if (perform(&q, &a.value, fds, &count, &kept, &f)) {
            a.failure = f;
            count = 0;
        }
        bool sent = packet_send(SUPERVISOR, &a, sizeof a, fds, count) == sizeof a;
        if (!sent) {
            // Too many descriptors on their way, perhaps (ETOOMANYREFS). The launcher waits for an answer, so it gets one.
            failed(&a.failure, "mounter", "sendmsg");
            if (a.value && q.operation == MOUNTER_STAGE) image_drop(a.value, &f);
            if (packet_send(SUPERVISOR, &a, sizeof a, NULL, 0) != sizeof a) _exit(1);
        }
        for (size_t i = 0; i < count && !kept; i++) close(fds[i]);
    }
}

int mounter_start(const struct machine *m, struct failure *f) {
    int pair[2];
    if (m->once) return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(f, "mounter", "socketpair");
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) return failed(f, "mounter", "fork");
    if (pid == 0) mounter_main(pair[1], m);
    close(pair[1]);
    line = pair[0];
    struct answer a;
    size_t none;
    int fds[PACKET_FDS];
    if (packet_receive(line, &a, sizeof a, fds, &none) != sizeof a) return failed_with(f, ECHILD, "mounter", "start");
    if (a.failure.error) {
        *f = a.failure;
        return -1;
    }
    return 0;
}

int mounter_descriptor(void) { return line; }

// Descriptors of the answer: of the workspace's plan, which holds them too, or the staged image's directory, which with
// --once is the image's own and must stay open.
int mounter_ask(uint32_t operation, uint64_t *value, uint64_t second, int *fds, size_t *count, struct failure *f) {
    static uint32_t last;
    struct question q = {operation, ++last, *value, second};
    if (line < 0) {
        bool kept;
        return perform(&q, value, fds, count, &kept, f);
    }
    struct answer a = {0};
    if (packet_send(line, &q, sizeof q, NULL, 0) != sizeof q) return failed_with(f, ECHILD, "mounter", "gone");
    ssize_t got;
    while ((got = packet_receive(line, &a, sizeof a, fds, count)) == sizeof a && a.number != q.number)
        while (*count) close(fds[--*count]);
    if (got < 0) {
        failed(f, "mounter", "descriptors");
        // What the plan says are the mounter's numbers, which here are something else.
        plan_clear(&work->plan);
        // Nobody has its number: nobody would ever drop it.
        struct failure ignored;
        if (operation == MOUNTER_STAGE) mounter_ask(MOUNTER_DROP, &a.value, 0, fds, count, &ignored);
        return -1;
    }
    if (got != sizeof a) return failed_with(f, ECHILD, "mounter", "gone");
    if (a.failure.error) {
        plan_clear(&work->plan);
        *f = a.failure;
        return -1;
    }
    *value = a.value;
    if (operation >= MOUNTER_TREES) adopt(&work->plan, fds);
    return 0;
}
