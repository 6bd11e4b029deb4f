# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: newline-delimited JSON-RPC 2.0 on descriptor 3, messages as memory files beside their request."""

import json
import os
import socket
import sys

import features  # first: it bounds the threads before numpy is loaded
import numpy
from sklearn.naive_bayes import MultinomialNB

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
MAX_LINE = 1 << 20


def load_model() -> tuple[MultinomialNB, float]:
    """The estimator rebuilt from plain arrays: a pickle would be code that runs when it is read."""
    with open(os.path.join(WEIGHTS, "model.json"), encoding="utf-8") as file:
        description = json.load(file)
    model = MultinomialNB()
    model.classes_ = numpy.array([False, True])
    model.feature_log_prob_ = numpy.load(os.path.join(WEIGHTS, "log-probabilities.npy"), allow_pickle=False)
    model.class_log_prior_ = numpy.array(description["logPrior"])
    model.n_features_in_ = model.feature_log_prob_.shape[1]
    return model, description["temperature"]


class Channel:
    """Lines in with the descriptors that came with them, lines out."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
        self.pending = b""

    def receive(self) -> tuple[dict, list[int]] | None:
        descriptors: list[int] = []
        while b"\n" not in self.pending:
            if len(self.pending) > MAX_LINE:
                return None
            data, received, _, _ = socket.recv_fds(self.socket, 65536, 4)
            descriptors += received
            if not data:
                return None
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line), descriptors

    def answer(self, identifier: object, **outcome: object) -> None:
        reply = {"jsonrpc": "2.0", "id": identifier, **outcome}
        self.socket.sendall(json.dumps(reply, separators=(",", ":")).encode() + b"\n")


def classify(model: MultinomialNB, temperature: float, vectorizer, message: bytes) -> dict:
    joint = model.predict_joint_log_proba(vectorizer.transform([features.normalise(message)]))[0]
    # Naive Bayes counts every repeated hint as new evidence; the temperature fitted on held-out messages takes the
    # log-odds back to what they were worth.
    odds = (joint[1] - joint[0]) / temperature
    probability = 1 / (1 + float(numpy.exp(-min(max(odds, -500), 500))))
    spam = probability >= 0.5
    confidence = round(probability if spam else 1 - probability, 6)
    return {"value": {"spam": spam, "confidence": confidence}, "confidence": confidence}


def read_input(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    parts = []
    offset = 0
    while offset < size:
        part = os.pread(descriptor, size - offset, offset)
        if not part:
            break
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def main() -> int:
    model, temperature = load_model()
    vectorizer = features.vectorizer()
    classify(model, temperature, vectorizer, b"Subject: warm up\n\nthe first call pays for lazy imports")
    channel = Channel()
    while (received := channel.receive()) is not None:
        request, descriptors = received
        method, identifier = request["method"], request.get("id")
        if method == "initialize":
            channel.answer(identifier, result={"name": "naive-bayes", "version": "1.0.0", "tasks": ["spam"]})
        elif method == "execute":
            message = read_input(descriptors[request["params"]["inputFd"]])
            channel.answer(identifier, result=classify(model, temperature, vectorizer, message))
        elif method == "shutdown":
            channel.answer(identifier, result={})
            return 0
        else:
            channel.answer(identifier, error={"code": -32601, "message": "no such method"})
        for descriptor in descriptors:
            os.close(descriptor)
    return 0


if __name__ == "__main__":
    sys.exit(main())
