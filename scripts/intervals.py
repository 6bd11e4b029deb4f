# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""How far a measured figure can be trusted: 95 % intervals, and a test of pairs. For the scripts beside it."""

import math
import random


def wilson(right: int, count: int) -> tuple[float, float]:
    """Of a share (Wilson's score interval)."""
    z, p = 1.96, right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - half, middle + half


def bootstrap(values: list[float], resamples: int = 10000) -> tuple[float, float]:
    """Of a mean, by percentiles of seeded resamples. Of the differences of pairs it is a paired one."""
    chance = random.Random(0)
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(resamples))
    return means[resamples * 25 // 1000], means[resamples * 975 // 1000]


def mcnemar(better: int, worse: int) -> float:
    """Exact two-sided p: how often as uneven a split as this comes by chance."""
    n, k = better + worse, min(better, worse)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0
