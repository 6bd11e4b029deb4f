// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// How many network namespaces of jails exist. The kernel takes a dead one away in the background, in its own time; at full
// rate thousands can pile up. Each one gets a number in the launcher's namespace, and the kernel tells when a number is gone
// (rtnetlink(7), RTNLGRP_NSID). An ordinary user may not number them; there the user namespace's own limit bounds them.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int events = -1, orders = -1;
static uint32_t alive;

int networks_descriptor(void) { return events; }
bool networks_full(void) { return events >= 0 && alive >= NETWORKS_MOST; }

static int route_socket(bool listens) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE), group = RTNLGRP_NSID;
    if (fd < 0) return -1;
    if (!listens || !setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group)) return fd;
    close(fd);
    return -1;
}

// An ordinary user's launcher has a user namespace of its own, and with it a counter that holds for all it makes.
static void bound_own(void) {
    static const char text[] = "512\n";
    _Static_assert(NETWORKS_MOST == 512, "the text above");
    int fd = open("/proc/sys/user/max_net_namespaces", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t ignored = write(fd, text, sizeof text - 1);
    (void)ignored;
    close(fd);
}

void networks_find(const struct machine *m) {
    if (m->once) return;
    if (!m->own_uid) {
        bound_own();
        return;
    }
    events = route_socket(true);
    orders = events < 0 ? -1 : route_socket(false);
    if (events >= 0 && orders >= 0) return;
    if (events >= 0) close(events);
    events = -1;
}

// Numbers of this launcher, far from those that the kernel gives: other programs number namespaces, too.
static int32_t series(void) { return 0x40000000 | (getpid() & 0x3fff) << 16; }

void networks_add(pid_t owner) {
    static uint16_t last;
    struct {
        struct nlmsghdr header;
        struct rtgenmsg family;
        char attributes[2 * RTA_SPACE(sizeof(int32_t))];
    } order = {.header = {.nlmsg_type = RTM_NEWNSID, .nlmsg_flags = NLM_F_REQUEST}};
    if (events < 0) return;
    size_t at = NLMSG_SPACE(sizeof order.family);
    const struct { uint16_t type; int32_t value; } pairs[] = {{NETNSA_PID, owner}, {NETNSA_NSID, series() | ++last}};
    for (size_t i = 0; i < 2; i++) {
        struct rtattr *a = (struct rtattr *)((char *)&order + at);
        a->rta_type = pairs[i].type;
        a->rta_len = RTA_LENGTH(sizeof pairs[i].value);
        memcpy(RTA_DATA(a), &pairs[i].value, sizeof pairs[i].value);
        at += RTA_SPACE(sizeof pairs[i].value);
    }
    order.header.nlmsg_len = (uint32_t)at;
    // Only what has a number will be told to be gone, so only that counts, when the kernel says that it has it.
    ssize_t ignored = send(orders, &order, at, MSG_DONTWAIT);
    (void)ignored;
    networks_read();
}

static bool is_ours(const struct nlmsghdr *h) {
    const struct rtattr *a = (const struct rtattr *)((const char *)h + NLMSG_SPACE(sizeof(struct rtgenmsg)));
    for (int left = (int)(h->nlmsg_len - NLMSG_SPACE(sizeof(struct rtgenmsg))); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        int32_t number;
        if (a->rta_type != NETNSA_NSID || RTA_PAYLOAD(a) < sizeof number) continue;
        memcpy(&number, RTA_DATA(a), sizeof number);
        return (number & ~0xffff) == series();
    }
    return false;
}

void networks_read(void) {
    _Alignas(struct nlmsghdr) char buffer[8192];
    if (events < 0) return;
    for (;;) {
        ssize_t got = recv(events, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == ENOBUFS) {
            // Some were lost. Counting from nothing errs on the side of more namespaces for a while, never of a dead stop.
            alive = 0;
            continue;
        }
        if (got <= 0) return;
        for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, (size_t)got); h = NLMSG_NEXT(h, got)) {
            if (!is_ours(h)) continue;
            if (h->nlmsg_type == RTM_NEWNSID) alive++;
            else if (h->nlmsg_type == RTM_DELNSID && alive) alive--;
        }
    }
}
