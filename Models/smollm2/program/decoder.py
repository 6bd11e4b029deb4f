# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Constrained decoding over llama.cpp: of all tokens only those are looked at that the schema allows next.

cyllama binds llama.cpp's own functions. (The usual wrappers run its HTTP server inside, with a listening socket on loopback, and a
jail has no sockets.) Greedy, one thread, no random numbers: the same input gives the same answer.
"""

import os

# One thread: the room's cores belong to other models, too. Read when the library is opened.
os.environ["OMP_NUM_THREADS"] = "1"

import math

from cyllama.llama import llama_cpp

CONTEXT = 1536
BATCH = 512
# Of a text, so many tokens say how sure the model is: a softmax over the vocabulary costs as much as a token.
JUDGED = 16


class _Model(llama_cpp.LlamaModel):
    """Read by `get_logits_ith`, which looks for it in the wrong object."""

    @property
    def n_vocab(self) -> int:
        return self.get_vocab().n_vocab


class Decoder:
    def __init__(self, path: str) -> None:
        llama_cpp.disable_logging()
        model_params = llama_cpp.LlamaModelParams()
        model_params.n_gpu_layers = 0
        self.model = _Model(path, model_params, False)
        params = llama_cpp.LlamaContextParams()
        params.n_ctx, params.n_batch, params.n_ubatch = CONTEXT, BATCH, BATCH
        params.n_threads = params.n_threads_batch = 1
        self.context = llama_cpp.LlamaContext(self.model, params, False)
        self.batch = llama_cpp.LlamaBatch(n_tokens=BATCH, embd=0, n_seq_max=1)
        self.vocabulary = self.model.get_vocab()
        self.tokens: list[int] = []  # what the context holds
        self.samplers: dict[str, object] = {}

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        return list(self.vocabulary.tokenize(text, False, special)) if text else []

    def text(self, tokens: list[int]) -> str:
        return str(self.vocabulary.detokenize(tokens, 0, False, False)) if tokens else ""

    def prompt(self, tokens: list[int]) -> None:
        """Makes `tokens` the context. What it shares with the last one is not computed again; the answer is the same."""
        shared = 0
        while shared < min(len(tokens), len(self.tokens)) - 1 and tokens[shared] == self.tokens[shared]:
            shared += 1
        self.rewind(shared)
        self.extend(tokens[shared:])

    def rewind(self, length: int) -> None:
        self.context.memory_seq_rm(0, length, -1)
        del self.tokens[length:]

    def extend(self, tokens: list[int]) -> None:
        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            self.batch.clear()
            for index, token in enumerate(part):
                self.batch.add(token, len(self.tokens), [0], index == len(part) - 1)
                self.tokens.append(token)
            self.context.decode(self.batch)

    def logits(self) -> list[float]:
        return self.context.get_logits_ith(-1)

    def choose(self, words: list[list[int]]) -> list[float]:
        """The probability of each of several token sequences, where nothing else may come.

        No sequence may begin another. The context is as before.
        """
        length = len(self.tokens)
        probabilities = [0.0] * len(words)

        def descend(alive: list[int], depth: int, weight: float) -> None:
            if len(alive) == 1:
                probabilities[alive[0]] = weight
                return
            branches: dict[int, list[int]] = {}
            for index in alive:
                branches.setdefault(words[index][depth], []).append(index)
            shares = {next(iter(branches)): 1.0}
            if len(branches) > 1:
                logits = self.logits()
                top = max(logits[token] for token in branches)
                powers = {token: math.exp(logits[token] - top) for token in branches}
                shares = {token: power / sum(powers.values()) for token, power in powers.items()}
            for token, followers in branches.items():
                if len(followers) > 1:
                    self.extend([token])
                descend(followers, depth + 1, weight * shares[token])
                if len(followers) > 1:
                    self.restore(length + depth)

        descend(list(range(len(words))), 0, 1.0)
        return probabilities

    def restore(self, length: int) -> None:
        """Back to a context of that length, with its logits."""
        last = self.tokens[length - 1]
        self.rewind(length - 1)
        self.extend([last])

    def follow(self, grammar: str, limit: int, sentences: int | None = None) -> tuple[str, float, bool]:
        """Greedy text within a GBNF grammar of at most `limit` tokens and so many sentences: the text, the mean probability of its
        first tokens among all, and whether the grammar came to its end."""
        sampler = llama_cpp.LlamaSampler()
        sampler.add_grammar(self.vocabulary, grammar, "root")
        sampler.add_penalties(64, 1.1, 0.0, 0.0)  # a small model repeats its sentence for ever
        sampler.add_greedy()
        chosen: list[int] = []
        surprise = 0.0
        while len(chosen) < limit and len(self.tokens) < CONTEXT - 1:
            token = sampler.sample(self.context, -1)
            if self.vocabulary.is_eog(token):
                return self.text(chosen), _mean(surprise, chosen), True
            if len(chosen) < JUDGED:
                logits = self.logits()
                top = max(logits)
                surprise += top - logits[token] + math.log(sum(math.exp(logit - top) for logit in logits))
            chosen.append(token)
            self.extend([token])
            if sentences and sum(self.text(chosen).count(mark) for mark in (". ", "! ", "? ")) >= sentences:
                break
        return self.text(chosen), _mean(surprise, chosen), False


def _mean(surprise: float, tokens: list[int]) -> float:
    return math.exp(-surprise / min(len(tokens), JUDGED)) if tokens else 0.0

