# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""From the raw bytes of a message to word counts. Training and classifying must agree, so both import this file."""

import os

# One thread: the jail's process limit is small and a message is far too little work to share. Before numpy is loaded,
# because OpenBLAS reads these once, when its library is opened.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"

import re

import numpy
from sklearn.feature_extraction.text import HashingVectorizer

# The head of a long message decides; a bound keeps the cost of a hostile one flat.
MAX_BYTES = 256 * 1024
# Lines that tell where and when a message was carried rather than what it says. A small training set learns its own
# mail hosts from them and then nothing about anybody else's mail.
TRANSPORT = re.compile(
    rb"(?im)^(?:received|message-id|date|delivered-to|return-path|x-[a-z0-9-]+|in-reply-to|references|dkim-signature"
    rb"|authentication-results|mime-version|list-[a-z-]+|sender|errors-to|precedence|to|cc|delivery-date)"
    rb":[^\n]*(?:\n[ \t][^\n]*)*\n?"
)


SMOOTHING = 0.03


def normalise(message: bytes) -> str:
    head, separator, body = message[:MAX_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")
    # latin-1 maps every byte to one character: nothing to guess, nothing that fails to decode.
    return (TRANSPORT.sub(b"", head + b"\n") + separator + body).decode("latin-1")


def vectorizer() -> HashingVectorizer:
    return HashingVectorizer(
        n_features=1 << 15,
        token_pattern=r"(?u)[A-Za-z\xa0-\xff$!%][A-Za-z\xa0-\xff$!%'-]{1,23}",
        alternate_sign=False,
        norm=None,
        binary=True,
        dtype=numpy.float64,
    )
