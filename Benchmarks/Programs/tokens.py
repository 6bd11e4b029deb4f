# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""tokens.py PROGRAM WEIGHTS COUNT: tokens per second of Models/smollm2 for COUNT tokens, one at a time, after one warm-up."""

import sys
import time

sys.path.insert(0, sys.argv[1])
from decoder import Decoder  # noqa: E402

decoder = Decoder(sys.argv[2])
prompt = decoder.tokenize("The clean room keeps a log of everything that happens in it, and the first thing it wrote down was")


def generate(count: int) -> float:
    decoder.prompt(prompt)
    start = time.perf_counter()
    for _ in range(count):
        logits = decoder.logits()
        decoder.extend([max(range(len(logits)), key=logits.__getitem__)])
    return count / (time.perf_counter() - start)


generate(8)
decoder.rewind(0)
print(f"{generate(int(sys.argv[3])):.3f}")
