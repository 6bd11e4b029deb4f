# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The bidder: sees the task's metadata and never a message, in a jail and a process of its own.

Confidence per type is what the rules reached on messages that they were not written for. JSON-RPC 2.0 on descriptor 3.
"""

import json
import os
import sys

CONFIDENCE = {"category": 0.65, "sentiment": 0.75, "priority": 0.75, "language": 0.9, "action": 0.85}
COST = 15
LATENCY_NS = 2_000_000
LATENCY_NS_PER_KIBIBYTE = 100_000


def bid(task: dict) -> dict:
    kibibytes = min(task["length"] / 1024, 16)
    return {
        "confidence": CONFIDENCE.get(task["type"], 0),
        "cost": COST,
        "latency": round(LATENCY_NS + LATENCY_NS_PER_KIBIBYTE * kibibytes),
    }


def main() -> int:
    with open(3, "rb", buffering=0) as incoming:
        pending = b""
        while data := incoming.read(65536):
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                request = json.loads(line)
                if request["method"] == "initialize":
                    outcome = {"result": {"name": "rules", "version": "1.0.0", "tasks": sorted(CONFIDENCE)}}
                elif request["method"] == "bid":
                    outcome = {"result": bid(request["params"])}
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
