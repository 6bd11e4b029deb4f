// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// An executor that fails in the way its first argument names. Static, so that it needs no closure and starts in no time.
// It speaks as much of the protocol as its faults need: canonical JSON in, one line out.

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHANNEL 3
#define GOOD "{\"confidence\":0.9,\"value\":{\"confidence\":0.9,\"spam\":true}}"

static const char *mode;

static int is(const char *name) { return strcmp(mode, name) == 0; }

static void put(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t wrote = write(fd, bytes, count);
        if (wrote <= 0) _exit(9);
        bytes += wrote;
        count -= (size_t)wrote;
    }
}

static void flood(int fd, size_t count) {
    static char block[65536];
    memset(block, 'x', sizeof block);
    for (size_t done = 0; done < count; done += sizeof block) put(fd, block, sizeof block);
}

static void hang(void) {
    for (;;) pause();
}

static void reply(long id, const char *member, const char *value) {
    char line[4096];
    int length = snprintf(line, sizeof line, "{\"id\":%ld,\"jsonrpc\":\"2.0\",\"%s\":%s}\n", id, member, value);
    put(CHANNEL, line, (size_t)length);
}

// One line; the descriptor that came with it, or -1.
static int receive(char *line, size_t size) {
    size_t length = 0;
    int attached = -1;
    for (;;) {
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec part = {line + length, size - 1 - length};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t got = recvmsg(CHANNEL, &message, 0);
        if (got <= 0) _exit(0);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&attached, CMSG_DATA(header), sizeof attached);
        length += (size_t)got;
        line[length] = 0;
        if (strchr(line, '\n')) return attached;
        if (length + 1 >= size) _exit(8);
    }
}

// The first bytes of the input, for a model that would leak them.
static void secret(int input, char *text, size_t size) {
    ssize_t got = pread(input, text, size - 1, 0);
    text[got > 0 ? got : 0] = 0;
    for (char *at = text; *at; at++)
        if (*at < ' ' || *at == '"' || *at == '\\') *at = ' ';
}

static void try_network(long id) {
    int made = socket(AF_INET, SOCK_STREAM, 0);
    if (made >= 0) {
        reply(id, "result", "{\"confidence\":1,\"value\":\"a socket was made\"}");
    } else {
        reply(id, "error", errno == EAFNOSUPPORT ? "{\"code\":97,\"message\":\"no network\"}" : "{\"code\":1,\"message\":\"?\"}");
    }
}

static void *stay(void *argument) {
    for (;;) pause();
    return argument;
}

// As many processes and threads as the jail lets be.
static void bomb(void) {
    pthread_t thread;
    for (int made = 0; made < 100000 && fork() > 0; made++) continue;
    for (int made = 0; made < 100000 && pthread_create(&thread, NULL, stay, NULL) == 0; made++) continue;
    _exit(1);
}

static long taught;

// Says what it was asked and how often it was taught before.
static void tell(long id, const char *request) {
    char line[4096];
    int length = (int)strcspn(request, "\n");
    snprintf(line, sizeof line, "{\"confidence\":1,\"value\":{\"request\":%.*s,\"taught\":%ld}}", length, request, taught);
    reply(id, "result", line);
}

