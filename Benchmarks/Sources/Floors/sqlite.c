// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

const char *floor_sqlite_version(void) { return sqlite3_libversion(); }

static int failed(int code) { return code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW; }

int floor_sqlite(const char *path, size_t record, size_t batch, int64_t nanoseconds, int64_t *times, size_t most,
                 size_t *rounds) {
    sqlite3 *store = NULL;
    sqlite3_stmt *insert = NULL;
    unsigned char *bytes = malloc(record);
    if (!bytes) return ENOMEM;
    memset(bytes, 'a', record);
    *rounds = 0;
    int trouble = failed(sqlite3_open(path, &store)) ||
                  failed(sqlite3_exec(store,
                                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                      "CREATE TABLE entries(seq INTEGER PRIMARY KEY, bytes BLOB)",
                                      NULL, NULL, NULL)) ||
                  failed(sqlite3_prepare_v2(store, "INSERT INTO entries(bytes) VALUES(?)", -1, &insert, NULL));
    int64_t start = floor_now(), before = start;
    while (!trouble && *rounds < most && before - start < nanoseconds) {
        trouble = failed(sqlite3_exec(store, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        for (size_t i = 0; i < batch && !trouble; i++) {
            trouble = failed(sqlite3_bind_blob(insert, 1, bytes, (int)record, SQLITE_STATIC)) ||
                      failed(sqlite3_step(insert)) || failed(sqlite3_reset(insert));
        }
        if (!trouble) trouble = failed(sqlite3_exec(store, "COMMIT", NULL, NULL, NULL));
        int64_t after = floor_now();
        times[(*rounds)++] = after - before;
        before = after;
    }
    sqlite3_finalize(insert);
    sqlite3_close(store);
    free(bytes);
    return trouble ? EIO : 0;
}
