// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

/// floor(a * b / by) and ceil(a * b / by) in 128 bits, as the auction computes its terms.
static int64_t down(int64_t a, int64_t b, int64_t by) { return (int64_t)((__int128)a * b / by); }

static int64_t up(int64_t a, int64_t b, int64_t by) { return (int64_t)(((__int128)a * b + by - 1) / by); }

int floor_auction(const struct floor_bid *bids, size_t count, size_t repeats, int64_t *cpu, int64_t *second) {
    int64_t start = floor_thread_cpu();
    for (size_t repeat = 0; repeat < repeats; repeat++) {
        int64_t best = INT64_MIN, next = INT64_MIN;
        // The weight moves, so that no repeat can be taken for the one before.
        int64_t quality = 600000000 + (int64_t)(repeat & 1);
        for (size_t i = 0; i < count; i++) {
            int64_t score = down(quality, bids[i].confidence, 64) - up(300000000, bids[i].price, 10000) -
                            up(100000000, bids[i].latency, 1000);
            if (score > best) {
                next = best;
                best = score;
            } else if (score > next) {
                next = score;
            }
        }
        *(volatile int64_t *)second = next;
    }
    *cpu = floor_thread_cpu() - start;
    return 0;
}