static void execute(long id, int input, const char *request) {
    char text[64], line[4096];
    if (is("crash")) abort();
    if (is("quit")) _exit(0);
    if (is("hang")) hang();
    if (is("garbage")) put(CHANNEL, "\0\1\2\377\n", 5);
    else if (is("oversize")) flood(CHANNEL, 2 << 20);
    else if (is("invalid-json")) put(CHANNEL, "Traceback (most recent call last):\n", 35);
    else if (is("out-of-schema")) reply(id, "result", "{\"confidence\":1,\"value\":{\"confidence\":2,\"spam\":\"maybe\"}}");
    else if (is("wrong-id")) reply(id + 1, "result", GOOD);
    else if (is("twice")) { reply(id, "result", GOOD); reply(id, "result", GOOD); }
    else if (is("network")) try_network(id);
    else if (is("vsock")) { socket(40, SOCK_STREAM, 0); reply(id, "result", GOOD); }
    else if (is("stderr-flood")) { flood(2, 256 << 20); reply(id, "result", GOOD); }
    else if (is("bomb")) bomb();
    else if (is("stderr-noise")) { put(2, "warning\n", 8); reply(id, "result", GOOD); }
    else if (is("memory")) {
        for (size_t done = 0; done < (size_t)256 << 20; done += 1 << 20) {
            char *block = malloc(1 << 20);
            if (block) memset(block, 1, 1 << 20);
        }
        reply(id, "result", GOOD);
    } else if (is("leak")) {
        secret(input, text, sizeof text);
        snprintf(line, sizeof line, "{\"code\":1,\"message\":\"%s\"}", text);
        reply(id, "error", line);
    } else if (is("leak-line")) {
        secret(input, text, sizeof text);
        snprintf(line, sizeof line, "%s\n", text);
        put(CHANNEL, line, strlen(line));
        put(2, line, strlen(line));
    } else if (is("leak-value")) {
        secret(input, text, sizeof text);
        snprintf(line, sizeof line, "{\"confidence\":1,\"value\":{\"%s\":true,\"spam\":\"%s\"}}", text, text);
        reply(id, "result", line);
    } else if (is("progress")) {
        const char *note = "{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":{\"id\":\"x\"}}\n";
        put(CHANNEL, note, strlen(note));
        reply(id, "result", GOOD);
    } else if (is("tell") || is("learn-bad")) tell(id, request);
    else reply(id, "result", GOOD);
}

static void say(const char *text) { put(1, text, strlen(text)); }

// Standard output is the answer.
static int json(void) {
    if (is("oneshot-json-crash")) abort();
    if (is("oneshot-json-hang")) { say("{\"spam\":true}"); hang(); }
    if (is("oneshot-json-exit")) { say("{\"spam\":true}"); return 1; }
    if (is("oneshot-json-oversize")) { say("\""); flood(1, 1 << 20); say("\""); }
    else if (is("oneshot-json-garbage")) say("{\"spam\":\"\377\"}");
    else if (is("oneshot-json-control")) say("{\"spam\":\"\1\"}");
    else if (is("oneshot-json-cut")) say("{\"spam\":tru");
    else if (is("oneshot-json-two")) say("{}\n{}\n");
    else if (is("oneshot-json-twice")) say("{\"spam\":true,\"spam\":false}");
    else if (is("oneshot-json-deep")) for (int level = 0; level < 1000; level++) say("[");
    else if (!is("oneshot-json-empty")) say("{\"spam\":true,\"confidence\":0.9}\n");
    return 0;
}

static int oneshot(void) {
    if (strncmp(mode, "oneshot-json", 12) == 0) return json();
    if (is("oneshot-crash")) abort();
    if (is("oneshot-hang")) hang();
    if (is("oneshot-garbage")) put(1, "\0\1\2\377\n", 5);
    else if (is("oneshot-oversize")) flood(1, 1 << 20);
    else if (is("oneshot-invalid")) put(1, "I think so\n", 11);
    else if (is("oneshot-error")) return 3;
    else put(1, "S 0.9\n", 6);
    return 0;
}

int main(int count, char **arguments) {
    static char line[2 << 20];
    mode = count > 1 ? arguments[1] : "good";
    if (strncmp(mode, "oneshot", 7) == 0) return oneshot();
    if (is("start-quit")) return 0;
    if (is("start-hang")) hang();
    for (;;) {
        int input = receive(line, sizeof line);
        const char *at = strstr(line, "\"id\":");
        long id = at ? strtol(at + 5, NULL, 10) : 0;
        if (strstr(line, "\"method\":\"initialize\"")) reply(id, "result", "{\"name\":\"fault\",\"tasks\":[\"spam\"],\"version\":\"1\"}");
        else if (strstr(line, "\"method\":\"bid\"")) {
            if (is("bid-lie")) reply(id, "result", "{\"confidence\":7,\"cost\":0,\"latency\":0}");
            else reply(id, "result", "{\"confidence\":0.875,\"cost\":12,\"latency\":3000000}");
        }
        else if (strstr(line, "\"method\":\"execute\"")) execute(id, input, line);
        else if (strstr(line, "\"method\":\"feedback\"")) {
            taught++;
            reply(id, "result", is("learn-bad") ? "{\"learned\":1}" : "{}");
        }
        else if (strstr(line, "\"method\":\"shutdown\"")) { reply(id, "result", "{}"); return 0; }
        if (input >= 0) close(input);
    }
}
