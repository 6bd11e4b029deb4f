# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: which of the schema's labels the neighbours choose."""

import json
import sys

import crude
from channel import read_input, serve
from embedding import Embedding, text_of
from vote import DEFAULTS, MEMORY_SHARPNESS, load_seeds, loudness, tally, with_memory

import numpy

MAX_INPUT = 8 << 20
# Headers that no person's letter to a desk has.
AUTOMATIC = ("list-id", "auto-submitted")


def labels_of(schema: dict, kind: str) -> dict[str, list]:
    """The members that are a choice between a few values, the one named like the type first."""
    found = {}
    for name, member in schema.get("properties", {}).items():
        if not isinstance(member, dict):
            continue
        if isinstance(member.get("enum"), list) and member["enum"]:
            found[name] = member["enum"]
        elif member.get("type") == "boolean":
            found[name] = [False, True]
    return dict(sorted(found.items(), key=lambda item: item[0] != kind))


def builtin(kind: str, seeds: dict) -> dict:
    """Stands in where a request has no schema: the labels that the seeds have."""
    members: dict[str, list] = {}
    for value in seeds[kind].values if kind in seeds else []:
        for name, label in (value if isinstance(value, dict) else {kind: value}).items():
            if label not in members.setdefault(name, []):
                members[name].append(label)
    properties = {name: {"enum": sorted(labels, key=str)} for name, labels in members.items()}
    return {"properties": {**properties, "confidence": {"type": "number"}}}


def likeness(number: object) -> float:
    """A cosine, or one in 1e-9; anything else is nobody's neighbour."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return 0.0
    return max(-1.0, min(1.0, number if -1 <= number <= 1 else number / 1e9))


def main(name: str = "wordllama-knn") -> int:
    embedding = Embedding()
    seeds = load_seeds(embedding)

    def execute(params: dict, descriptor: int) -> dict:
        message = read_input(descriptor, MAX_INPUT)
        kind = params.get("type") or "spam"
        headers: dict = {}
        if kind == "spam":
            text = crude.text_of(message)
        else:
            parsed = json.loads(message)
            text = text_of(parsed)
            headers = parsed["headers"] if isinstance(parsed, dict) and isinstance(parsed.get("headers"), dict) else {}
        schema = params.get("schema") or {}
        if not labels_of(schema, kind):
            schema = builtin(kind, seeds)

        settings = seeds[kind].settings if kind in seeds else DEFAULTS
        remembered, neighbours = [], []
        if examples := (params.get("plan") or {}).get("demonstrations") or []:
            likenesses = numpy.array([likeness(example.get("similarity")) for example in examples])
            nearest, loud = loudness(likenesses, MEMORY_SHARPNESS, 1.0)
            remembered = [(examples[i]["value"], float(w)) for i, w in zip(nearest, loud)]
        if kind in seeds:
            nearest, loud = loudness(
                seeds[kind].likeness(embedding.vector(text)), settings["sharpness"], settings["weight"])
            neighbours = [(seeds[kind].values[i], float(w)) for i, w in zip(nearest, loud)]

        value, confidence = {}, None
        for member, labels in labels_of(schema, kind).items():
            shares = with_memory(member, labels, remembered, tally(member, labels, neighbours, settings))
            best = max(range(len(labels)), key=lambda i: shares[i])
            value[member] = labels[best]
            if confidence is None:  # the member that the microtask is about
                confidence = round(shares[best], 6)
        confidence = confidence if confidence is not None else 0.0
        if any(headers.get(name) for name in AUTOMATIC) and "replyDue" in value:
            value["replyDue"] = False
        if "confidence" in schema.get("properties", {}):
            value["confidence"] = confidence
        return {"value": value, "confidence": confidence}

    return serve({"name": name, "version": "1.0.0", "tasks": sorted(seeds)}, execute)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
