# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The wall clock of the vectors' room."""
import datetime

START = datetime.datetime(2026, 11, 21, 10, 0, 0)


def at(seconds, nanoseconds=0):
    """START plus so many seconds, as records write it."""
    return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S") + f".{nanoseconds:09d}Z"
