// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The launcher: one process, one thread, the only one with privileges. It reads requests from one socket, builds jails,
// watches them, and reports their ends. It trusts nothing that it reads: every message is bounds-checked (message.c).
//
//   launcher ── mounter        the host's mounts, as a child that sees them: sources become detached trees (mounter.c)
//      │
//      ├────── keeper ── jail  a slot: its cgroups, a process that sits in them, and a jail that is parked in its own
//      ├────── keeper ── jail  namespaces until somebody wants it (slot.c, parked.c)
//      …
#pragma once

#include <linux/filter.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "walls.h"

enum {
    SUPERVISOR = 3,             // descriptor of the socket, inherited from the supervisor
    MESSAGE_MAX = 128 * 1024,   // bytes of one request
    MESSAGE_FDS = 5,            // descriptors of one request
    STRING_MAX = 4096,
    ARGS_MAX = 256,
    MOUNTS_MAX = 64,
    TREES_MAX = MOUNTS_MAX + 16,
    IMAGES_MAX = 64,
    JAILS_MAX = 256,
    PARKED_MOST = 8,            // jails that wait at one time
    NETWORKS_MOST = 512,        // network namespaces that live or that the kernel has not yet taken away
    FILTER_MAX = 4096,          // BPF instructions (BPF_MAXINSNS)
    STAGE_MAX = 32,
    OBJECT_MAX = 200,
    TICK_MS = 25,
    QUIET_MS = 3,               // without a request for so long, jails are made in advance
    JAIL_IDS = 1900000000,      // host uids and gids of jails: above what users, containers and services are given
    JAIL_IDS_COUNT = 128 * 1024 * 1024,
    SETUP_MS = 10000,           // a jail that is not running by then is not going to
};

// The step that failed, why, and on what. Filled once, by the step itself.
struct failure {
    char stage[STAGE_MAX];
    char object[OBJECT_MAX];
    int32_t error;
};

// Records errno under a stage; always -1, so that callers return it.
int failed(struct failure *f, const char *stage, const char *object);
int failed_with(struct failure *f, int error, const char *stage, const char *object);

// What the launcher found on this machine when it started.
struct machine {
    bool caller_binds;          // --binds caller
    bool once;                  // --once: one jail is parked at the start, and none after it
    bool in_place;              // --in-place: this program is its file, not a sealed copy
    bool own_uid;               // jails get a host uid that belongs to nobody (root), not the caller's
    uint32_t limits;            // enum limits_kind
    uint32_t landlock;          // ABI
};

enum limits_kind { LIMITS_RLIMIT = 0, LIMITS_CGROUP1 = 1, LIMITS_CGROUP2 = 2 };

enum cause {
    CAUSE_EXITED, CAUSE_SIGNAL, CAUSE_SYSCALL, CAUSE_MEMORY, CAUSE_PIDS, CAUSE_CPU, CAUSE_WALL, CAUSE_OUTPUT,
    CAUSE_FILE,
};

struct limits {
    uint64_t memory, pids, cpu_percent, wall_ns, cpu_ns, file_bytes, open_files, tmpfs_bytes, tmpfs_inodes;
};

enum { MOUNT_HOST = 0, MOUNT_IMAGE = 1 };
enum { MOUNT_READ_ONLY = 1, MOUNT_NOEXEC = 2 };

struct mount_request {
    uint32_t kind, flags;
    uint64_t image;
    const char *source, *target;
};

enum { LAUNCH_CHANNEL = 1, LAUNCH_MDWE = 2, LAUNCH_KVM = 4 };
enum { ROOT_SYSTEM = 0, ROOT_IMAGE = 1 };

// A launch request after parsing; strings point into the message.
struct launch {
    uint32_t flags, root;
    uint64_t image;
    struct limits limits;
    const char *cwd;
    uint32_t argc, envc, mountc;
    const char *argv[ARGS_MAX + 1], *envp[ARGS_MAX + 1];
    struct mount_request mounts[MOUNTS_MAX];
    int filter_fd, stdio[3], channel;
};

enum request_type { REQUEST_STAGE = 1, REQUEST_SEAL = 2, REQUEST_DROP = 3, REQUEST_LAUNCH = 4 };

struct request {
    uint32_t type;
    uint64_t image, bytes, inodes;
    struct launch launch;
};

struct message {
    _Alignas(8) uint8_t bytes[MESSAGE_MAX];
    size_t length;
    int fds[MESSAGE_FDS];
    size_t fd_count;
};

