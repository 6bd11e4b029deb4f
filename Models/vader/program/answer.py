# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: VADER's compound score of the writer's own sentences, as one of three words."""

import json
import re
import sys

from channel import read_input, serve
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

MAX_INPUT = 8 << 20
MAX_TEXT = 4_000
MAX_SENTENCES = 40
# Quoted lines, the line that introduces them, and everything after a signature's mark.
QUOTED = re.compile(r"^(?:[>|].*|.{0,120}wrote:\s*)$", re.M)
# Letters are politer than the posts that the lexicon was made for: "dear", "please" and "regards" say nothing.
POLITE = re.compile(r"(?i)\b(?:dear|please|kind(?:est)? regards|best regards|regards|sincerely|yours|thank you|thanks|hello|hi)\b[,.!]?")


def text_of(parsed: dict) -> str:
    text = str(parsed.get("text") or "").partition("\n-- \n")[0]
    subject = str((parsed.get("headers") or {}).get("subject") or "")
    return f"{subject}.\n{QUOTED.sub('', text)}"[:MAX_TEXT]


def judge(analyser: SentimentIntensityAnalyzer, text: str) -> dict:
    # A word of thanks alone is one; at the end of a letter it is manners.
    if len(text) > 160:
        text = POLITE.sub("", text)
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n\s*\n", text) if part.strip()][:MAX_SENTENCES]
    scores = [analyser.polarity_scores(sentence)["compound"] for sentence in sentences]
    said = [score for score in scores if score != 0]
    # What is said strongly counts more than how much is said; facts between the feelings pull towards the middle.
    score = sum(score * abs(score) for score in said) / (sum(abs(score) for score in said) + 0.15 * len(scores)) if said else 0.0
    if abs(score) < 0.3:
        return {"sentiment": "neutral", "confidence": round(0.75 - abs(score), 4)}
    return {"sentiment": "positive" if score > 0 else "negative", "confidence": round(min(0.9, 0.4 + 0.5 * abs(score)), 4)}


def main() -> int:
    analyser = SentimentIntensityAnalyzer()

    def execute(params: dict, descriptor: int) -> dict:
        value = judge(analyser, text_of(json.loads(read_input(descriptor, MAX_INPUT))))
        return {"value": value, "confidence": value["confidence"]}

    return serve({"name": "vader", "version": "3.3.2", "tasks": ["sentiment"]}, execute)


if __name__ == "__main__":
    sys.exit(main())
