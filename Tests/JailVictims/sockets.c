// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int family(int which, int type) { return socket(which, type, 0) < 0 ? -1 : 0; }
static int unix_stream(const char *a) { (void)a; return family(AF_UNIX, SOCK_STREAM); }
static int inet(const char *a) { (void)a; return family(AF_INET, SOCK_STREAM); }
static int inet6(const char *a) { (void)a; return family(AF_INET6, SOCK_DGRAM); }
static int netlink(const char *a) { (void)a; return family(AF_NETLINK, SOCK_RAW); }
static int packet(const char *a) { (void)a; return family(AF_PACKET, SOCK_RAW); }
static int vsock(const char *a) { (void)a; return family(AF_VSOCK, SOCK_STREAM); }

// Connects to an abstract unix socket of the host.
static int abstract(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", name);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (s < 0) return -1;
    return connect(s, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

// Connects to a port of 127.0.0.1.
static int tcp(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return s < 0 ? -1 : connect(s, (struct sockaddr *)&address, sizeof address);
}

const struct probe socket_probes[] = {
    {"socket-unix", unix_stream}, {"socket-inet", inet}, {"socket-inet6", inet6}, {"socket-netlink", netlink},
    {"socket-packet", packet}, {"socket-vsock", vsock}, {"abstract-socket", abstract},
    {"connect-tcp", tcp}, {0},
};
