# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""LiteLLM's router over as many deployments of one group as an auction has bidders; one decision is its choice of a deployment.
Questions and answers are those of fastest.py, the ways are the router's strategies.

Nothing is sent: no completion follows, and prices are those of the package. No request has run before, so a strategy has no
latencies or usage to read, and no text is given whose tokens it would count: both make the choice cheaper."""

import asyncio
import os
import time
from functools import partial

# Read when the package is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_LOG"] = "ERROR"

from fastest import answer  # noqa: E402
from litellm import Router  # noqa: E402

STRATEGIES = (
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing",
    "usage-based-routing-v2",
)
GROUP = "bidders"


def deployment(index):
    price = 1e-6 * (1 + index % 8)
    return {
        "model_name": GROUP,
        "litellm_params": {
            "model": f"openai/model-{index}",
            "api_base": "http://127.0.0.1:9",
            "api_key": "none",
            "input_cost_per_token": price,
            "output_cost_per_token": price,
        },
        "model_info": {"id": f"model-{index}"},
    }


async def router(strategy, bidders):
    # Some strategies start a task, for which a loop has to run.
    return Router(model_list=[deployment(index) for index in range(bidders)], routing_strategy=strategy)


async def select(made, decisions):
    for _ in range(decisions):
        await made.select(GROUP, {})


def choose(loop, made, strategy, decisions):
    start = time.process_time()
    # The one strategy that chooses only asynchronously; for all others that is slower.
    if strategy == "cost-based-routing":
        loop.run(select(made, decisions))
    else:
        for _ in range(decisions):
            made.get_available_deployment(GROUP)
    return time.process_time() - start


with asyncio.Runner() as loop:
    answer(
        "litellm",
        lambda bidders: {
            strategy: partial(choose, loop, loop.run(router(strategy, bidders)), strategy) for strategy in STRATEGIES
        },
    )
