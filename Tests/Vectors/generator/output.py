# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""How a vector file is laid out: readable, one case per block, bytes as base64."""
import base64
import json
import os


def b64(data):
    return base64.b64encode(data).decode("ascii")


def vectors(about, source, cases, **more):
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), "two cases have one name"
    for case in cases:
        assert "expect" in case, case["name"]
    return {"about": about, "source": source, **more, "cases": cases}


def store(path, content):
    """Objects are written as indented ASCII JSON, bytes as they are."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not isinstance(content, bytes):
        content = (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode("ascii")
    with open(path, "wb") as handle:
        handle.write(content)
