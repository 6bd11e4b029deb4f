# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: newline-delimited JSON-RPC 2.0 on descriptor 3, messages as memory files beside their request."""

import json
import os
import sys

import features  # first: it bounds the threads before numpy is loaded
import numpy
from channel import read_input, serve
from sklearn.naive_bayes import MultinomialNB

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")


def load_model() -> tuple[MultinomialNB, float]:
    """The estimator rebuilt from plain arrays: a pickle would be code that runs when it is read."""
    with open(os.path.join(WEIGHTS, "model.json"), encoding="utf-8") as file:
        description = json.load(file)
    # fit_prior stays off: how much of its mail is spam differs from room to room.
    model = MultinomialNB(alpha=features.SMOOTHING, fit_prior=False)
    model.classes_ = numpy.array([False, True])
    model.feature_count_ = numpy.load(os.path.join(WEIGHTS, "counts.npy"), allow_pickle=False).astype(numpy.float64)
    model.class_count_ = numpy.array(description["classCount"])
    model.n_features_in_ = model.feature_count_.shape[1]
    model._update_feature_log_prob(features.SMOOTHING)  # noqa: SLF001  what partial_fit does after counting
    model._update_class_log_prior()  # noqa: SLF001
    return model, description["temperature"]


def classify(model: MultinomialNB, temperature: float, vectorizer, message: bytes) -> dict:
    joint = model.predict_joint_log_proba(vectorizer.transform([features.normalise(message)]))[0]
    # Naive Bayes counts every repeated hint as new evidence; the temperature fitted on held-out messages takes the
    # log-odds back to what they were worth.
    odds = (joint[1] - joint[0]) / temperature
    probability = 1 / (1 + float(numpy.exp(-min(max(odds, -500), 500))))
    spam = probability >= 0.5
    confidence = round(probability if spam else 1 - probability, 6)
    return {"value": {"spam": spam, "confidence": confidence}, "confidence": confidence}


def learn(model: MultinomialNB, vectorizer, examples: list[dict]) -> None:
    """Counts a room's own labelled messages as if they had been in the training set. Their text is an excerpt without
    transport headers, which `normalise` takes away from a whole message, too."""
    texts, labels = [], []
    for example in examples:
        value = example["value"]
        spam = value.get("spam") if isinstance(value, dict) else value
        if isinstance(spam, bool):
            texts.append(example["text"])
            labels.append(spam)
    if texts:
        model.partial_fit(vectorizer.transform(texts), numpy.array(labels))


def main() -> int:
    model, temperature = load_model()
    vectorizer = features.vectorizer()
    classify(model, temperature, vectorizer, b"Subject: warm up\n\nthe first call pays for lazy imports")

    def execute(params: dict, descriptor: int) -> dict:
        return classify(model, temperature, vectorizer, read_input(descriptor, features.MAX_BYTES))

    def feedback(params: dict) -> dict:
        learn(model, vectorizer, params["examples"])
        return {}

    return serve({"name": "naive-bayes", "version": "1.1.0", "tasks": ["spam"]}, execute, feedback)


if __name__ == "__main__":
    sys.exit(main())
