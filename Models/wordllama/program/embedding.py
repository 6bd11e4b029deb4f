# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Text to a vector of length 1: the mean of WordLlama's static token embeddings.

The package of that name only supplies the two weight files. Reading them takes a few lines, while its own loader brings an
HTTP client along that knows where to download the rest.
"""

import json
import os

# One thread: the work is microseconds, and the jail counts threads. Read when the libraries are opened.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy
from tokenizers import Tokenizer

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
DIMENSIONS = 256
# Characters that count. Beyond them the mean hardly moves and a hostile text only costs time.
MAX_TEXT = 4000


class Embedding:
    def __init__(self, weights: str = WEIGHTS) -> None:
        self.tokenizer = Tokenizer.from_file(os.path.join(weights, "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.tokens = _tensor(os.path.join(weights, "embedding.safetensors"), "embedding.weight")

    def vector(self, text: str) -> numpy.ndarray:
        """Length 1, or all zeros when there is nothing to embed."""
        # Lone surrogates can stand in JSON and in no text.
        text = text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        if not ids:
            return numpy.zeros(DIMENSIONS, numpy.float32)
        # float16 in the file; the sum of hundreds of them needs more.
        return unit(self.tokens[ids].astype(numpy.float32).mean(axis=0))


def unit(vector: numpy.ndarray) -> numpy.ndarray:
    length = float(numpy.linalg.norm(vector))
    return vector / length if length > 1e-9 else numpy.zeros_like(vector)


def _tensor(path: str, name: str) -> numpy.ndarray:
    """A float16 tensor of a safetensors file: 8 bytes of length, a JSON header, the data."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start, end = header[name]["data_offsets"]
        file.seek(start, os.SEEK_CUR)
        return numpy.frombuffer(file.read(end - start), numpy.float16).reshape(header[name]["shape"])


def text_of(parsed: object) -> str:
    """Subject and text of the parser's JSON, whatever is missing of it."""
    parsed = parsed if isinstance(parsed, dict) else {}
    headers = parsed.get("headers") if isinstance(parsed.get("headers"), dict) else {}
    return f"{headers.get('subject', '')}\n{parsed.get('text', '')}".strip()
