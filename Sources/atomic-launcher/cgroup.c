// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Limits and figures of all processes of a jail together: cgroup v1, hybrid and v2. The launcher works below the cgroup
// it was started in, so that whatever holds the supervisor holds its jails too.
#include "launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum controller { MEMORY, PIDS, CPU, CPUACCT, CONTROLLERS };
static const char *const names[CONTROLLERS] = {"memory", "pids", "cpu", "cpuacct"};

static uint32_t kind = LIMITS_RLIMIT;
static int base[CONTROLLERS] = {-1, -1, -1, -1};    // v2 uses the first only
static pid_t owner;                                 // the launcher: its children ask too
static unsigned long pid_space;                     // the PID namespace in which that number means something
static bool shared_cpuacct;                         // cpu and cpuacct are often one hierarchy

static int put(int at, const char *file, const char *text) {
    int fd = openat(at, file, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t done = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return done == (ssize_t)strlen(text) ? 0 : -1;
}

static int put_number(int at, const char *file, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return put(at, file, text);
}

static bool get(int at, const char *file, char *out, size_t room) {
    int fd = openat(at, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, out, room - 1);
    close(fd);
    if (got < 0) return false;
    out[got] = 0;
    return true;
}

// The number after a key in "key number" lines; the whole file is one number when the key is empty.
static uint64_t figure(int at, const char *file, const char *key) {
    char text[4096];
    if (!get(at, file, text, sizeof text)) return 0;
    size_t length = strlen(key);
    for (char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (length == 0 || (!strncmp(line, key, length) && line[length] == ' '))
            return strtoull(line + length, NULL, 10);
    return 0;
}

static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ',' || at[-1] == ' ') && strchr(", \n", at[length])) return true;
    return false;
}

// The launcher's own cgroup in one hierarchy: where that hierarchy is mounted, plus the path below the mount's root.
static int open_own(const char *controller) {
    char line[2 * PATH_MAX], path[PATH_MAX] = "", root[PATH_MAX], point[PATH_MAX];
    bool unified = !controller, found = false;
    FILE *table = fopen("/proc/self/cgroup", "re");
    if (!table) return -1;
    while (!found && fgets(line, sizeof line, table)) {
        char *controllers = strchr(line, ':'), *where = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!where) continue;
        *where++ = 0;
        where[strcspn(where, "\n")] = 0;
        found = unified ? controllers[1] == 0 : listed(controllers + 1, controller);
        if (found) snprintf(path, sizeof path, "%s", where);
    }
    fclose(table);
    table = found ? fopen("/proc/self/mountinfo", "re") : NULL;
    if (!table) return -1;
    int result = -1;
    while (result < 0 && fgets(line, sizeof line, table)) {
        char *dash = strstr(line, " - "), type[32], options[1024];
        if (!dash || sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2) continue;
        if (sscanf(dash, " - %31s %*s %1023s", type, options) != 2) continue;
        if (unified ? strcmp(type, "cgroup2") != 0 : strcmp(type, "cgroup") != 0 || !listed(options, controller))
            continue;
        const char *below = path;
        size_t length = strlen(root);
        if (length > 1) below = !strncmp(path, root, length) ? path + length : "";
        char full[2 * PATH_MAX];
        snprintf(full, sizeof full, "%s%s", point, below);
        result = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    fclose(table);
    return result;
}

// A limit that is set here for sure holds for real: make one, and remove it.
static bool writable(int at, const char *file) {
    char name[64];
    snprintf(name, sizeof name, "atomic-%d-probe", getpid());
    if (mkdirat(at, name, 0755)) return false;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && faccessat(fd, file, W_OK, 0) == 0;
    if (fd >= 0) close(fd);
    unlinkat(at, name, AT_REMOVEDIR);
    return good;
}

static bool find_v1(void) {
    struct stat one, two;
    for (int i = 0; i < CONTROLLERS; i++)
        if ((base[i] = open_own(names[i])) < 0) return false;
    if (fstat(base[CPU], &one) || fstat(base[CPUACCT], &two)) return false;
    shared_cpuacct = one.st_dev == two.st_dev && one.st_ino == two.st_ino;
    return writable(base[MEMORY], "memory.limit_in_bytes") && writable(base[PIDS], "pids.max") &&
           writable(base[CPU], "cpu.cfs_quota_us") && (shared_cpuacct || writable(base[CPUACCT], "cpuacct.usage"));
}

