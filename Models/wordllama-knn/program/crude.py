# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Words of a raw message without parsing it.

The process sees many messages of one compartment, so no MIME parser belongs here: a fixed number of passes over a bounded
prefix, each linear. What is encoded (base64, other character sets) stays noise; the parser's text is for who needs better.
"""

import re

MAX_BYTES = 64 * 1024
SUBJECT = re.compile(r"(?im)^subject:[ \t]*([^\n]{0,500})")
TAG = re.compile(r"<[^<>]{1,1000}>")
# Lines of structure, and words too long to be any.
NOISE = ("content-", "--", "charset", "boundary", "this is a multi-part", "mime-version")
MAX_WORD = 40


def text_of(message: bytes) -> str:
    message = message[:MAX_BYTES]
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        text = message.decode("latin-1")
    text = text.replace("\r\n", "\n")
    head, separator, body = text.partition("\n\n")
    found = SUBJECT.search(head)
    body = body if separator else text
    # Soft line breaks and the two commonest escapes of quoted-printable.
    body = TAG.sub(" ", body.replace("=\n", "").replace("=20", " ").replace("=3D", "="))
    lines = [found.group(1) if found else ""]
    for line in body.split("\n"):
        if line.lstrip().lower().startswith(NOISE):
            continue
        words = [word for word in line.split() if len(word) <= MAX_WORD]
        if words:
            lines.append(" ".join(words))
    return "\n".join(lines)
