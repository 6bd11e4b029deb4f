# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Text to a vector of length 1: all-MiniLM-L6-v2, six layers of BERT in numpy.

The usual way is PyTorch, whose package is a gigabyte and more; this model is matrix products, so fifty lines do. Same
interface as Models/wordllama/program/embedding.py, whose neighbours it replaces.
"""

import json
import os

# One thread: the jail counts them. Read when the libraries are opened.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy
from tokenizers import Tokenizer

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
HEADS, LAYERS = 12, 6
# Time grows with them; the model was trained on 128.
MAX_TOKENS = 128
MAX_TEXT = 2000


class Embedding:
    def __init__(self, weights: str = WEIGHTS) -> None:
        self.tokenizer = Tokenizer.from_file(os.path.join(weights, "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tensors = _tensors(os.path.join(weights, "embedding.safetensors"))

    def vector(self, text: str) -> numpy.ndarray:
        """Length 1, or all zeros when there is nothing to embed."""
        # Lone surrogates can stand in JSON and in no text.
        text = text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8").strip()
        if not text:
            return numpy.zeros(self.tensors["embeddings.LayerNorm.weight"].size, numpy.float32)
        ids = self.tokenizer.encode(text).ids
        states = self.tensors["embeddings.word_embeddings.weight"][ids]
        states = states + self.tensors["embeddings.position_embeddings.weight"][: len(ids)]
        states = self.normalised(states + self.tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}."
            attended = self.linear(self.attention(states, prefix + "attention.self."), prefix + "attention.output.dense")
            states = self.normalised(states + attended, prefix + "attention.output.LayerNorm")
            inner = _gelu(self.linear(states, prefix + "intermediate.dense"))
            states = self.normalised(states + self.linear(inner, prefix + "output.dense"), prefix + "output.LayerNorm")
        return unit(states.mean(axis=0))

    def linear(self, states: numpy.ndarray, name: str) -> numpy.ndarray:
        return states @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def normalised(self, states: numpy.ndarray, name: str) -> numpy.ndarray:
        centred = states - states.mean(axis=-1, keepdims=True)
        scale = numpy.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / scale * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attention(self, states: numpy.ndarray, prefix: str) -> numpy.ndarray:
        query, key, value = (
            self.linear(states, prefix + name).reshape(len(states), HEADS, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / numpy.sqrt(numpy.float32(query.shape[-1]))
        scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        return mixed.transpose(1, 0, 2).reshape(len(states), -1)


def unit(vector: numpy.ndarray) -> numpy.ndarray:
    length = float(numpy.linalg.norm(vector))
    return vector / length if length > 1e-9 else numpy.zeros_like(vector)


def _gelu(x: numpy.ndarray) -> numpy.ndarray:
    """Abramowitz and Stegun 7.1.26 for the error function, within 2e-7: numpy has none."""
    z = numpy.abs(x) / numpy.sqrt(numpy.float32(2))
    t = 1 / (1 + 0.3275911 * z)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return 0.5 * x * (1 + numpy.sign(x) * (1 - tail * numpy.exp(-z * z)))


def _tensors(path: str) -> dict[str, numpy.ndarray]:
    """A safetensors file: 8 bytes of length, a JSON header, the data."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    found = {}
    for name, tensor in header.items():
        if tensor.get("dtype") == "F32":  # not the metadata, nor the position numbers
            start, end = tensor["data_offsets"]
            found[name] = numpy.frombuffer(data[start:end], numpy.float32).reshape(tensor["shape"])
    return found


def text_of(parsed: object) -> str:
    """Subject and text of the parser's JSON, whatever is missing of it."""
    parsed = parsed if isinstance(parsed, dict) else {}
    headers = parsed.get("headers") if isinstance(parsed.get("headers"), dict) else {}
    return f"{headers.get('subject', '')}\n{parsed.get('text', '')}".strip()