// Children may have controllers only where no process sits beside them (the root apart). When the cgroup holds nobody
// but the launcher and the one who started it, as in a delegated scope, both move into a leaf.
static bool step_aside(int at) {
    char text[256], name[64];
    if (!get(at, "cgroup.procs", text, sizeof text)) return false;
    snprintf(name, sizeof name, "atomic-%d-supervisor", getpid());
    if (mkdirat(at, name, 0755) && errno != EEXIST) return false;
    int leaf = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = leaf >= 0;
    for (char *line = text; good && *line;) {
        char *end;
        long pid = strtol(line, &end, 10);
        good = (pid == getpid() || pid == getppid()) && !put_number(leaf, "cgroup.procs", (uint64_t)pid);
        line = *end ? end + 1 : end;
    }
    if (leaf >= 0) close(leaf);
    return good;
}

static bool find_v2(void) {
    char text[512];
    if ((base[0] = open_own(NULL)) < 0) return false;
    if (!get(base[0], "cgroup.controllers", text, sizeof text)) return false;
    if (!listed(text, "memory") || !listed(text, "pids") || !listed(text, "cpu")) return false;
    if (put(base[0], "cgroup.subtree_control", "+memory +pids +cpu") &&
        (errno != EBUSY || !step_aside(base[0]) || put(base[0], "cgroup.subtree_control", "+memory +pids +cpu")))
        return false;
    return writable(base[0], "memory.max") && writable(base[0], "pids.max");
}

// Cgroups of launchers that were killed before they could remove them. One that still has processes stays, and so does
// one of another PID namespace: containers may share the tree, and there the number may well be alive.
static void sweep(int at) {
    int copy = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = copy < 0 ? NULL : fdopendir(copy);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) {
        int pid, number;
        unsigned long space;
        if (sscanf(e->d_name, "atomic-%d-%d-%lu", &pid, &number, &space) == 3 && space == pid_space && pid > 0 &&
            kill(pid, 0) && errno == ESRCH)
            unlinkat(at, e->d_name, AT_REMOVEDIR);
    }
    closedir(d);
}

static uint32_t found(uint32_t what) {
    for (int i = 0; i < CONTROLLERS; i++)
        if (base[i] >= 0) sweep(base[i]);
    return kind = what;
}

uint32_t cgroups_find(void) {
    struct stat space;
    owner = getpid();
    if (!stat("/proc/self/ns/pid", &space)) pid_space = space.st_ino;
    if (find_v1()) return found(LIMITS_CGROUP1);
    for (int i = 0; i < CONTROLLERS; i++) {
        if (base[i] >= 0) close(base[i]);
        base[i] = -1;
    }
    if (find_v2()) return found(LIMITS_CGROUP2);
    return kind = LIMITS_RLIMIT;
}

static int hierarchies(void) { return kind == LIMITS_CGROUP1 ? CONTROLLERS : kind == LIMITS_CGROUP2 ? 1 : 0; }

static bool skipped(int i) { return i == CPUACCT && shared_cpuacct; }

static void own_name(const struct cgroup *c, char name[64]) {
    snprintf(name, 64, "atomic-%d-%u-%lu", owner, c->number, pid_space);
}

