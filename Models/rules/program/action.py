# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""From the answers of the other microtasks to steps for a mail system. What the message says is not asked again."""

from message import Message

_QUEUES = {"billing": "billing", "technical": "technical", "newsletter": "reading", "discussion": "reading", "personal": "front-desk"}
_EXPERTS = {"billing": "accounting", "technical": "it-support"}
CATEGORIES = {"appointment", "billing", "order", "technical", "question", "newsletter", "discussion", "personal"}


def judge(message: Message) -> dict:
    answers = message.answers

    def said(name: str, member: str | None = None) -> object:
        value = answers.get(name)
        return value.get(member or name) if isinstance(value, dict) else None

    if said("spam") is True:
        sure = said("spam", "confidence")
        if isinstance(sure, int | float) and sure < 0.6:
            # Nobody knows: a person looks, and nothing disappears.
            return {"do": [{"op": "tag", "tag": "spam"}, {"op": "queue", "queue": "front-desk"}], "confidence": 0.9}
        return {"do": [{"op": "tag", "tag": "spam"}, {"op": "queue", "queue": "quarantine"}], "confidence": 0.9}
    category, priority, sentiment = said("category"), said("priority"), said("sentiment")
    language, due = said("language"), said("category", "replyDue") is True
    steps: list[dict] = []
    if category in CATEGORIES:
        steps.append({"op": "tag", "tag": category})
    if priority == "high":
        steps.append({"op": "tag", "tag": "urgent"})
    if sentiment == "negative" and due:
        steps.append({"op": "tag", "tag": "unhappy"})
    if due:
        steps.append({"op": "tag", "tag": "reply-due"})
    elif message.is_automatic:
        steps.append({"op": "tag", "tag": "automatic"})
    if isinstance(language, str) and language not in ("en", "und") and due:
        steps.append({"op": "tag", "tag": "foreign-language"})
    queue = _QUEUES.get(category, "front-desk") if isinstance(category, str) else "front-desk"
    if message.is_automatic and priority == "low":
        queue = "archive"
    steps.append({"op": "queue", "queue": queue})
    if priority == "high":
        steps.append({"op": "forward", "to": _EXPERTS.get(category, "on-call") if isinstance(category, str) else "on-call"})
    if due and language == "en":
        steps.append({"op": "draft"})
    # How sure the answers are is said with them; given them, the steps follow.
    return {"do": steps[:8], "confidence": 0.9 if isinstance(category, str) else 0.5}
