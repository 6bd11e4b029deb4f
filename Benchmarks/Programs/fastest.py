# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What the peers of an auction have in common: they answer each line "BIDDERS DECISIONS" with one line of JSON, the microseconds of CPU
of one decision in the fastest of several ways.

At the first line with that many bidders every way is tried, and what each took goes to standard error."""

import importlib.metadata
import json
import sys

TRIALS = 3


def answer(package, ways):
    """`ways(bidders)` is a dictionary of functions; each decides so many times and returns the seconds of CPU."""
    version = importlib.metadata.version(package)
    chosen = {}
    for line in sys.stdin:
        bidders, decisions = map(int, line.split())
        if bidders not in chosen:
            chosen[bidders] = fastest(package, bidders, decisions, ways(bidders))
        name, way = chosen[bidders]
        print(json.dumps({"us": way(decisions) / decisions * 1e6, "way": name, "version": version}), flush=True)


def fastest(package, bidders, decisions, ways):
    # The first turn warms up.
    took = {name: min([way(decisions) for _ in range(TRIALS + 1)][1:]) / decisions * 1e6 for name, way in ways.items()}
    each = ", ".join(f"{name} {us:.1f}" for name, us in sorted(took.items(), key=lambda item: item[1]))
    print(f"{package}, {bidders} bidders, CPU us: {each}", file=sys.stderr, flush=True)
    name = min(took, key=took.get)
    return name, ways[name]
