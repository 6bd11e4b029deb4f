# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What of a JSON Schema decides how a member is decoded. Whether the answer fits is the supervisor's judgement."""

import json

from cyllama.utils.json_schema_to_grammar import json_schema_to_grammar

# Plain text on one line of JSON: no quote, no control character, no brackets to open a template or a tag with.
CHARACTER = r'[^"\\\x7F\x00-\x1F{}<>\[\]] | "\\n"'
MAX_STRING = 1500
MAX_CHOICES = 64


class Members:
    """The members of an object's schema that the model fills in, in their order."""

    def __init__(self, schema: dict) -> None:
        self.schema = schema
        self.properties = {
            name: member for name, member in schema["properties"].items() if isinstance(member, dict)
        }
        # What a model of this size says about its own confidence is noise; the executor computes it.
        self.wants_confidence = self.properties.pop("confidence", None) is not None

    def items(self) -> list[tuple[str, dict]]:
        return list(self.properties.items())

    def grammar(self, member: dict) -> str:
        """GBNF of a member. Keywords that a grammar cannot count are left to the validator."""
        definitions = {"$defs": self.schema["$defs"]} if "$defs" in self.schema else {}
        return json_schema_to_grammar({**member, **definitions})

    def values(self, member: object, depth: int = 0) -> list | None:
        """All values that a schema allows, when it lists them: choices, and objects and unions of choices."""
        if not isinstance(member, dict) or depth > 4:
            return None
        reference = member.get("$ref", "")
        if reference.startswith("#/$defs/"):
            return self.values(self.schema.get("$defs", {}).get(reference.removeprefix("#/$defs/")), depth + 1)
        if "const" in member:
            return [member["const"]]
        if member.get("enum"):
            return member["enum"][:MAX_CHOICES]
        if member.get("type") == "boolean":
            return [False, True]
        if isinstance(member.get("anyOf"), list):
            parts = [self.values(part, depth + 1) for part in member["anyOf"]]
            found = None if None in parts else [value for part in parts for value in part]
        elif member.get("type") == "object" and member.get("properties"):
            found = [{}]
            for name, inner in member["properties"].items():
                choices = self.values(inner, depth + 1)
                if choices is None or len(found) * len(choices) > MAX_CHOICES:
                    return None
                found = [{**value, name: choice} for value in found for choice in choices]
        else:
            return None
        return found if found and len(found) <= MAX_CHOICES else None


def key(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def string_grammar(member: dict) -> str:
    """The rest of a string whose opening quote is written already."""
    most = min(int(member.get("maxLength", MAX_STRING)), MAX_STRING)
    least = min(int(member.get("minLength", 0)), most)
    return f'char ::= {CHARACTER}\nroot ::= char{{{least},{most}}} "\\""\n'
