# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Vowpal Wabbit as a contextual bandit over the bids of an auction; one decision is predict, draw an action and learn its cost.
Questions and answers are those of fastest.py.

One action per bidder, the declared type shared by all, the type crossed with what a bid says. "parsed" makes the examples of a decision from
one text within the clock: what a bid says is new with every task. "text" hands text to predict and to learn, as the tutorials do. With --prepared
the examples are made before the clock runs and given back after it. All three choose and learn the same."""

import itertools
import random
import sys
import time

from fastest import answer
from vowpalwabbit import PredictionType, Workspace


def ways(bidders):
    workspace = Workspace("--cb_explore_adf --epsilon 0.02 -q SA --quiet")
    jobs, draw = itertools.count(), random.Random(1)

    def text(job, chosen=None, label=""):
        lines = ["shared |S type=spam"]
        for index in range(bidders):
            claim, price = (index * 37 + job) % 65 / 64, index % 8 / 8
            told = label if index == chosen else ""
            lines.append(f"{told} |A model-{index} claim:{claim:.4f} price:{price:.4f}")
        return "\n".join(lines)

    def pick(examples, job):
        chances = workspace.predict(examples, PredictionType.ACTION_PROBS)
        chosen = draw.choices(range(bidders), weights=chances)[0]
        return chosen, f"0:{(chosen + job) % 3 / 2}:{chances[chosen]}"

    def decide(examples, job):
        chosen, label = pick(examples, job)
        # The first example holds what all share.
        examples[chosen + 1].set_label_string(label)
        workspace.learn(examples)

    def prepared(decisions):
        waiting = [(job, workspace.parse(text(job))) for job in itertools.islice(jobs, decisions)]
        start = time.process_time()
        for job, examples in waiting:
            decide(examples, job)
        seconds = time.process_time() - start
        for _, examples in waiting:
            workspace.finish_example(examples)
        return seconds

    def parsed(decisions):
        start = time.process_time()
        for job in itertools.islice(jobs, decisions):
            examples = workspace.parse(text(job))
            decide(examples, job)
            workspace.finish_example(examples)
        return time.process_time() - start

    def twice(decisions):
        start = time.process_time()
        for job in itertools.islice(jobs, decisions):
            workspace.learn(text(job, *pick(text(job), job)))
        return time.process_time() - start

    if "--prepared" in sys.argv:
        return {"prepared": prepared}
    return {"parsed": parsed, "text": twice}


answer("vowpalwabbit", ways)