enum controller { MEMORY, PIDS, CPU, CPUACCT, CONTROLLERS };
enum meter { METER_CPU, METER_PEAK, METER_MEMORY, METER_OOM, METER_FORKS, METER_PIDS, METERS };

struct usage { uint64_t cpu_ns, peak, memory_hits, pids_hits; };

// The cgroups of one slot, with what is read from them again and again held open.
struct cgroup {
    uint32_t number;            // part of its name; never used twice
    bool made;
    int at[CONTROLLERS];        // directories; v2 uses the first only
    int meters[METERS];
    bool limited;
    bool unsure;                // a limit could not be set, so nobody knows what is in force
    struct limits set;          // what is in force now
    struct usage before;        // counters as they stood when the jail began: they are the slot's, not the jail's
};

// A filter ready for seccomp(2).
struct filter {
    struct sock_filter code[FILTER_MAX];
    struct sock_fprog program;
};

// A mount tree that is attached nowhere yet.
struct tree {
    int fd;
    bool directory, writable;
    char target[STRING_MAX];
};

enum { DEV_NULL, DEV_ZERO, DEV_URANDOM, DEV_KVM, DEVICES };

// One launch, in memory that launcher, mounter and the parked jail share. Descriptors are numbers of whoever uses them.
struct plan {
    struct machine machine;
    int space;                  // mount namespace that has the root already (template.c), or -1: then it is made from what follows
    int root;                   // tree of the image, or -1 for a root that is made of the system's /usr
    int dev[DEVICES];
    struct tree trees[TREES_MAX];
    size_t tree_count;
    struct { char name[16], target[64]; } links[8];
    size_t link_count;
    int tmp;                    // the jail's /tmp, made by the launcher, which looks how full it is
    int stdio[3], channel;
    uid_t uid;
    gid_t gid;
    cpu_set_t processors;       // that the program may use
};

// What the kernel tells the launcher through memory about a keeper's clone.
struct parking { pid_t child; };

// What one request needs. There is one, and one request at a time.
struct workspace {
    struct message message;
    struct request request;
    struct plan plan;
    struct filter filter;
    struct parking parking[JAILS_MAX];
    struct failure failure;     // of a program before its exec: it shares PID 1's memory, not its descriptors
};
extern struct workspace *work;

enum slot_state { SLOT_EMPTY, SLOT_PARKING, SLOT_PARKED, SLOT_LIVE };

// A place for one jail at a time.
struct slot {
    enum slot_state state;
    uint32_t index;
    struct cgroup cgroup;
    pid_t keeper;               // sits in the cgroups; -1 where there is none yet
    int orders;                 // socket to the keeper; one order, one parked jail
    // The jail that is parked, or lives.
    pid_t init;
    int pidfd, sync, tmp;
    // The jail that lives.
    int control;
    uint64_t id;
    uid_t uid;
    struct limits limits;
    uint64_t started_ns, cpu_ns, peak;
    bool tmp_bytes_full, tmp_inodes_full;
    int32_t killed_by;          // enum cause, -1 while nobody decided to kill it
};
extern struct slot slots[JAILS_MAX];

// message.c
int message_receive(int socket, struct message *m);    // 1 a message, 0 the supervisor is gone, -1 a bad one
void message_close_fds(struct message *m);
int request_parse(struct message *m, struct request *r, struct failure *f);
void reply_ok(uint64_t value, const int *fds, size_t count);
void reply_launched(uint64_t id, uint64_t cpu_before, const int *fds, size_t count);
void reply_failure(const struct failure *f);
void hello(const struct machine *m);

// descriptors.c: one packet with descriptors
enum { PACKET_FDS = TREES_MAX + DEVICES + 8 };
ssize_t packet_send(int socket, const void *bytes, size_t length, const int *fds, size_t count);
ssize_t packet_receive(int socket, void *bytes, size_t room, int *fds, size_t *count);

