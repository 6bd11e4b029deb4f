# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What the model reads. Short, because a core reads a hundred tokens a second, and fixed parts first, because they are kept."""

import json
import re

# The writer's words never become control tokens: they are tokenised apart from these.
SYSTEM, USER, ASSISTANT, END = "<|im_start|>system\n", "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>\n"

# Tokens of the message, of an example's text, and of everything before the answer.
MESSAGE, EXAMPLE, LIMIT = 240, 60, 1100
# Characters that are tokenised at all.
MAX_TEXT = 4000

# For free text a model of this size follows examples better than orders, and the last one most of all: so the one that is
# like the message in category and hurry comes last. They promise nothing but that somebody will look.
REPLIES = {
    "question": ("Parking\nIs there a place to park near your office, and what does it cost?",
                 "Thank you for your message. We have received your question about parking and will send you an answer as soon as possible."),
    "billing": ("Wrong amount on my bill\nThe bill lists four hours of work, but it was only two. Please correct it.",
                "Thank you for telling us, and we are sorry for the trouble. We will check the amount on your bill and write to you again."),
    "appointment": ("Appointment on Friday\nCould I come on Monday instead?",
                    "Thank you for your message about your appointment. We will look for a time that suits you and write to you again."),
    "order": ("My parcel\nThe parcel that I ordered from you is not here yet. Where is it?",
              "Thank you for your message, and we are sorry for the trouble with your parcel. We will find out what happened and write to you again."),
    "technical": ("Printer\nThe printer on our floor does not print. Can somebody look at it?",
                  "Thank you for telling us about the printer. We will look into the problem and write to you again."),
}
URGENT = ("Wrong tablets\nThese are not the tablets that my doctor wrote down. Please help me now.",
          "Thank you for telling us about the tablets at once. We have seen that this is urgent and will show your message to a colleague.")


def replies(parsed: object) -> list[tuple[str, str]]:
    """Two examples, the one that is more like the message last."""
    answers = parsed.get("answers") if isinstance(parsed, dict) else None
    answers = answers if isinstance(answers, dict) else {}

    def said(name: str) -> object:
        value = answers.get(name)
        return value.get(name) if isinstance(value, dict) else value

    alike = REPLIES.get(str(said("category")), REPLIES["question"])
    other = REPLIES["billing" if alike is REPLIES["question"] else "question"]
    return [alike, URGENT] if said("priority") == "high" else [other, alike]


def describe(schema: dict, kind: str) -> str:
    """The task in words, from the schema: its title, and what it says about the members."""
    lines = [f"You help at a desk that receives e-mail. {schema.get('title', '')}".strip()]
    for name, member in schema.get("properties", {}).items():
        if name == "confidence" or not isinstance(member, dict):
            continue
        words = member.get("description", "")
        if isinstance(member.get("enum"), list):
            words += " One of: " + ", ".join(map(str, member["enum"])) + "."
        lines.append(f"{name}: {words}".strip())
    if kind == "reply":
        lines.append("Write two polite sentences. State no facts, dates, amounts or names that are not in the message.")
    return "\n".join(lines)[:1500]


def letter(parsed: object) -> str:
    """Subject and text of the parser's JSON, whatever is missing of it, and what was decided about it before."""
    parsed = parsed if isinstance(parsed, dict) else {}
    headers = parsed.get("headers") if isinstance(parsed.get("headers"), dict) else {}
    text = f"{headers.get('subject', '')}\n{parsed.get('text', '')}".strip()
    return text.encode("utf-8", "replace").decode("utf-8")


def decided(parsed: object) -> str:
    answers = parsed.get("answers") if isinstance(parsed, dict) else None
    if not isinstance(answers, dict):
        return ""
    short = {name: value.get(name, value) if isinstance(value, dict) else value for name, value in answers.items()}
    return "Known: " + json.dumps(short, ensure_ascii=False)[:300]


def subject(parsed: object) -> str:
    """Of an answer: the message's own."""
    headers = parsed.get("headers") if isinstance(parsed, dict) else None
    words = " ".join(str(headers.get("subject", "") if isinstance(headers, dict) else "").split())
    words = "".join(letter for letter in words if letter.isprintable()).encode("utf-8", "replace").decode("utf-8")
    return words if words.lower().startswith("re:") else f"Re: {words}" if words else "Re: your message"


def whole_sentences(text: str) -> str:
    """Of the rest of a JSON string: without its end mark, and without a sentence that broke off."""
    ended = text.endswith('"')
    words = " ".join(text.rstrip('"').replace("\\n", "\n").replace("\ufffd", "").split(" ")).strip()
    if not ended and not words.endswith((".", "!", "?")):
        cut = max(words.rfind(mark) for mark in (". ", "! ", "? "))
        words = words[: cut + 1] if cut > 20 else words
    return words


ACKNOWLEDGEMENT = "Thank you for your message. We have received it and will answer as soon as possible."
# What a reply may not make up: numbers, days, months, amounts, addresses.
FACT = re.compile(
    r"(?i)\d[\d.,:/-]*|\b(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march"
    r"|april|june|july|august|september|october|november|december|week|hours?|minutes?|free|refunded|https?|www"
    # The subjects of the examples, which a small model likes to repeat.
    r"|parking|appointment|bill|amount|parcel|printer|tablets)\b|[$@€£]")


def faithful(reply: str, letter: str) -> str:
    """The sentences of a reply whose facts all stand in the letter; the plain acknowledgement when none is left."""
    known = {found.lower().rstrip(".,:/-") for found in FACT.findall(letter)}
    kept = [
        sentence for sentence in re.split(r"(?<=[.!?])\s+", reply)
        if {found.lower().rstrip(".,:/-") for found in FACT.findall(sentence)} <= known
    ]
    words = " ".join(kept).strip()
    return words if len(words) > 40 and words.endswith((".", "!", "?")) else ACKNOWLEDGEMENT
