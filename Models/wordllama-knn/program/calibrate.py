# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""At set-up: how loud, how doubtful and how sure of itself a vote should be, by asking every seed with itself left out.

calibrate.py WEIGHTS writes settings.json, bid.json and the seeds' vectors there. Same seeds, same files.
"""

import itertools
import json
import os
import sys

import numpy
from embedding import Embedding
from vote import DEFAULTS, Seeds, load_seeds, loudness, tally

SHARPNESS = [5.0, 8.0, 12.0, 16.0]
# As a share of how loud the neighbours of a seed are together.
DOUBT = [0.02, 0.1, 0.3]
TEMPERATURE = [0.3, 0.5, 0.7, 1.0, 1.5]


def scalar(value: object, kind: str) -> object:
    return value[kind] if isinstance(value, dict) else value


def left_out(seeds: Seeds, kind: str, labels: list, settings: dict) -> list[list[float]]:
    likeness = seeds.vectors @ seeds.vectors.T
    numpy.fill_diagonal(likeness, -numpy.inf)
    shares = []
    for row in likeness:
        nearest, loud = loudness(row, settings["sharpness"], settings["weight"])
        shares.append(tally(kind, labels, [(seeds.values[i], float(w)) for i, w in zip(nearest, loud)], settings))
    return shares


def scores(shares: list[list[float]], truth: list[int]) -> tuple[float, int]:
    """Log loss, and how many were right."""
    loss = -sum(numpy.log(max(share[t], 1e-6)) for share, t in zip(shares, truth)) / len(truth)
    return float(loss), sum(int(numpy.argmax(share)) == t for share, t in zip(shares, truth))


def fit(seeds: Seeds, kind: str) -> tuple[dict, int]:
    labels = sorted({scalar(value, kind) for value in seeds.values}, key=str)
    truth = [labels.index(scalar(value, kind)) for value in seeds.values]
    best = None
    for sharpness in SHARPNESS if kind != "spam" else [DEFAULTS["sharpness"]]:
        settings = {**DEFAULTS, "sharpness": sharpness}
        likeness = seeds.vectors @ seeds.vectors.T
        numpy.fill_diagonal(likeness, -numpy.inf)
        level = float(numpy.median([loudness(row, sharpness, settings["weight"])[1].sum() for row in likeness]))
        for doubt, temperature in itertools.product(DOUBT, TEMPERATURE):
            settings = {**settings, "doubt": float(f"{doubt * level:.3g}"), "temperature": temperature}
            loss, right = scores(left_out(seeds, kind, labels, settings), truth)
            if best is None or loss < best[0]:
                best = (loss, right, settings)
    return best[2], best[1]


def main(weights: str) -> int:
    embedding = Embedding()
    with open(os.path.join(weights, "seeds.jsonl"), encoding="utf-8") as file:
        texts = sorted({json.loads(line)["text"] for line in file})
    numpy.save(os.path.join(weights, "seeds.npy"), numpy.stack(list(map(embedding.vector, texts))), allow_pickle=False)

    settings, bids = {}, {}
    for kind, seeds in load_seeds(embedding, weights).items():
        settings[kind], right = fit(seeds, kind)
        # Laplace's rule: forty right out of forty is not certainty.
        bids[kind] = round((right + 1) / (len(seeds.values) + 2), 4)
        print(f"{kind}: {right} of {len(seeds.values)} right when left out", file=sys.stderr)
    for name, content in (("settings.json", settings), ("bid.json", bids)):
        with open(os.path.join(weights, name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, sort_keys=True)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
