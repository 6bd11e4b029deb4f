# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Cedar's own engine over the same policies and requests: seconds of each round, and what it decides.

    cedar.py DIRECTORY ROUNDS      DIRECTORY has policies.cedar, entities.json, requests.json

One call decides all requests, so that reading the policies is paid for once; the seconds are those that the call takes less those of a
call with a single request."""

import importlib.metadata
import json
import sys
import time
from pathlib import Path

import cedarpy

directory, rounds = Path(sys.argv[1]), int(sys.argv[2])
policies = (directory / "policies.cedar").read_text()
entities = (directory / "entities.json").read_text()
requests = json.loads((directory / "requests.json").read_text())
seconds, decisions = [], []
for _ in range(rounds):
    begun = time.perf_counter()
    cedarpy.is_authorized_batch(requests[:1], policies, entities)
    between = time.perf_counter()
    decisions = [answer.allowed for answer in cedarpy.is_authorized_batch(requests, policies, entities)]
    seconds.append(time.perf_counter() - between - (between - begun))
print(json.dumps({"seconds": seconds, "decisions": decisions, "version": importlib.metadata.version("cedarpy")}))
