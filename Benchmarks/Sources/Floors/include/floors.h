// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// The peers that are not programs: bare loops, and SQLite by its C interface. Each returns 0 or an errno.
#ifndef FLOORS_H
#define FLOORS_H

#include <stddef.h>
#include <stdint.h>

/// Runs a program with posix_spawn(3), standard input and output on /dev/null, and waits for it.
/// `words` holds `count` strings, each with its NUL. `status` is the exit code, or 128 + the signal.
/// Times in nanoseconds; CPU is user + system of the program and of the children it reaped.
int floor_spawn(const char *words, size_t count, int *status, int64_t *wall, int64_t *cpu);

/// Version of the C library whose posix_spawn that is.
const char *floor_libc_version(void);

/// Rounds of: hash each of `batch` records as the log does (previous, leaf, node), write them, fdatasync once.
/// Runs for `nanoseconds`; writes the time of each round to `times` (at most `most`) and their number to `rounds`.
int floor_log(const char *path, size_t record, size_t batch, int64_t nanoseconds, int64_t *times, size_t most,
              size_t *rounds);

/// The same records, one transaction per batch, in SQLite with journal_mode=WAL and synchronous=FULL.
int floor_sqlite(const char *path, size_t record, size_t batch, int64_t nanoseconds, int64_t *times, size_t most,
                 size_t *rounds);

/// CPU nanoseconds to hash `count` records as the log does, in memory.
int floor_hash(size_t record, size_t count, int64_t *cpu);

/// `count` threads that hand a number to one that answers all who wait, again and again: what a crowd of callers costs
/// before anything is done for them. Writes how many were answered, and the nanoseconds that it took.
int floor_crowd(size_t count, int64_t nanoseconds, int64_t *handed, int64_t *taken);

/// Gives memory that was freed back to the kernel.
void floor_give_back(void);

/// Version of the SQLite that is linked.
const char *floor_sqlite_version(void);

struct floor_bid {
    int64_t confidence; // in 1/64
    int64_t price;      // micro-units
    int64_t latency;    // milliseconds
};

/// The award without its record: score every bid, keep the best and the second. `repeats` times; CPU nanoseconds of all.
int floor_auction(const struct floor_bid *bids, size_t count, size_t repeats, int64_t *cpu, int64_t *second);

/// Starts a program that echoes its descriptor 3, and ends it. Return 0 or errno.
int floor_echo_start(const char *path, int *descriptor, int *process);
int floor_echo_end(int descriptor, int process);

/// Sends `length` bytes (at most 4096) and waits until as many came back. Returns 0 or errno.
int floor_round_trip(int descriptor, size_t length, int64_t *nanoseconds);

/// Starts a program that answers each line on its standard input with one on its standard output. Returns 0 or errno.
/// `words` holds `count` NUL-ended strings one after another. floor_echo_end ends it.
int floor_ask_start(const char *words, size_t count, int *descriptor, int *process);

/// Sends `question` and waits for one line, written to `answer` without its end. Returns 0 or errno, EPIPE if it ended.
int floor_ask(int descriptor, const char *question, char *answer, size_t size);

/// CPU nanoseconds of the calling thread, and wall nanoseconds.
int64_t floor_thread_cpu(void);
int64_t floor_now(void);

/// What the kernel accounted for a program: nanoseconds of CPU, but for the wall time and the peak of memory in bytes.
struct floor_watched {
    int status;
    int64_t wall;
    /// The program itself, all its threads.
    int64_t own;
    /// Its child of a given name, at most 20 ms before its end, and what that child has waited for.
    int64_t child;
    int64_t grandchildren;
    int64_t peak;
};

/// Runs a program with its output in a file. `words` holds `count` NUL-ended strings one after another.
/// Returns 0 or errno.
int floor_watch(const char *words, size_t count, const char *output, const char *child, struct floor_watched *result);

#endif
