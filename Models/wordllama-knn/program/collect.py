# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""At set-up: collect.py TRAINING OUT [TYPE…] writes the seeds: those of TRAINING/seeds.jsonl, and of its messages for spam."""

import json
import os
import sys

import crude


def main(training: str, out: str, *kinds: str) -> int:
    lines = [json.loads(line) for line in open(os.path.join(training, "seeds.jsonl"), encoding="utf-8")]
    for directory, spam in (("ham", False), ("spam", True)):
        for name in sorted(os.listdir(os.path.join(training, directory))):
            with open(os.path.join(training, directory, name), "rb") as file:
                # As the executor will see such a message, rather than as a mail reader would.
                lines.append({"type": "spam", "text": crude.text_of(file.read()), "value": spam})
    with open(out, "w", encoding="utf-8") as file:
        file.writelines(
            json.dumps(line, ensure_ascii=False) + "\n" for line in lines if not kinds or line["type"] in kinds)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
