# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Trains naive Bayes from two directories of messages: train.py HAM SPAM OUT. Same messages, same weights."""

import json
import os
import sys

import features  # first: it bounds the threads before numpy is loaded
import numpy
from scipy import sparse
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import MultinomialNB



def read(directory: str) -> list[bytes]:
    names = sorted(name for name in os.listdir(directory) if name.endswith(".eml"))
    return [open(os.path.join(directory, name), "rb").read() for name in names]


def fit(counts: sparse.csr_matrix, labels: numpy.ndarray) -> MultinomialNB:
    return MultinomialNB(alpha=features.SMOOTHING, fit_prior=False).fit(counts, labels)


def log_odds(model: MultinomialNB, counts: sparse.csr_matrix) -> numpy.ndarray:
    joint = model.predict_joint_log_proba(counts)
    return joint[:, 1] - joint[:, 0]


def held_out(counts: sparse.csr_matrix, labels: numpy.ndarray) -> numpy.ndarray:
    """The log-odds of every message by a model that did not see it."""
    odds = numpy.zeros(len(labels))
    for seen, unseen in StratifiedKFold(n_splits=5, shuffle=True, random_state=7).split(counts, labels):
        odds[unseen] = log_odds(fit(counts[seen], labels[seen]), counts[unseen])
    return odds


def log_loss(odds: numpy.ndarray, labels: numpy.ndarray) -> float:
    return float(numpy.mean(numpy.logaddexp(0, numpy.where(labels, -odds, odds))))


def main(ham: str, spam: str, out: str) -> int:
    legitimate, unsolicited = read(ham), read(spam)
    labels = numpy.array([False] * len(legitimate) + [True] * len(unsolicited))
    counts = features.vectorizer().transform([features.normalise(message) for message in legitimate + unsolicited])

    odds = held_out(counts, labels)
    temperature = min((float(t) for t in numpy.geomspace(1, 200, 60)), key=lambda t: log_loss(odds / t, labels))
    correct = int(numpy.sum((odds >= 0) == labels))
    # Laplace's rule: forty right out of forty is not certainty.
    confidence = round((correct + 1) / (len(labels) + 2), 4)

    model = fit(counts, labels)
    os.makedirs(out, exist_ok=True)
    # Counts rather than probabilities: a room adds its own labelled messages to them.
    numpy.save(os.path.join(out, "counts.npy"), model.feature_count_.astype(numpy.float32), allow_pickle=False)
    description = {"classCount": model.class_count_.tolist(), "temperature": round(temperature, 4)}
    for name, content in (("model.json", description), ("bid.json", {"confidence": confidence})):
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
    print(f"naive-bayes: {len(labels)} messages, {correct} right when held out", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