// mounter.c, and what runs in it: image.c, source.c
int mounter_start(const struct machine *m, struct failure *f);
int mounter_descriptor(void);                           // readable when the mounter is gone
int mounter_ask(uint32_t operation, uint64_t *value, uint64_t second, int *fds, size_t *count, struct failure *f);
enum mounter_operation {
    MOUNTER_STAGE = REQUEST_STAGE, MOUNTER_SEAL = REQUEST_SEAL, MOUNTER_DROP = REQUEST_DROP,
    MOUNTER_TREES = 16,         // everything that the launch of the workspace names
    MOUNTER_ROOT = 17,          // the root alone, for a template
    MOUNTER_MOUNTS = 18,        // everything but the root
};
#define IMAGES_NAME "atomic-image"    // source of image mounts in the mount table
#define IMAGES_DIRECTORY "/sys"
int images_directory(void);
int image_stage(uint64_t bytes, uint64_t inodes, uint64_t *number, int *directory, struct failure *f);
int image_seal(uint64_t number, struct failure *f);
int image_drop(uint64_t number, struct failure *f);
int image_tree(uint64_t number, const char *path, struct failure *f);
int sources_root(struct plan *p, const struct launch *l, struct failure *f);
int sources_mounts(struct plan *p, const struct launch *l, struct failure *f);
void sources_close(struct plan *p);

void plan_clear(struct plan *p);

// template.c: mount namespaces that hold nothing but a finished root
int home_enter(struct failure *f);
int template_of(const struct launch *l, int *space, struct failure *f);
void template_forget(uint64_t image);

// path.c: refuses links and whatever would lead out of `root`
int open_beneath(int root, const char *path, uint64_t flags, uint64_t mode);

// mount.c
int new_filesystem(const char *type, const char *const options[][2], size_t count, unsigned attributes);
int proc_make(void);
int tmp_make(const struct plan *p, const struct limits *l, struct failure *f);
int root_enter(const struct plan *p, int proc, struct failure *f);
int mounts_enter(const struct plan *p, const char *cwd, int proc, struct failure *f);

// user.c
int machine_enter(struct machine *m, struct failure *f);
int launcher_narrow(const struct machine *m, struct failure *f);
int mounter_narrow(const struct machine *m, struct failure *f);
int user_become(const struct plan *p, int proc, struct failure *f);
int capabilities_drop(struct failure *f);

// limit.c, landlock.c, seccomp.c, ceiling.c
int rlimits_park(struct failure *f);
int rlimits_set(const struct limits *l, struct failure *f);
int rlimit_descriptors(const struct limits *l, struct failure *f);
int rlimits_stand_in(const struct plan *p, const struct limits *l, struct failure *f);
uint32_t landlock_abi(void);
int landlock_enter(const struct plan *p, uint32_t flags, struct failure *f);
int filter_load(int fd, struct filter *out, struct failure *f);
int filter_install(const struct filter *filter, struct failure *f);
int filter_install_init(struct failure *f);
int ceiling_install(struct failure *f);

// parked.c, init.c, program.c: inside the jail
_Noreturn void parked_main(int sync);
_Noreturn void init_main(int sync, pid_t program);
_Noreturn void program_main(const struct plan *p, const struct launch *l);

// cgroup.c
uint32_t cgroups_find(void);
int cgroup_make(struct cgroup *c, struct failure *f);
int cgroup_renew(struct cgroup *c, struct failure *f);  // for another jail; -1 says that it should be made anew
int cgroup_begin(struct cgroup *c, const struct limits *l, struct failure *f);
int cgroup_join(const struct cgroup *c, struct failure *f);
void cgroup_kill(const struct cgroup *c);
bool cgroup_empty(const struct cgroup *c);              // but for the keeper
void cgroup_remove(struct cgroup *c);
void cgroup_usage(const struct cgroup *c, struct usage *u);

// process.c: the same figures from /proc, where there is no cgroup
struct tree_usage { uint64_t cpu_ns, bytes, processes; };
void process_usage(pid_t init, struct tree_usage *u);

// network.c: how many network namespaces there are
void networks_find(const struct machine *m);
int networks_descriptor(void);
void networks_read(void);
void networks_add(pid_t owner);
bool networks_full(void);

// slot.c
int slot_take(struct slot **s, struct failure *f);
void slot_refill(bool quiet);
bool slots_want_quiet(void);
void slot_reaped(struct slot *s);
void slot_recycle(struct slot *s);
void slot_parked(struct slot *s);
void slot_retire(struct slot *s);
void slots_end(void);

// jail.c, watch.c
int jail_launch(struct launch *l, struct slot **taken, struct failure *f);
void jail_tick(struct slot *s);
void jail_ended(struct slot *s);
void jail_command(struct slot *s);
void jail_kill(struct slot *s, int32_t cause);
uint64_t now_ns(void);
extern struct machine machine;

// What PID 1 says: that the program runs, and how it ended.
enum { SAY_PARKED = 'P', SAY_RUNS = 'R' };
struct program_status { int32_t wait_status; };
