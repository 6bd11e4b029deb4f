# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Keyword rules in place of a hosted model. Message on stdin; `confidence P` on stdout; exit 0 spam, 1 not spam."""

import sys

# Phrases that unsolicited mail leans on, with their weight. Lower-case ASCII, looked for in the raw bytes.
PHRASES = {
    b"act now": 2, b"click here": 2, b"100% free": 3, b"risk free": 2, b"no obligation": 2, b"winner": 2,
    b"lottery": 3, b"viagra": 4, b"unsubscribe": 1, b"guarantee": 1, b"credit card": 1, b"money back": 2,
    b"wire transfer": 2, b"million dollars": 3, b"dear friend": 2, b"limited time": 2, b"earn $": 3, b"!!!": 1,
}


def main() -> int:
    message = sys.stdin.buffer.read().lower()
    weight = sum(points for phrase, points in PHRASES.items() if phrase in message)
    spam = weight >= 3
    distance = abs(weight - 2.5)
    print(f"confidence {min(0.5 + distance / 10, 0.99):.4f}")
    return 0 if spam else 1


if __name__ == "__main__":
    sys.exit(main())
