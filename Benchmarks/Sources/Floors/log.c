// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// What the log hashes for each record: its SHA-256 (the next one's previous), its RFC 6962 leaf, and, on average, one
/// node. Digests are fetched once and the context is kept: a bare loop has no excuse for the slow way.
struct hashing {
    EVP_MD_CTX *context;
    EVP_MD *method;
    unsigned char previous[32], left[32];
};

static int hashing_begin(struct hashing *hashing) {
    memset(hashing, 0, sizeof *hashing);
    hashing->context = EVP_MD_CTX_new();
    hashing->method = EVP_MD_fetch(NULL, "SHA256", NULL);
    return hashing->context && hashing->method ? 0 : ENOMEM;
}

static void hashing_end(struct hashing *hashing) {
    EVP_MD_CTX_free(hashing->context);
    EVP_MD_free(hashing->method);
}

static void digest(struct hashing *hashing, const unsigned char *prefix, const unsigned char *first, size_t count,
                   const unsigned char *second, unsigned char *out) {
    EVP_DigestInit_ex2(hashing->context, hashing->method, NULL);
    if (prefix) EVP_DigestUpdate(hashing->context, prefix, 1);
    EVP_DigestUpdate(hashing->context, first, count);
    if (second) EVP_DigestUpdate(hashing->context, second, 32);
    EVP_DigestFinal_ex(hashing->context, out, NULL);
}

static void hash_record(struct hashing *hashing, unsigned char *record, size_t size) {
    static const unsigned char leaf_prefix = 0, node_prefix = 1;
    unsigned char leaf[32];
    memcpy(record, hashing->previous, size < 32 ? size : 32);
    digest(hashing, NULL, record, size, NULL, hashing->previous);
    digest(hashing, &leaf_prefix, record, size, NULL, leaf);
    digest(hashing, &node_prefix, hashing->left, 32, leaf, hashing->left);
}

int floor_log(const char *path, size_t record, size_t batch, int64_t nanoseconds, int64_t *times, size_t most,
              size_t *rounds) {
    struct hashing hashing;
    size_t total = record * batch;
    unsigned char *buffer = malloc(total);
    int failure = hashing_begin(&hashing);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) failure = errno;
    if (!buffer) failure = ENOMEM;
    *rounds = 0;
    if (!failure) memset(buffer, 'a', total);
    int64_t start = floor_now(), before = start;
    while (!failure && *rounds < most && before - start < nanoseconds) {
        for (size_t i = 0; i < batch; i++) hash_record(&hashing, buffer + i * record, record);
        for (size_t done = 0; done < total && !failure;) {
            ssize_t wrote = write(file, buffer + done, total - done);
            if (wrote < 0 && errno != EINTR) failure = errno;
            if (wrote > 0) done += (size_t)wrote;
        }
        if (!failure && fdatasync(file) != 0) failure = errno;
        int64_t after = floor_now();
        times[(*rounds)++] = after - before;
        before = after;
    }
    if (file >= 0) close(file);
    hashing_end(&hashing);
    free(buffer);
    return failure;
}

int floor_hash(size_t record, size_t count, int64_t *cpu) {
    struct hashing hashing;
    unsigned char *buffer = malloc(record);
    int failure = hashing_begin(&hashing);
    if (!buffer) failure = ENOMEM;
    if (!failure) {
        memset(buffer, 'a', record);
        int64_t start = floor_thread_cpu();
        for (size_t i = 0; i < count; i++) hash_record(&hashing, buffer, record);
        *cpu = floor_thread_cpu() - start;
    }
    hashing_end(&hashing);
    free(buffer);
    return failure;
}

void floor_give_back(void) { malloc_trim(0); }
