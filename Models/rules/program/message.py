# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What the rules look at: the parser's JSON, the writer's own words, and who sent it how."""

import re

MAX_TEXT = 16_384
_ROBOTS = re.compile(
    r"\b(?:no-?_?reply|do-?not-?reply|noreply|mailer-daemon|postmaster|bounces?|daemon|cron|notifications?|automailer)\b[^@]*@",
    re.I)
_MACHINES = re.compile(r"^(?:root|scanner|backup|monitor(?:ing)?|nagios|jenkins|buildd?)@", re.I)
_ADDRESS = re.compile(r"<([^<>]*)>|([^\s<>,;]+@[^\s<>,;]+)")
# Somebody else's words: quoted lines and the line that introduces them.
_QUOTED = re.compile(r"^(?:[>|].*|.{0,120}(?:wrote|schrieb|a écrit|escribió|writes):\s*)$", re.M)
_SIGNATURE = re.compile(r"\n-- ?\n.*", re.S)
_NOT_TO_ANSWER = re.compile(
    r"do not (?:reply|answer|respond)|please don'?t reply|nicht auf diese|keine antwort|ne pas répondre|no responda", re.I)


class Message:
    def __init__(self, parsed: dict) -> None:
        self.headers: dict = parsed.get("headers") or {}
        self.attachments: list = parsed.get("attachments") or []
        self.answers: dict = parsed.get("answers") or {}
        text = str(parsed.get("text") or "")[:MAX_TEXT]
        self.subject = str(self.headers.get("subject") or "")[:500]
        self.own = _QUOTED.sub("", _SIGNATURE.sub("", text))
        found = _ADDRESS.search(str(self.headers.get("from") or ""))
        self.sender = (found.group(1) or found.group(2) or "") if found else ""
        self.is_answer = bool(self.headers.get("in-reply-to")) or re.match(r"(?i)\s*(?:re|aw|sv|antw)\s*:", self.subject) is not None
        precedence = str(self.headers.get("precedence") or "").lower()
        self.is_list = bool(self.headers.get("list-id")) or precedence == "list" or re.search(
            r"(?i)[a-z0-9](?:-users|-dev|-talk|-list|-discuss)?@(?:lists?|groups)\.", str(self.headers.get("to") or "")) is not None
        automatic = str(self.headers.get("auto-submitted") or "no").lower()
        self.is_automatic = (
            not automatic.startswith("no") or precedence in ("bulk", "junk")
            or bool(_ROBOTS.search(self.sender) or _MACHINES.match(self.sender) or _NOT_TO_ANSWER.search(text)))

    @property
    def both(self) -> str:
        return f"{self.subject}\n{self.own}"
