# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The bidder: sees the task's metadata and never a message, in a jail and a process of its own.

Confidence is how often it was right on labelled texts (scripts/measure-models); seconds are those of one core. JSON-RPC 2.0 on
descriptor 3, one object per line.
"""

import json
import os
import sys

# Type: right answers of one, seconds of a call without its text.
MEASURED = {
    "category": (0.27, 0.6),
    "sentiment": (0.35, 0.3),
    "priority": (0.22, 0.3),
    "reply": (0.60, 2.5),
    "action": (0.10, 3.0),
}
# A core reads so many tokens a second; beyond the first tokens of a text none is read.
TOKENS_PER_SECOND = 120
BYTES_PER_TOKEN = 4
MOST_TOKENS = 240
# Micro-units: a call, and a second of CPU.
CALL, CPU_SECOND = 200, 2000


def bid(task: dict) -> dict:
    right, seconds = MEASURED.get(task["type"], (0.0, 3.0))
    seconds += min(task["length"] / BYTES_PER_TOKEN, MOST_TOKENS) / TOKENS_PER_SECOND
    return {"confidence": right, "cost": round(CALL + CPU_SECOND * seconds), "latency": round(seconds * 1e9)}


def main() -> int:
    with open(3, "rb", buffering=0) as incoming:
        pending = b""
        while data := incoming.read(65536):
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                request = json.loads(line)
                if request["method"] == "initialize":
                    outcome = {"result": {"name": "smollm2", "version": "1.0.0", "tasks": sorted(MEASURED)}}
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
