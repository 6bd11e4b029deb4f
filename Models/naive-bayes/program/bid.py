# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The bidder: sees the task's metadata and never a message, in a jail and a process of its own.

Confidence is what cross-validation at training time measured; cost (micro-units of the room's currency) and latency
(nanoseconds) grow with the length of the message. JSON-RPC 2.0 on descriptor 3, one object per line.
"""

import json
import os
import sys

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
COST = 60
COST_PER_KIBIBYTE = 1
LATENCY_NS = 3_000_000
LATENCY_NS_PER_KIBIBYTE = 150_000


def bid(measured: dict, task: dict) -> dict:
    kibibytes = min(task["length"] / 1024, 256)
    return {
        "confidence": measured["confidence"],
        "cost": round(COST + COST_PER_KIBIBYTE * kibibytes),
        "latency": round(LATENCY_NS + LATENCY_NS_PER_KIBIBYTE * kibibytes),
    }


def main() -> int:
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
                    outcome = {"result": {"name": "naive-bayes", "version": "1.1.0", "tasks": ["spam"]}}
                elif request["method"] == "bid":
                    outcome = {"result": bid(measured, request["params"])}
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
    sys.exit(main())
