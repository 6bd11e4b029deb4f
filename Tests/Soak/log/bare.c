// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The controls of power.py: programs that keep lines in DIR/log/lines, of which only the first deserves trust.
//
//   bare DIR sound      makes the file, its bytes and its name durable; then writes, syncs and answers each line
//   bare DIR early      answers before it syncs
//   bare DIR nameless   never syncs the directory, so that the file may be without a name

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count != 3) return 2;
    char directory[PATH_MAX], path[PATH_MAX], line[8192];
    snprintf(directory, sizeof directory, "%s/log", arguments[1]);
    snprintf(path, sizeof path, "%s/log/lines", arguments[1]);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int above = open(directory, O_RDONLY | O_DIRECTORY);
    if (file < 0 || above < 0) return 1;
    if (strcmp(arguments[2], "nameless") && fsync(above)) return 1;
    for (long number = 0; fgets(line, sizeof line, stdin); number++) {
        char answer[32];
        int size = snprintf(answer, sizeof answer, "{\"index\":%ld}\n", number);
        if (write(file, line, strlen(line)) != (ssize_t)strlen(line)) return 1;
        if (!strcmp(arguments[2], "early") && write(1, answer, (size_t)size) != size) return 1;
        if (fdatasync(file)) return 1;
        if (strcmp(arguments[2], "early") && write(1, answer, (size_t)size) != size) return 1;
    }
    return 0;
}
