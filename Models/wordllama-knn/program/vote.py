# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Labelled messages vote on a new one, the nearer the louder. No training, no model: what people said, looked up.

Two kinds of neighbours. The seeds of the bundle are other people's mail: compared after taking away what all mail has in common,
they give the first opinion. The room's own labelled messages come with the request, with the likeness that the supervisor
computed, and move that opinion the more the nearer they are. Where nobody is near, nobody is sure.
"""

import json
import os

import numpy
from embedding import Embedding, unit

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
NEIGHBOURS = 32
# Loudness falls by e with every 0.1 of likeness, and all seeds together are as loud as one neighbour at 0.7; seeds without an
# opinion, because they know none of the labels, hardly at all. Measured on labelled mail; see docs/models.md.
MEMORY_SHARPNESS = 10.0
SEEDS_LOUDNESS, SEEDS_LEAST = 0.05, 0.002
# Seeds of spam filters are long messages, all alike in tone; the others are short and each about one thing.
DEFAULTS = {"sharpness": 5.0, "weight": 0.1, "doubt": 0.02, "temperature": 1.0}


class Seeds:
    """The seeds of one type: their vectors, centred, and what they are examples of."""

    def __init__(self, vectors: numpy.ndarray, values: list, settings: dict) -> None:
        self.centre = vectors.mean(axis=0)
        self.vectors = numpy.stack([unit(vector - self.centre) for vector in vectors])
        self.values = values
        self.settings = {**DEFAULTS, **settings}

    def likeness(self, vector: numpy.ndarray) -> numpy.ndarray:
        if not vector.any():  # no text: without a centre of its own, and near to nothing
            return numpy.full(len(self.values), -numpy.inf)
        return self.vectors @ unit(vector - self.centre)


def load_seeds(embedding: Embedding, weights: str = WEIGHTS) -> dict[str, Seeds]:
    with open(os.path.join(weights, "seeds.jsonl"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    try:
        with open(os.path.join(weights, "settings.json"), encoding="utf-8") as file:
            settings = json.load(file)
    except FileNotFoundError:  # while calibrating
        settings = {}
    texts = sorted({line["text"] for line in lines})
    kept = os.path.join(weights, "seeds.npy")
    # Embedded at set-up, so that a process need not do it again before its first answer.
    stored = numpy.load(kept, allow_pickle=False) if os.path.exists(kept) else numpy.stack(list(map(embedding.vector, texts)))
    vectors = dict(zip(texts, stored))
    seeds = {}
    for kind in sorted({line["type"] for line in lines}):
        mine = [line for line in lines if line["type"] == kind]
        stack = numpy.stack([vectors[line["text"]] for line in mine])
        seeds[kind] = Seeds(stack, [line["value"] for line in mine], settings.get(kind, {}))
    return seeds


def loudness(likeness: numpy.ndarray, sharpness: float, weight: float) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Which neighbours count, and how much."""
    nearest = numpy.argsort(-likeness, kind="stable")[:NEIGHBOURS]
    return nearest, weight * numpy.exp(sharpness * (likeness[nearest] - 1.0))


def tally(member: str, labels: list, neighbours: list[tuple[object, float]], settings: dict) -> list[float]:
    """A probability for each label. `neighbours` are values and how loud they are; those without a label abstain."""
    votes = dict.fromkeys(map(_key, labels), 0.0)
    for value, loud in neighbours:
        label = value.get(member) if isinstance(value, dict) else value
        if _key(label) in votes:
            votes[_key(label)] += loud
    # Doubt is a vote for every label alike: it decides as long as everybody is far away.
    total = sum(votes.values()) + settings["doubt"]
    share = numpy.array([(votes[_key(label)] + settings["doubt"] / len(labels)) / total for label in labels])
    sharpened = share ** (1.0 / settings["temperature"])
    return (sharpened / sharpened.sum()).tolist()


def with_memory(member: str, labels: list, neighbours: list[tuple[object, float]], seeds: list[float]) -> list[float]:
    """What the seeds say, moved by the room's own neighbours, the more the nearer they are."""
    votes = dict.fromkeys(map(_key, labels), 0.0)
    for value, loud in neighbours:
        label = value.get(member) if isinstance(value, dict) else value
        if _key(label) in votes:
            votes[_key(label)] += loud
    first = SEEDS_LOUDNESS if max(seeds) - min(seeds) > 1e-6 else SEEDS_LEAST
    total = sum(votes.values()) + first
    return [(votes[_key(label)] + first * share) / total for label, share in zip(labels, seeds)]


def _key(label: object) -> str:
    """True and 1 are different labels, which Python's dictionaries do not know."""
    return json.dumps(label, sort_keys=True)
