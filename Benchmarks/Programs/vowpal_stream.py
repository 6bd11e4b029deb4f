# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Vowpal Wabbit on a stream of recorded outcomes, as `atomic auction evaluate` replays it: cold, line by line, learning what came of
its own choice and nothing else.

    vowpal_stream.py TABLE.jsonl LAMBDA     prints {"SETTINGS": summed regret, …} for every setting

Regret is each line's best utility less that of the choice, with utility = quality - LAMBDA x cost. It is given what a bid has: the
declared type, each model's name, its mean cost to two digits, and its claim where there is one; type and model crossed."""

import json
import random
import sys

from vowpalwabbit import PredictionType, Workspace

EXPLORING = ["--epsilon 0.02", "--epsilon 0.05", "--squarecb", "--squarecb --gamma_scale 100", "--first 200", "--bag 5"]
SETTINGS = [f"{exploring} -l {rate}" for exploring in EXPLORING for rate in (0.1, 0.5)]


def read(path, price):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(text) for text in file]
    models = sorted(lines[0]["outcomes"])
    cost = {m: float(f"{sum(line['outcomes'][m]['cost'] for line in lines) / len(lines):.1e}") for m in models}
    tasks = []
    for line in lines:
        actions = []
        for model in models:
            claim = line["outcomes"][model].get("confidence")
            said = "" if claim is None else f" claim:{claim:.4f}"
            actions.append(f"|A {model} price:{cost[model]:.4f}{said}")
        worth = [line["outcomes"][m]["quality"] - price * line["outcomes"][m]["cost"] for m in models]
        tasks.append((f"shared |T {line['type']}", actions, worth))
    return tasks


def regret(tasks, settings):
    workspace = Workspace(f"--cb_explore_adf {settings} -q TA --quiet --random_seed 1")
    dice, total = random.Random(1), 0.0
    for shared, actions, worth in tasks:
        chances = workspace.predict("\n".join([shared, *actions]), PredictionType.ACTION_PROBS)
        chosen = dice.choices(range(len(actions)), weights=chances)[0]
        total += max(worth) - worth[chosen]
        told = list(actions)
        told[chosen] = f"0:{-worth[chosen]}:{chances[chosen]} {told[chosen]}"
        workspace.learn("\n".join([shared, *told]))
    workspace.finish()
    return total


def main():
    tasks = read(sys.argv[1], float(sys.argv[2]))
    print(json.dumps({settings: regret(tasks, settings) for settings in SETTINGS}))


if __name__ == "__main__":
    main()
