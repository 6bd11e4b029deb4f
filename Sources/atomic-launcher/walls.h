// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Every protection by name, so that a test can build a launcher without one of them: a victim that is refused proves nothing
// unless the same victim succeeds when its wall is gone (docs/jail.md, Tests).
//
// In the launcher that is shipped `wall` is the constant true and leaves no trace. Only `scripts/build-launcher --without`
// defines MISSING_WALLS; such a launcher has another digest, and the digest is in the measurement of every jail that it builds.
#pragma once

#include <stdbool.h>

enum wall {
    // Namespaces.
    WALL_NETWORK_NAMESPACE, WALL_PID_NAMESPACE, WALL_IPC_NAMESPACE, WALL_UTS_NAMESPACE, WALL_TIME_NAMESPACE,
    WALL_CGROUP_NAMESPACE, WALL_USER_NAMESPACE,
    WALL_MOUNT_COPY,            // a jail's copy of its template
    // Who.
    WALL_OWN_UID, WALL_SETGROUPS_DENY, WALL_SESSION, WALL_SESSION_KEYRING,
    // Files.
    WALL_OLD_ROOT, WALL_READ_ONLY_ROOT, WALL_READ_ONLY_BIND, WALL_IMAGE_SEAL, WALL_NOSUID, WALL_NODEV, WALL_NOEXEC,
    WALL_PROC_HIDEPID, WALL_PROC_SUBSET, WALL_SOURCE_CHECK, WALL_NO_LINKS,
    WALL_LANDLOCK_FILES, WALL_LANDLOCK_NETWORK, WALL_LANDLOCK_SCOPE,
    // Descriptors and memory that are left behind.
    WALL_DESCRIPTORS_LAUNCHER, WALL_DESCRIPTORS_KEEPER, WALL_DESCRIPTORS_PARKED, WALL_DESCRIPTORS_PROGRAM,
    WALL_WORKSPACE,             // PID 1 does not keep the launcher's memory
    WALL_DEFAULT_SIGNALS,
    // System calls.
    WALL_FILTER, WALL_FILTER_SEALED, WALL_FILTER_INIT, WALL_CEILING,
    // Privileges.
    WALL_NO_NEW_PRIVILEGES, WALL_BOUNDING_SET, WALL_CAPABILITIES, WALL_SECUREBITS, WALL_LAUNCHER_CAPABILITIES,
    // The process.
    WALL_DUMPABLE, WALL_WRITE_EXECUTE, WALL_SPECULATION, WALL_DEATH_SIGNAL, WALL_CORE,
    // Limits.
    WALL_LIMIT_MEMORY, WALL_LIMIT_SWAP, WALL_LIMIT_PIDS, WALL_LIMIT_CPU_QUOTA, WALL_LIMIT_CPU, WALL_LIMIT_WALL,
    WALL_LIMIT_FILE, WALL_LIMIT_OPEN_FILES, WALL_LIMIT_TMP_BYTES, WALL_LIMIT_TMP_INODES, WALL_LIMIT_LOCKED_MEMORY,
    WALL_LIMIT_QUEUES,
    WALLS,
};

#ifdef MISSING_WALLS
bool wall(enum wall which);     // walls.c
#else
static inline bool wall(enum wall which) { (void)which; return true; }
#endif
