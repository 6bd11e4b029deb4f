# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: one module per type of microtask, all on the parser's JSON."""

import json
import sys

import action
import category
import language
import mood
from channel import read_input, serve
from message import Message

TYPES = ["category", "sentiment", "priority", "language", "action"]
MAX_INPUT = 8 << 20


def judge(kind: str, message: Message) -> dict:
    if kind == "category":
        return category.judge(message)
    if kind == "sentiment":
        return mood.sentiment(message)
    if kind == "priority":
        return mood.priority(message, category.judge(message)["category"])
    if kind == "language":
        return language.judge(message.both)
    if kind == "action":
        return action.judge(message)
    raise ValueError(kind)


def execute(params: dict, descriptor: int) -> dict:
    value = judge(params["type"], Message(json.loads(read_input(descriptor, MAX_INPUT))))
    return {"value": value, "confidence": value["confidence"]}


if __name__ == "__main__":
    sys.exit(serve({"name": "rules", "version": "1.0.0", "tasks": TYPES}, execute))
