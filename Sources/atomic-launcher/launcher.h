// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The launcher: one process, one thread, the only one with privileges. It reads requests from one socket, builds jails,
// watches them, and reports their ends. It trusts nothing that it reads: every message is bounds-checked (message.c).
#pragma once

#include <linux/filter.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    SUPERVISOR = 3,             // descriptor of the socket, inherited from the supervisor
    MESSAGE_MAX = 128 * 1024,   // bytes of one request
    MESSAGE_FDS = 5,            // descriptors of one request
    STRING_MAX = 4096,
    ARGS_MAX = 256,
    MOUNTS_MAX = 64,
    IMAGES_MAX = 64,
    JAILS_MAX = 256,
    FILTER_MAX = 4096,          // BPF instructions (BPF_MAXINSNS)
    STAGE_MAX = 32,
    OBJECT_MAX = 200,
    TICK_MS = 25,
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

struct cgroup {
    uint32_t number;            // part of its name; never used twice
    bool made;
};

struct jail {
    bool live;
    uint64_t id;
    pid_t init;
    int pidfd, status, control;
    uid_t uid;
    uint32_t slot;              // place in the table, and what its uid is made of
    struct cgroup cgroup;
    struct limits limits;
    uint64_t started_ns, peak;
    int32_t killed_by;          // enum cause, -1 while nobody decided to kill it
};

// A filter ready for seccomp(2).
struct filter {
    struct sock_filter code[FILTER_MAX];
    struct sock_fprog program;
};

// Detached mount trees, made in the launcher's mount namespace and attached in the jail's.
struct tree {
    int fd;
    bool directory, writable;
    char target[STRING_MAX];
};

struct plan {
    const struct launch *launch;
    const struct machine *machine;
    struct filter *filter;
    int root;                   // detached image, or -1 for a root that is made of the system's /usr
    int dev[3], kvm;            // kvm: -1 unless the launch asks for /dev/kvm
    struct tree trees[MOUNTS_MAX + 16];
    size_t tree_count;
    struct { char name[16], target[64]; } links[8];
    size_t link_count;
    uid_t uid;
    gid_t gid;
    int sync, status, init_status;
};

// What one request needs, in memory that the stem shares (nursery.c). There is one, and one request at a time.
struct workspace {
    struct message message;
    struct request request;
    struct plan plan;
    struct filter filter;
    pid_t child;                // of the last clone
    int child_pidfd;
    int32_t child_error;
};
extern struct workspace *work;

// message.c
int message_receive(int socket, struct message *m);    // 1 a message, 0 the supervisor is gone, -1 a bad one
void message_close_fds(struct message *m);
int request_parse(struct message *m, struct request *r, struct failure *f);
void reply_ok(uint64_t value, const int *fds, size_t count);
void reply_failure(const struct failure *f);
void hello(const struct machine *m);

// image.c
#define IMAGES_NAME "atomic-image"    // source of image mounts in the mount table
int image_stage(uint64_t bytes, uint64_t inodes, uint64_t *number, int *directory, struct failure *f);
int image_seal(uint64_t number, struct failure *f);
int image_drop(uint64_t number, struct failure *f);
int images_directory(void);
#define IMAGES_DIRECTORY "/sys"    // hidden in the launcher's own namespace, see image.c
int image_tree(uint64_t number, const char *path, struct failure *f);

// path.c: refuses links and whatever would lead out of `root`
int open_beneath(int root, const char *path, uint64_t flags, uint64_t mode);

// source.c
int sources_collect(struct plan *p, struct failure *f);
void sources_close(struct plan *p);

// mount.c (in the jail)
int mounts_enter(const struct plan *p, struct failure *f);

// user.c
int machine_enter(struct machine *m, struct failure *f);
int user_become(const struct plan *p, struct failure *f);
int user_map(pid_t child, uid_t uid, gid_t gid, struct failure *f);
int capabilities_drop(struct failure *f);

// limit.c, landlock.c, seccomp.c (in the jail)
int rlimits_set(const struct plan *p, struct failure *f);
int rlimit_descriptors(const struct plan *p, struct failure *f);
int rlimits_stand_in(const struct plan *p, struct failure *f);
uint32_t landlock_abi(void);
int landlock_enter(const struct plan *p, struct failure *f);
int filter_load(int fd, struct filter *out, struct failure *f);
int filter_install(const struct filter *filter, struct failure *f);
int filter_install_init(struct failure *f);

// child.c, init.c, program.c
_Noreturn void child_main(const struct plan *p);
_Noreturn void child_fail(const struct plan *p, const struct failure *f);
_Noreturn void init_main(const struct plan *p, pid_t program);
_Noreturn void program_main(const struct plan *p);

// cgroup.c
uint32_t cgroups_find(void);
int cgroup_make(struct cgroup *c, struct failure *f);
int cgroup_limit(const struct cgroup *c, const struct limits *l, struct failure *f);
int cgroup_descriptor(const struct cgroup *c);          // for CLONE_INTO_CGROUP, -1 with cgroup v1
int cgroup_join(const struct cgroup *c, pid_t pid, struct failure *f);
void cgroup_remove(struct cgroup *c);
struct usage { uint64_t cpu_ns, peak, memory_hits, pids_hits; };
void cgroup_usage(const struct cgroup *c, struct usage *u);

// nursery.c
void nursery_prepare(const struct machine *m);
bool nursery_take(struct cgroup *c);
int nursery_clone(void);
void nursery_end(void);

// process.c: the same figures from /proc, where there is no cgroup
struct tree_usage { uint64_t cpu_ns, bytes, processes; };
void process_usage(pid_t init, struct tree_usage *u);

// jail.c, watch.c
void jail_clone(const struct plan *p, int cgroup, bool for_parent);
int jail_launch(struct jail *j, const struct launch *l, const struct machine *m, struct failure *f);
void jail_tick(struct jail *j, uint32_t kind);
void jail_ended(struct jail *j, uint32_t kind);
void jail_command(struct jail *j);
void jail_kill(struct jail *j, int32_t cause);
uint64_t now_ns(void);

// init_status: what PID 1 says about the program
struct program_status { int32_t wait_status; };
