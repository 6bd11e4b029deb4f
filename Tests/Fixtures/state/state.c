// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// A model that leaves something behind in every place it knows, and looks for it. The input is one word: `leave` or `look`; the answer
// names the places where something was left, or where something is to be found. With the argument `verdict` it looks, leaves, and says
// `spam` when it had found something. Static, one line of JSON-RPC in and out.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define CHANNEL 3
#define KEY 0x4711

static int variable;

static int in_tmp(int leave) {
    if (!leave) return access("/tmp/left", F_OK) == 0;
    int made = open("/tmp/left", O_CREAT | O_WRONLY, 0600);
    return made >= 0 && close(made) == 0;
}

static int in_memory(int leave) {
    if (leave) variable = KEY;
    return variable == KEY;
}

static int in_environment(int leave) {
    if (leave) setenv("LEFT", "1", 1);
    return getenv("LEFT") != NULL;
}

static int in_directory(int leave) {
    char path[64];
    if (leave) return mkdir("/tmp/there", 0700) == 0 && chdir("/tmp/there") == 0;
    return getcwd(path, sizeof path) && strcmp(path, "/tmp/there") == 0;
}

static int in_umask(int leave) {
    mode_t old = umask(0123);
    if (!leave) umask(old);
    return leave || old == 0123;
}

static int in_name(int leave) {
    char name[16] = "left";
    if (leave) return prctl(PR_SET_NAME, name) == 0;
    return prctl(PR_GET_NAME, name) == 0 && strcmp(name, "left") == 0;
}

static int in_descriptor(int leave) {
    if (leave) return dup2(CHANNEL, 40) == 40;
    return fcntl(40, F_GETFD) >= 0;
}

// The image's own files: their times and locks.
static int in_times(int leave) {
    struct stat status;
    if (!leave) return stat("/model/state", &status) == 0 && status.st_mtime == KEY;
    struct timespec times[2] = {{.tv_sec = KEY}, {.tv_sec = KEY}};
    return utimensat(AT_FDCWD, "/model/state", times, 0) == 0;
}

static int in_lock(int leave) {
    int file = open("/model/state", O_RDONLY);
    if (file < 0) return 0;
    if (leave) return flock(file, LOCK_EX | LOCK_NB) == 0;
    int busy = flock(file, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    close(file);
    return busy;
}

static int in_child(int leave) {
    if (leave) {
        pid_t child = fork();
        if (child == 0)
            for (;;) pause();
        return child > 0;
    }
    for (pid_t other = 2; other < 64; other++)
        if (other != getpid() && kill(other, 0) == 0) return 1;
    return 0;
}

static int in_abstract_socket(int leave) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0left"};
    socklen_t size = sizeof address.sun_family + 5;
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    if (made < 0) return 0;
    if (leave) return bind(made, (struct sockaddr *)&address, size) == 0 && listen(made, 4) == 0;
    int found = connect(made, (struct sockaddr *)&address, size) == 0;
    close(made);
    return found;
}

static int in_shared_memory(int leave) { return shmget(KEY, 4096, leave ? IPC_CREAT | 0600 : 0) >= 0; }
static int in_semaphores(int leave) { return semget(KEY, 1, leave ? IPC_CREAT | 0600 : 0) >= 0; }
static int in_message_queue(int leave) { return msgget(KEY, leave ? IPC_CREAT | 0600 : 0) >= 0; }

static int in_posix_queue(int leave) {
    long made = syscall(SYS_mq_open, "left", O_RDWR | (leave ? O_CREAT : 0), 0600, NULL);
    if (made >= 0) close((int)made);
    return made >= 0;
}

// Places of the second kind are behind calls that the profile kills: asked for by `-all` after the word.
static const struct place {
    const char *name;
    int (*use)(int leave);
    int closed;
} places[] = {
    {"tmp", in_tmp, 0},
    {"memory", in_memory, 0},
    {"environment", in_environment, 0},
    {"directory", in_directory, 0},
    {"umask", in_umask, 0},
    {"name", in_name, 0},
    {"descriptor", in_descriptor, 0},
    {"times", in_times, 0},
    {"lock", in_lock, 0},
    {"child", in_child, 0},
    {"abstract-socket", in_abstract_socket, 0},
    {"shared-memory", in_shared_memory, 1},
    {"semaphores", in_semaphores, 1},
    {"message-queue", in_message_queue, 1},
    {"posix-queue", in_posix_queue, 1},
};

static void reply(long id, const char *result) {
    char line[4096];
    int length = snprintf(line, sizeof line, "{\"id\":%ld,\"jsonrpc\":\"2.0\",\"result\":%s}\n", id, result);
    if (write(CHANNEL, line, (size_t)length) != length) _exit(9);
}

static int use_all(int leave) {
    int found = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) found += !places[i].closed && places[i].use(leave);
    return found;
}

static void verdict(long id) {
    int found = use_all(0);
    use_all(1);
    reply(id, found ? "{\"confidence\":1,\"value\":{\"confidence\":1,\"spam\":true}}"
                    : "{\"confidence\":1,\"value\":{\"confidence\":1,\"spam\":false}}");
}

static void execute(long id, int input) {
    char word[64] = "", result[2048] = "{\"confidence\":1,\"value\":{\"places\":[";
    if (pread(input, word, sizeof word - 1, 0) < 0) _exit(7);
    int leave = strncmp(word, "leave", 5) == 0, all = strstr(word, "-all") != NULL, found = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if ((places[i].closed && !all) || !places[i].use(leave)) continue;
        size_t used = strlen(result);
        snprintf(result + used, sizeof result - used, "%s\"%s\"", found++ ? "," : "", places[i].name);
    }
    strcat(result, "]}}");
    reply(id, result);
}

int main(int argc, char **argv) {
    int judges = argc > 1 && strcmp(argv[1], "verdict") == 0;
    for (;;) {
        char line[65536], control[CMSG_SPACE(sizeof(int))];
        size_t length = 0;
        int input = -1;
        do {
            struct iovec part = {line + length, sizeof line - 1 - length};
            struct msghdr message = {
                .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
            ssize_t got = recvmsg(CHANNEL, &message, 0);
            if (got <= 0) return 0;
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&input, CMSG_DATA(header), sizeof input);
            length += (size_t)got;
            line[length] = 0;
        } while (!strchr(line, '\n'));
        const char *number = strstr(line, "\"id\":");
        while (number && (number[5] < '0' || number[5] > '9')) number = strstr(number + 5, "\"id\":");
        long id = number ? strtol(number + 5, NULL, 10) : 0;
        if (strstr(line, "\"initialize\"")) reply(id, "{\"name\":\"state\",\"tasks\":[\"spam\"],\"version\":\"1\"}");
        else if (strstr(line, "\"execute\"") && judges) verdict(id);
        else if (strstr(line, "\"execute\"")) execute(id, input);
        else { reply(id, "{}"); return 0; }
        if (input >= 0) close(input);
    }
}
