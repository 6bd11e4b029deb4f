# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: which of its languages py3langid finds likeliest."""

import array
import json
import os
import re
import sys

# One thread: the jail's process limit is small. Before numpy is loaded, because OpenBLAS reads it once.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy
from channel import read_input, serve
from py3langid.langid import LanguageIdentifier

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights", "model.npz")
MAX_INPUT = 8 << 20
MAX_TEXT = 4_000
# What says nothing about the language: addresses, quoted lines, numbers.
NOISE = re.compile(r"^[>|].*$|https?://\S+|\S+@\S+|\d+", re.M)


def load() -> LanguageIdentifier:
    """The weights as set-up unpacked them. The package's own loader unpacks 60 MB into a temporary file at each start."""
    with numpy.load(WEIGHTS, allow_pickle=False) as data:
        def plain(name: str) -> array.array:
            values = data[name]
            out = array.array({2: "H", 4: "I", 8: "L"}[values.dtype.itemsize])
            out.frombytes(numpy.ascontiguousarray(values).tobytes())
            return out

        return LanguageIdentifier(
            data["ptc"], data["pc"], data["classes"].tolist(), plain("nextmove"), data["out_feat"].tolist(),
            norm_probs=True, tk_row=plain("nextmove_row"))


def main() -> int:
    identifier = load()
    identifier.classify("the first call pays for what is made only once")

    def execute(params: dict, descriptor: int) -> dict:
        parsed = json.loads(read_input(descriptor, MAX_INPUT))
        subject = str((parsed.get("headers") or {}).get("subject") or "")
        text = NOISE.sub(" ", f"{subject}\n{parsed.get('text') or ''}"[:MAX_TEXT]).strip()
        letters = sum(1 for character in text if character.isalpha())
        if letters < 3:
            value = {"language": "und", "confidence": 0.5}
        else:
            language, probability = identifier.classify(text)
            # Its probabilities are too sure of themselves on a few words.
            sure = min(0.99, float(probability)) * min(1.0, 0.5 + letters / 80)
            value = {"language": str(language)[:3].lower(), "confidence": round(sure, 4)}
        return {"value": value, "confidence": value["confidence"]}

    return serve({"name": "langid", "version": "0.4.0", "tasks": ["language"]}, execute)


if __name__ == "__main__":
    sys.exit(main())
