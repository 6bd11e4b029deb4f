# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The mail parser: a message on standard input, one JSON object on standard output.

A process per message starts as often as there are messages, so this imports almost nothing: Python's own email package
costs more to import (sockets, random numbers, calendars) than most messages cost to parse, and asks every line whether
it ends any of the open parts. What is done here is linear in the length of the message, whatever it contains; nothing
is ever unpacked, and what cannot be understood is left out.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import mime  # after the path: an isolated interpreter does not look beside its script
import words
from _json import encode_basestring as quoted  # C; the json module would import re


def main() -> int:
    message = mime.read(sys.stdin.buffer.read())
    headers = ",".join(f"{quoted(name)}:{quoted(value)}" for name, value in message.headers.items())
    attachments = ",".join(f'{{"bytes":{size},"type":{quoted(kind)}}}' for kind, size in message.attachments)
    answer = f'{{"attachments":[{attachments}],"headers":{{{headers}}},"text":{quoted(message.text)}}}\n'
    sys.stdout.buffer.write(words.without_surrogates(answer))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    # Without the interpreter's slow farewell: everything is written.
    os._exit(main())
