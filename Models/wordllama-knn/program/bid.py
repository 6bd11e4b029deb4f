# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The bidder: sees the task's metadata and never a message, in a jail and a process of its own.

Confidence is how often the seeds were right about a seed that was left out. What a room's own labelled messages add to that is
not in the bid: it shows in the outcomes, and they count in the auction. JSON-RPC 2.0 on descriptor 3, one object per line.
"""

import json
import os
import sys

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
# Micro-units of a call; nanoseconds of a call and of each KiB that is read, which are the first few.
COSTS = {"wordllama-knn": (40, 6_000_000, 200_000, 64), "minilm": (360, 40_000_000, 200_000_000, 1)}


def bid(name: str, measured: dict, task: dict) -> dict:
    cost, latency, per_kibibyte, most = COSTS[name]
    kibibytes = min(task["length"] / 1024, most)
    return {
        "confidence": measured.get(task["type"], 0),
        "cost": cost,
        "latency": round(latency + per_kibibyte * kibibytes),
    }


def main(name: str = "wordllama-knn") -> int:
    with open(os.path.join(WEIGHTS, "bid.json"), encoding="utf-8") as file:
        measured = json.load(file)
    with open(3, "rb", buffering=0) as incoming:
        pending = b""
        while data := incoming.read(65536):
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                request = json.loads(line)
                if request["method"] == "initialize":
                    outcome = {"result": {"name": name, "version": "1.0.0", "tasks": sorted(measured)}}
                elif request["method"] == "bid":
                    outcome = {"result": bid(name, measured, request["params"])}
                elif request["method"] == "shutdown":
                    outcome = {"result": {}}
                else:
                    outcome = {"error": {"code": -32601, "message": "no such method"}}
                reply = {"jsonrpc": "2.0", "id": request.get("id"), **outcome}
                os.write(3, json.dumps(reply, separators=(",", ":")).encode() + b"\n")
                if request["method"] == "shutdown":
                    return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
