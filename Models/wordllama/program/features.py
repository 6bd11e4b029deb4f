# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The featurizer: a parsed message in, 256 small integers out. Likeness of two messages is their product."""

import json
import sys

from channel import read_input, serve
from embedding import Embedding, text_of


def main() -> int:
    embedding = Embedding()
    embedding.vector("the first call pays for lazy initialisation")

    def execute(params: dict, descriptor: int) -> dict:
        parsed = json.loads(read_input(descriptor, 64 << 20))
        vector = embedding.vector(text_of(parsed))
        return {"value": {"vector": [round(float(number) * 127) for number in vector]}, "confidence": 1}

    return serve({"name": "wordllama", "version": "1.0.0", "tasks": ["features"]}, execute)


if __name__ == "__main__":
    sys.exit(main())
