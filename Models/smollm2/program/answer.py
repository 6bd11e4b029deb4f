# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor: a small language model that fills in the request's schema, member by member."""

import hashlib
import json
import os
import sys

import prompts
from channel import read_input, serve
from decoder import CONTEXT, Decoder
from schema import Members, key, string_grammar

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weights")
TYPES = ["category", "sentiment", "priority", "reply", "action"]
MAX_INPUT = 8 << 20
MAX_TOKENS = 60
MAX_ITEMS = 4
# Texts without content: what the model prefers before it has read anything.
EMPTY = ["", "N/A"]
# Stands in where a request has no schema.
ANY = {"title": "Does this message need an answer?", "properties": {"replyDue": {"type": "boolean"}}}


class Answerer:
    def __init__(self) -> None:
        self.decoder = Decoder(os.path.join(WEIGHTS, "smollm2.gguf"))
        self.preferences: dict[str, list[float]] = {}

    def execute(self, params: dict, descriptor: int) -> dict:
        kind = params.get("type") or "category"
        schema = params.get("schema") or {}
        members = Members(schema if isinstance(schema.get("properties"), dict) else ANY)
        plan = params.get("plan") or {}
        parsed = json.loads(read_input(descriptor, MAX_INPUT))
        limit = max(8, min(int((plan.get("parameters") or {}).get("max-tokens") or MAX_TOKENS), 256))
        head = self.written(prompts.SYSTEM, prompts.describe(members.schema, kind)) + self.control(prompts.END)
        examples = self.examples(kind, plan, members, parsed)
        question = self.question(prompts.letter(parsed), prompts.decided(parsed))

        value: dict = {}
        sure: list[float] = []
        for name, member in members.items():
            if kind == "reply" and name == "subject":
                value[name] = prompts.subject(parsed)[: member.get("maxLength", 200)]
                continue
            lead = json.dumps(value, ensure_ascii=False)[:-1] + (", " if value else "") + json.dumps(name) + ":"
            values = members.values(member)
            listed = members.values(member.get("items")) if member.get("type") == "array" else None
            if values:
                self.read(head, examples, question, lead, 8)
                shares = self.choose(values, None if examples else (kind, name, head, lead))
                best = max(range(len(values)), key=lambda i: shares[i])
                value[name], probability = values[best], shares[best]
            elif listed:
                self.read(head, examples, question, lead + " [", limit)
                value[name], probability = self.pick(listed, member, members)
            elif member.get("type") == "string" and "pattern" not in member:
                self.read(head, examples, question, lead + ' "', limit)
                text, probability, _ = self.decoder.follow(string_grammar(member), limit, sentences=2)
                text = prompts.whole_sentences(text)
                if kind == "reply":
                    text = prompts.faithful(text, prompts.letter(parsed))
                    # What is sent then is true and says nothing.
                    probability = 0.2 if text == prompts.ACKNOWLEDGEMENT else probability
                value[name] = text[: member.get("maxLength", len(text))] or "-"
            else:
                self.read(head, examples, question, lead, limit)
                text, probability, _ = self.decoder.follow(members.grammar(member), limit)
                value[name] = json.loads(text)
            sure.append(probability)
        # How likely the least likely member was, as the model sees it.
        confidence = round(min(max(min(sure, default=0.0), 0.0), 1.0), 6)
        if members.wants_confidence:
            value["confidence"] = confidence
        return {"value": value, "confidence": confidence}

    def control(self, text: str) -> list[int]:
        return self.decoder.tokenize(text, special=True)

    def written(self, control: str, text: str, limit: int | None = None) -> list[int]:
        """Control tokens as such, the text as text: a message that contains `<|im_end|>` ends nothing."""
        return self.control(control) + self.decoder.tokenize(text[: prompts.MAX_TEXT])[:limit]

    def question(self, text: str, known: str) -> list[int]:
        tokens = self.written(prompts.USER, text, prompts.MESSAGE)
        if known:
            tokens += self.written("\n", known)
        return tokens + self.control(prompts.END + prompts.ASSISTANT)

    def read(self, head: list[int], examples: list[int], question: list[int], lead: str, limit: int) -> None:
        """Makes the prompt the context. Too long a one loses what stands between the task and the end of the message."""
        tokens = head + examples + question + self.decoder.tokenize(lead)
        room = min(prompts.LIMIT, CONTEXT - limit - 8)
        if len(tokens) > room:
            tokens = tokens[: room // 2] + tokens[len(tokens) - (room - room // 2) :]
        self.decoder.prompt(tokens)

    def examples(self, kind: str, plan: dict, members: Members, parsed: object) -> list[int]:
        """Turns of a conversation that went well: those of the plan, the most like last, where it is remembered best."""
        pairs = [(example.get("text", ""), example.get("value")) for example in plan.get("demonstrations") or []][::-1]
        if kind == "reply" and not pairs:
            pairs = [(text, {"subject": "Re: " + text.split("\n")[0], "body": body}) for text, body in prompts.replies(parsed)]
        tokens: list[int] = []
        for text, value in pairs:
            value = value if isinstance(value, dict) else {kind: value}
            shown = {name: value[name] for name, _ in members.items() if name in value}
            turn = self.written(prompts.USER, str(text), prompts.EXAMPLE) + self.control(prompts.END + prompts.ASSISTANT)
            turn += self.decoder.tokenize(json.dumps(shown, ensure_ascii=False))[:120] + self.control(prompts.END)
            if len(tokens) + len(turn) < prompts.LIMIT // 2:
                tokens += turn
        return tokens

    def words(self, values: list) -> list[list[int]]:
        # The end mark keeps one value from being the beginning of another.
        return [self.decoder.tokenize(" " + json.dumps(value, ensure_ascii=False) + "\n") for value in values]

    def choose(self, values: list, context: tuple | None) -> list[float]:
        words = self.words(values)
        shares = self.decoder.choose(words)
        if context is None or len(values) < 2:
            return shares
        # Contextual calibration (Zhao et al., 2021): a preference that is there without any text says nothing about one.
        kind, name, head, lead = context
        known = hashlib.sha256(repr((kind, name, values, head, lead)).encode()).hexdigest()
        if known not in self.preferences:
            found = []
            for text in EMPTY:
                self.read(head, [], self.question(text, ""), lead, 8)
                found.append(self.decoder.choose(words))
            self.preferences[known] = [sum(column) / len(found) for column in zip(*found)]
        ratios = [share / max(preference, 1e-6) for share, preference in zip(shares, self.preferences[known])]
        return [ratio / sum(ratios) for ratio in ratios]

    def pick(self, values: list, member: dict, members: Members) -> tuple[list, float]:
        """A list of choices: one after the other, none twice, as many of `contains` as it asks for."""
        wanted = {key(value) for value in members.values(member.get("contains")) or []}
        most = min(int(member.get("maxItems", MAX_ITEMS)), MAX_ITEMS)
        least = int(member.get("minItems", 0))
        chosen: list = []
        sure: list[float] = []
        while len(chosen) < most:
            has = any(key(value) in wanted for value in chosen)
            left = [value for value in values if value not in chosen and not (has and key(value) in wanted)]
            if wanted and not has and len(chosen) == most - 1:
                left = [value for value in left if key(value) in wanted]
            may_end = len(chosen) >= least and (has or not wanted)
            if not left:
                break
            options = self.words(left) + ([self.decoder.tokenize("]")] if may_end else [])
            shares = self.decoder.choose(options)
            best = max(range(len(options)), key=lambda i: shares[i])
            sure.append(shares[best])
            if best == len(left):
                break
            chosen.append(left[best])
            self.decoder.extend(options[best][:-1] + self.decoder.tokenize(","))
        return chosen, min(sure, default=0.0)


def main() -> int:
    answerer = Answerer()
    return serve({"name": "smollm2", "version": "1.0.0", "tasks": TYPES}, answerer.execute)


if __name__ == "__main__":
    sys.exit(main())
