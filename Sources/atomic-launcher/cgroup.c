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
static uint64_t figure(int fd, const char *key) {
    char text[4096];
    ssize_t got = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (got <= 0) return 0;
    text[got] = 0;
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

// A table of /proc, read once; nothing of the cgroups moves while the launcher looks for them.
struct table { char text[4 << 20]; };

static const char *slurp(const char *path, struct table *t) {
    size_t length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    while (fd >= 0 && length < sizeof t->text - 1 && (got = read(fd, t->text + length, sizeof t->text - 1 - length)) > 0)
        length += (size_t)got;
    if (fd >= 0) close(fd);
    t->text[length] = 0;
    return length && got == 0 ? t->text : NULL;
}

// The next line of a text, in a buffer of its own; NULL at the end.
static const char *next_line(const char *at, char *line, size_t room) {
    if (!at || !*at) return NULL;
    size_t length = strcspn(at, "\n"), kept = length < room ? length : room - 1;
    memcpy(line, at, kept);
    line[kept] = 0;
    return at[length] ? at + length + 1 : at + length;
}

// The launcher's own cgroup in one hierarchy: where that hierarchy is mounted, plus the path below the mount's root.
static int open_own(const char *controller, const char *cgroups, const char *mounts) {
    char line[2 * PATH_MAX], path[PATH_MAX] = "", root[PATH_MAX], point[PATH_MAX];
    bool unified = !controller, found = false;
    for (const char *at = cgroups; !found && (at = next_line(at, line, sizeof line));) {
        char *controllers = strchr(line, ':'), *where = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!where) continue;
        *where++ = 0;
        found = unified ? controllers[1] == 0 : listed(controllers + 1, controller);
        if (found) snprintf(path, sizeof path, "%s", where);
    }
    if (!found) return -1;
    int result = -1;
    for (const char *at = mounts; result < 0 && (at = next_line(at, line, sizeof line));) {
        // Most lines are none of ours; looking for the type first spares them the rest.
        char *dash = strstr(line, unified ? " - cgroup2 " : " - cgroup "), type[32], options[1024];
        if (!dash || sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2) continue;
        if (sscanf(dash, " - %31s %*s %1023s", type, options) != 2) continue;
        if (!unified && !listed(options, controller)) continue;
        const char *below = path;
        size_t length = strlen(root);
        if (length > 1) below = !strncmp(path, root, length) ? path + length : "";
        char full[2 * PATH_MAX];
        snprintf(full, sizeof full, "%s%s", point, below);
        result = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return result;
}

// A limit that is set here for sure holds for real: make one, and remove it. For a single jail its own cgroup is the trial.
static bool writable(int at, const char *file) {
    if (machine.once) return faccessat(at, ".", W_OK, AT_EACCESS) == 0;
    char name[64];
    // Called like a slot, so that whoever comes after a killed launcher takes it away (sweep).
    snprintf(name, sizeof name, "atomic-%d-0-%lu", getpid(), pid_space);
    if (mkdirat(at, name, 0755)) return false;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && faccessat(fd, file, W_OK, 0) == 0;
    if (fd >= 0) close(fd);
    unlinkat(at, name, AT_REMOVEDIR);
    return good;
}

static bool find_v1(const char *cgroups, const char *mounts) {
    struct stat one, two;
    for (int i = 0; i < CONTROLLERS; i++)
        if ((base[i] = open_own(names[i], cgroups, mounts)) < 0) return false;
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
    snprintf(name, sizeof name, "atomic-%d-supervisor-%lu", getpid(), pid_space);
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

static bool find_v2(const char *cgroups, const char *mounts) {
    char text[512];
    if ((base[0] = open_own(NULL, cgroups, mounts)) < 0) return false;
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
        bool ours = sscanf(e->d_name, "atomic-%d-%d-%lu", &pid, &number, &space) == 3 ||
                    sscanf(e->d_name, "atomic-%d-supervisor-%lu", &pid, &space) == 2;
        if (ours && space == pid_space && pid > 0 && kill(pid, 0) && errno == ESRCH)
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
    static struct table own, mounted;
    struct stat space;
    const char *cgroups = slurp("/proc/self/cgroup", &own), *mounts = slurp("/proc/self/mountinfo", &mounted);
    owner = getpid();
    if (!stat("/proc/self/ns/pid", &space)) pid_space = space.st_ino;
    if (find_v1(cgroups, mounts)) return found(LIMITS_CGROUP1);
    for (int i = 0; i < CONTROLLERS; i++) {
        if (base[i] >= 0) close(base[i]);
        base[i] = -1;
    }
    if (find_v2(cgroups, mounts)) return found(LIMITS_CGROUP2);
    return kind = LIMITS_RLIMIT;
}

static int hierarchies(void) { return kind == LIMITS_CGROUP1 ? CONTROLLERS : kind == LIMITS_CGROUP2 ? 1 : 0; }

static bool skipped(int i) { return i == CPUACCT && shared_cpuacct; }

static void own_name(const struct cgroup *c, char name[64]) {
    snprintf(name, 64, "atomic-%d-%u-%lu", owner, c->number, pid_space);
}

// What is read while a jail runs and at its end, by name for v1 and v2.
static const struct { enum controller controller; const char *v1, *v2, *v1_key, *v2_key; } meters[METERS] = {
    [METER_CPU] = {CPUACCT, "cpuacct.usage", "cpu.stat", "", "usage_usec"},
    [METER_PEAK] = {MEMORY, "memory.max_usage_in_bytes", "memory.peak", "", ""},
    [METER_MEMORY] = {MEMORY, "memory.usage_in_bytes", "memory.current", "", ""},
    [METER_OOM] = {MEMORY, "memory.oom_control", "memory.events", "oom_kill", "oom_kill"},
    [METER_FORKS] = {PIDS, "pids.events", "pids.events", "max", "max"},
    [METER_PIDS] = {PIDS, "pids.current", "pids.current", "", ""},
};

static uint64_t meter(const struct cgroup *c, enum meter which) {
    bool v2 = kind == LIMITS_CGROUP2;
    uint64_t value = figure(c->meters[which], v2 ? meters[which].v2_key : meters[which].v1_key);
    return v2 && which == METER_CPU ? value * 1000 : value;
}

static void forget(struct cgroup *c) {
    for (int i = 0; i < CONTROLLERS; i++) {
        if (c->at[i] >= 0) close(c->at[i]);
        c->at[i] = -1;
    }
    for (int i = 0; i < METERS; i++) {
        if (c->meters[i] >= 0) close(c->meters[i]);
        c->meters[i] = -1;
    }
    c->limited = c->unsure = false;
}

static int open_all(struct cgroup *c, const char *name, struct failure *f) {
    bool v2 = kind == LIMITS_CGROUP2;
    for (int i = 0; i < hierarchies(); i++)
        if ((c->at[i] = openat(base[skipped(i) ? CPU : i], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
            return failed(f, "cgroup", name);
    for (int i = 0; i < METERS; i++) {
        c->meters[i] = openat(c->at[v2 ? 0 : meters[i].controller], v2 ? meters[i].v2 : meters[i].v1, O_RDONLY | O_CLOEXEC);
        // memory.peak came with Linux 5.19; without it the peak is unknown, and reported as 0.
        if (c->meters[i] < 0 && i != METER_PEAK) return failed(f, "cgroup", v2 ? meters[i].v2 : meters[i].v1);
    }
    return 0;
}

int cgroup_make(struct cgroup *c, struct failure *f) {
    static uint32_t last;
    char name[64];
    for (int i = 0; i < CONTROLLERS; i++) c->at[i] = -1;
    for (int i = 0; i < METERS; i++) c->meters[i] = -1;
    if (kind == LIMITS_RLIMIT) return 0;
    c->number = ++last;
    c->made = true;
    c->limited = c->unsure = false;
    own_name(c, name);
    for (int i = 0; i < hierarchies(); i++) {
        if (skipped(i) || !mkdirat(base[i], name, 0755)) continue;
        // Left over from a launcher of the same pid that was killed; it is empty, or removing it fails.
        if (errno != EEXIST || unlinkat(base[i], name, AT_REMOVEDIR) || mkdirat(base[i], name, 0755))
            return failed(f, "cgroup", name);
    }
    if (open_all(c, name, f)) return -1;
    if (kind == LIMITS_CGROUP2 && put(c->at[0], "memory.oom.group", "1") && errno != ENOENT)
        return failed(f, "cgroup", "oom group");
    return 0;
}

// Swap: memory and swap together get the same limit, so swap is none; a kernel without swap accounting has no such file.
// The order matters when a limit changes: memory may never be above both together.
static int memory_v1(const struct cgroup *c, uint64_t bytes, struct failure *f) {
    bool up = c->limited && bytes > c->set.memory;
    for (int i = 0; i < 2; i++) {
        bool swap = up == (i == 0);
        if (swap && !wall(WALL_LIMIT_SWAP)) continue;
        if (put_number(c->at[MEMORY], swap ? "memory.memsw.limit_in_bytes" : "memory.limit_in_bytes", bytes) &&
            !(swap && errno == ENOENT))
            return failed(f, "cgroup", swap ? "swap" : "memory");
    }
    return 0;
}

static int quota(const struct cgroup *c, uint64_t percent) {
    char text[64];
    if (kind == LIMITS_CGROUP1) {
        if (!percent) return put(c->at[CPU], "cpu.cfs_quota_us", "-1");
        return put_number(c->at[CPU], "cpu.cfs_quota_us", percent * 1000);
    }
    if (percent) snprintf(text, sizeof text, "%llu 100000", (unsigned long long)percent * 1000);
    else snprintf(text, sizeof text, "max 100000");
    return put(c->at[0], "cpu.max", text);
}

// For one jail: its limits, and where the slot's counters stand. What is in force already is not written again, so after a
// failure nobody knows what is: such a cgroup serves no other jail.
int cgroup_begin(struct cgroup *c, const struct limits *l, struct failure *f) {
    if (kind == LIMITS_RLIMIT) return 0;
    bool v1 = kind == LIMITS_CGROUP1;
    c->unsure = true;
    // A small limit may lie below what the last jail left.
    if (v1 && meter(c, METER_MEMORY) > l->memory / 4) put(c->at[MEMORY], "memory.force_empty", "1");
    if (wall(WALL_LIMIT_MEMORY) && (!c->limited || c->set.memory != l->memory)) {
        if (v1 && memory_v1(c, l->memory, f)) return -1;
        if (!v1 && put_number(c->at[0], "memory.max", l->memory)) return failed(f, "cgroup", "memory");
        if (!v1 && wall(WALL_LIMIT_SWAP) && put(c->at[0], "memory.swap.max", "0") && errno != ENOENT) return failed(f, "cgroup", "swap");
    }
    // PID 1 is not the program's, and neither is a keeper that sits in the same cgroup.
    if (wall(WALL_LIMIT_PIDS) && (!c->limited || c->set.pids != l->pids) && put_number(c->at[v1 ? PIDS : 0], "pids.max", l->pids + (v1 ? 2 : 1)))
        return failed(f, "cgroup", "pids");
    if (wall(WALL_LIMIT_CPU_QUOTA) && (c->limited ? c->set.cpu_percent : 0) != l->cpu_percent && quota(c, l->cpu_percent))
        return failed(f, "cgroup", "cpu");
    c->set = *l;
    c->limited = true;
    if (v1 && put(c->at[MEMORY], "memory.max_usage_in_bytes", "0")) return failed(f, "cgroup", "memory peak");
    c->unsure = false;
    c->before = (struct usage){
        .cpu_ns = meter(c, METER_CPU), .peak = v1 ? meter(c, METER_MEMORY) : 0, .memory_hits = meter(c, METER_OOM), .pids_hits = meter(c, METER_FORKS)};
    return 0;
}

// The caller itself, which has one thread. "0" in `tasks` instead of a pid in `cgroup.procs`: a thread that moves itself needs
// no lock against forks and exits, and waiting for that lock takes 3 to 50 ms, because every processor must have been seen.
int cgroup_join(const struct cgroup *c, struct failure *f) {
    if (kind != LIMITS_CGROUP1) return 0;
    for (int i = 0; i < CONTROLLERS; i++)
        if (!skipped(i) && put(c->at[i], "tasks", "0")) return failed(f, "cgroup-join", names[i]);
    return 0;
}

// Everything in it at once, where the kernel can (5.14); PID 1's death takes the rest in any case.
void cgroup_kill(const struct cgroup *c) {
    if (kind == LIMITS_CGROUP2 && c->made) put(c->at[0], "cgroup.kill", "1");
}

bool cgroup_empty(const struct cgroup *c) {
    return kind == LIMITS_RLIMIT || meter(c, METER_PIDS) <= (kind == LIMITS_CGROUP1 ? 1 : 0);
}

// A slot's cgroups serve one jail after the other, since joining new ones of v1 costs milliseconds; of v2 they are made
// anew, which is cheap, and whose peak nobody can set back before Linux 6.12. What the last jail left (page cache of files it
// read first) is given back to the machine, so that it neither counts against the next nor shows in its figures.
int cgroup_renew(struct cgroup *c, struct failure *f) {
    enum { RESIDUE = 16 << 20 };
    if (kind == LIMITS_RLIMIT) return 0;
    if (c->unsure || !cgroup_empty(c)) return -1;
    if (kind == LIMITS_CGROUP2) {
        cgroup_remove(c);
        return c->made ? -1 : cgroup_make(c, f);
    }
    if (meter(c, METER_MEMORY) <= RESIDUE) return 0;
    put(c->at[MEMORY], "memory.force_empty", "1");
    return meter(c, METER_MEMORY) <= RESIDUE ? 0 : -1;
}

void cgroup_remove(struct cgroup *c) {
    char name[64];
    if (!c->made) return;
    forget(c);
    own_name(c, name);
    bool busy = false;
    for (int i = 0; i < hierarchies(); i++)
        if (!skipped(i) && unlinkat(base[i], name, AT_REMOVEDIR) && errno == EBUSY) busy = true;
    c->made = busy;
}

void cgroup_usage(const struct cgroup *c, struct usage *u) {
    memset(u, 0, sizeof *u);
    if (kind == LIMITS_RLIMIT || !c->made) return;
    u->cpu_ns = meter(c, METER_CPU) - c->before.cpu_ns;
    // What the slot held before it began is not the jail's.
    uint64_t peak = meter(c, METER_PEAK);
    u->peak = peak > c->before.peak ? peak - c->before.peak : 0;
    u->memory_hits = meter(c, METER_OOM) - c->before.memory_hits;
    u->pids_hits = meter(c, METER_FORKS) - c->before.pids_hits;
    if (u->memory_hits) u->peak = peak;
}