static int open_jail(const struct cgroup *c, int controller) {
    char name[64];
    if (kind == LIMITS_CGROUP2) controller = 0;
    else if (skipped(controller)) controller = CPU;
    own_name(c, name);
    return openat(base[controller], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int limit_v1(const struct cgroup *c, const struct limits *l, struct failure *f) {
    int memory = open_jail(c, MEMORY), pids = open_jail(c, PIDS), cpu = open_jail(c, CPU), result = -1;
    if (memory < 0 || put_number(memory, "memory.limit_in_bytes", l->memory)) failed(f, "cgroup", "memory");
    // Memory and swap together get the same limit, so swap is none; a kernel without swap accounting has no such file.
    else if (put_number(memory, "memory.memsw.limit_in_bytes", l->memory) && errno != ENOENT) failed(f, "cgroup", "swap");
    else if (pids < 0 || put_number(pids, "pids.max", l->pids + 1)) failed(f, "cgroup", "pids");
    else if (l->cpu_percent && (cpu < 0 || put_number(cpu, "cpu.cfs_quota_us", l->cpu_percent * 1000)))
        failed(f, "cgroup", "cpu");
    else result = 0;
    if (memory >= 0) close(memory);
    if (pids >= 0) close(pids);
    if (cpu >= 0) close(cpu);
    return result;
}

static int limit_v2(const struct cgroup *c, const struct limits *l, struct failure *f) {
    char quota[64];
    snprintf(quota, sizeof quota, "%llu 100000", (unsigned long long)l->cpu_percent * 1000);
    int at = open_jail(c, 0), result = -1;
    if (at < 0 || put_number(at, "memory.max", l->memory)) failed(f, "cgroup", "memory");
    else if (put(at, "memory.swap.max", "0") && errno != ENOENT) failed(f, "cgroup", "swap");
    else if (put(at, "memory.oom.group", "1") && errno != ENOENT) failed(f, "cgroup", "oom group");
    else if (put_number(at, "pids.max", l->pids + 1)) failed(f, "cgroup", "pids");
    else if (l->cpu_percent && put(at, "cpu.max", quota)) failed(f, "cgroup", "cpu");
    else result = 0;
    if (at >= 0) close(at);
    return result;
}

int cgroup_make(struct cgroup *c, struct failure *f) {
    static uint32_t last;
    char name[64];
    c->number = ++last;
    c->made = true;
    own_name(c, name);
    for (int i = 0; i < hierarchies(); i++) {
        if (skipped(i) || !mkdirat(base[i], name, 0755)) continue;
        // Left over from a launcher of the same pid that was killed; it is empty, or removing it fails.
        if (errno != EEXIST || unlinkat(base[i], name, AT_REMOVEDIR) || mkdirat(base[i], name, 0755))
            return failed(f, "cgroup", name);
    }
    return 0;
}

int cgroup_limit(const struct cgroup *c, const struct limits *l, struct failure *f) {
    if (kind == LIMITS_CGROUP1) return limit_v1(c, l, f);
    if (kind == LIMITS_CGROUP2) return limit_v2(c, l, f);
    return 0;
}

int cgroup_descriptor(const struct cgroup *c) { return kind == LIMITS_CGROUP2 ? open_jail(c, 0) : -1; }

int cgroup_join(const struct cgroup *c, pid_t pid, struct failure *f) {
    if (kind != LIMITS_CGROUP1) return 0;
    for (int i = 0; i < CONTROLLERS; i++) {
        if (skipped(i)) continue;
        int at = open_jail(c, i);
        bool good = at >= 0 && !put_number(at, "cgroup.procs", (uint64_t)pid);
        if (!good) failed(f, "cgroup-join", names[i]);
        if (at >= 0) close(at);
        if (!good) return -1;
    }
    return 0;
}

void cgroup_remove(struct cgroup *c) {
    char name[64];
    if (!c->made) return;
    own_name(c, name);
    bool busy = false;
    for (int i = 0; i < hierarchies(); i++)
        if (!skipped(i) && unlinkat(base[i], name, AT_REMOVEDIR) && errno == EBUSY) busy = true;
    c->made = busy;
}

void cgroup_usage(const struct cgroup *c, struct usage *u) {
    memset(u, 0, sizeof *u);
    if (kind == LIMITS_RLIMIT || !c->made) return;
    bool v2 = kind == LIMITS_CGROUP2;
    int memory = open_jail(c, MEMORY), pids = open_jail(c, PIDS), cpu = open_jail(c, CPUACCT);
    if (cpu >= 0) u->cpu_ns = v2 ? figure(cpu, "cpu.stat", "usage_usec") * 1000 : figure(cpu, "cpuacct.usage", "");
    if (memory >= 0) {
        u->peak = figure(memory, v2 ? "memory.peak" : "memory.max_usage_in_bytes", "");
        u->memory_hits = figure(memory, v2 ? "memory.events" : "memory.oom_control", "oom_kill");
    }
    if (pids >= 0) u->pids_hits = figure(pids, "pids.events", "max");
    if (memory >= 0) close(memory);
    if (pids >= 0) close(pids);
    if (cpu >= 0) close(cpu);
}
