// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/// Callers wait in turns, so that nobody is woken for nothing: those of a turn are woken together when it has been served.
struct crowd {
    pthread_mutex_t mutex;
    pthread_cond_t turns[2], work;
    size_t waiting, turn, served, left;
    int64_t handed, end;
};

static void *caller(void *argument) {
    struct crowd *crowd = argument;
    while (floor_now() < crowd->end) {
        pthread_mutex_lock(&crowd->mutex);
        size_t turn = crowd->turn;
        if (crowd->waiting++ == 0) pthread_cond_signal(&crowd->work);
        while (crowd->served <= turn) pthread_cond_wait(&crowd->turns[turn & 1], &crowd->mutex);
        crowd->handed++;
        pthread_mutex_unlock(&crowd->mutex);
    }
    pthread_mutex_lock(&crowd->mutex);
    crowd->left--;
    pthread_cond_signal(&crowd->work);
    pthread_mutex_unlock(&crowd->mutex);
    return NULL;
}

int floor_crowd(size_t count, int64_t nanoseconds, int64_t *handed, int64_t *taken) {
    int64_t start = floor_now();
    struct crowd crowd = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                          .turns = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER},
                          .work = PTHREAD_COND_INITIALIZER,
                          .left = 0,
                          .end = start + nanoseconds};
    pthread_t *threads = calloc(count, sizeof *threads);
    pthread_attr_t small;
    size_t made = 0;
    int failure = threads ? pthread_attr_init(&small) : ENOMEM;
    if (!failure) {
        pthread_attr_setstacksize(&small, 256 << 10);
        pthread_mutex_lock(&crowd.mutex);
        for (; made < count && !failure; made += !failure) {
            failure = pthread_create(&threads[made], &small, caller, &crowd);
            crowd.left += !failure;
        }
        while (crowd.left > 0) {
            while (crowd.waiting == 0 && crowd.left > 0) pthread_cond_wait(&crowd.work, &crowd.mutex);
            size_t turn = crowd.turn++;
            crowd.waiting = 0;
            crowd.served = turn + 1;
            pthread_cond_broadcast(&crowd.turns[turn & 1]);
            // Lets go for a moment, as a committing thread does for its batch.
            pthread_mutex_unlock(&crowd.mutex);
            pthread_mutex_lock(&crowd.mutex);
        }
        pthread_mutex_unlock(&crowd.mutex);
        for (size_t i = 0; i < made; i++) pthread_join(threads[i], NULL);
        pthread_attr_destroy(&small);
    }
    free(threads);
    *handed = crowd.handed;
    *taken = floor_now() - start;
    return failure;
}
