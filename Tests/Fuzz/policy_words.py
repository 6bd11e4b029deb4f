#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""policy_words.py SCHEMA: the words of the policy language as a dictionary for libFuzzer, from the schema for editors, and what YAML readers
stumble over."""

import json
import sys
from pathlib import Path

YAML = ["&a ", "*a", "!!str ", "<<: ", "{", "}", "[", "]", ": ", "- ", "|\n", "? ", "#", "%YAML", "---\n", "...\n", "\t", "\ufeff", "\u202e", "NO", "yes", "0x1", "1e3", "null", "~"]
VALUES = ["06:00-22:00 Europe/Berlin", "22:00-06:00 UTC", "mon-fri Europe/Berlin", "00:00-24:00 ../UTC", "<= 10", ">= 0", "9223372036854775807", "sha256:" + "a" * 64,
          "2261-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-12-31T23:59:60Z", "0.40 EUR", "30s", "5d"]


def words(node):
    """Every key that may be written, and every value of an enumeration."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties":
                yield from value
            if key in ("enum", "const"):
                yield from value if isinstance(value, list) else [value]
            yield from words(value)
    elif isinstance(node, list):
        for item in node:
            yield from words(item)


found = {word for word in words(json.loads(Path(sys.argv[1]).read_text())) if isinstance(word, str)} | set(YAML) | set(VALUES)
for word in sorted(found):
    print('"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"')
