#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Checks the entries of real logs against the closed schemas and the table of docs/audit-format.md, without code of the project.

    check_events.py ROOM...             every entry's data satisfies the schema of its type
    check_events.py --coverage ROOM...  and every type and field of the table occurs, except those listed here with a reason

Only the standard library: the validator below knows the keywords that the schemas use and refuses to run with any other. Where the
package jsonschema is installed, it has to come to the same verdict on every entry. Entries are read by check_log.py. Prints one
line of JSON; exits 0, 4 with what is wrong, 2 for wrong arguments.
"""
import argparse
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_log  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Types and fields of the table that the run of Tests/EndToEnd/events.sh does not make, each with where it is made or why it cannot be.
NOT_IN_THE_RUN = {
    "auction.held.clock": "needs a clock that was set back: ClockMarkTests make it",
    "auction.held.plan": "needs a model that takes labelled examples: examples.sh makes it",
    "auction.held.trial": "needs a newcomer under a policy with trials: newcomers.sh makes it",
    **{place: "needs a policy that asks for reviews: airlock.sh makes it, airlock.decided.uid is of reviewers whom the policy knows by user id"
       for place in ("airlock.queued", "airlock.decided", *(
           f"airlock.{what}" for what in (
               "queued.input", "queued.held", "queued.bytes", "queued.approvals", "queued.canaries", "queued.microtasks", "queued.decisions",
               "decided.input", "decided.held", "decided.reviewer", "decided.verdict", "decided.reason", "decided.uid", "decided.signature")))},
    **{place: "needs a witness: witness.sh makes it" for place in (
        "checkpoint.cosigned", "checkpoint.cosigned.size", "checkpoint.cosigned.root", "checkpoint.cosigned.note", "checkpoint.cosigned.witnesses")},
}

KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "minimum", "minItems", "maxItems",
            "minLength", "maxLength", "uniqueItems", "$ref"}
NOTES = {"$schema", "$id", "$defs", "title", "description"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(one, other):
    return type(one) is type(other) and one == other


def faults(schema, value, root, at="data"):
    """What in the value the schema does not allow: JSON Schema 2020-12, the keywords above."""
    unknown = set(schema) - KEYWORDS - NOTES
    if unknown:
        raise ValueError(f"the schemas use {sorted(unknown)}, which this validator does not know: teach it")
    found = []
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        found += faults(target, value, root, at)
    if "type" in schema and not is_type(value, schema["type"]):
        return found + [f"{at}: not a {schema['type']}"]
    if "enum" in schema and not any(same(value, each) for each in schema["enum"]):
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if isinstance(value, str):
        # A $ of ECMA-262 is the end of the text; Python's would let a newline follow.
        if "pattern" in schema and not re.search(re.sub(r"\$$", r"\\Z", schema["pattern"]), value):
            found.append(f"{at}: {value!r} does not fit {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{at}: {len(value)} characters")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            found.append(f"{at}: {value}")
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at}: {len(value)} items")
        if schema.get("uniqueItems") and len({json.dumps(each, sort_keys=True) for each in value}) < len(value):
            found.append(f"{at}: an item twice")
        for index, each in enumerate(value):
            found += faults(schema.get("items", {}), each, root, f"{at}.{index}")
    elif isinstance(value, dict):
        found += [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, each in value.items():
            if name in schema.get("properties", {}):
                found += faults(schema["properties"][name], each, root, f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}: {name} is not in the schema")
    return found


def reference_validators(schemas):
    """The package jsonschema, where it is installed: another author's reading of the same schemas."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return None
    return {name: Draft202012Validator(schema) for name, schema in schemas.items()}


def load_schemas(directory):
    schemas = {}
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            schemas[name.removesuffix(".json")] = json.load(file)
    return schemas


def load_table(path):
    """{type: (fields, optional fields)} of the table under "## Events"."""
    with open(path, encoding="utf-8") as file:
        section = file.read().split("\n## Events\n", 1)[1].split("\n## ", 1)[0]
    table = {}
    for kind, _, cells in re.findall(r"^\| `([a-z]+(?:\.[a-z]+)?)` \| (.*?) \| ([^|]*) \|$", section, re.MULTILINE):
        check_log.need(kind not in table, f"the table has {kind} twice")
        optional = set(re.findall(r"\*`([A-Za-z]+)`\*", cells))
        table[kind] = (set(re.findall(r"`([A-Za-z]+)`", cells)), optional)
    check_log.need(table, "there is no table of events")
    return table


def compare(table, schemas):
    """The table says what the schemas say."""
    check_log.need(set(table) == set(schemas), f"not in both table and schemas: {sorted(set(table) ^ set(schemas))}")
    for kind, (fields, optional) in table.items():
        schema = schemas[kind]
        check_log.need(schema["$id"] == f"urn:atomic:event:{kind}" and schema["additionalProperties"] is False, f"{kind}: not a closed schema of its type")
        named = set(schema["properties"])
        check_log.need(named == fields, f"{kind}: {sorted(named ^ fields)} in the table or in the schema only")
        required = set(schema["required"])
        check_log.need(required == fields - optional, f"{kind}: {sorted(required ^ (fields - optional))} optional in one and not in the other")


def check_entries(rooms, schemas):
    """{type: fields seen}, and how many entries of ours there were."""
    references = reference_validators(schemas)
    seen, count = {}, 0
    for room in rooms:
        _, log, _ = check_log.check_room(room, None)
        for raw in log.entries:
            entry = json.loads(raw)
            kind, data = entry["type"], entry["data"]
            if kind.startswith("x."):
                continue
            place = f"{room}: entry {entry['seq']} ({kind})"
            check_log.need(kind in schemas, f"{place}: a type that has no schema")
            found = faults(schemas[kind], data, schemas[kind])
            if references is not None:
                theirs = [error.message for error in references[kind].iter_errors(data)]
                check_log.need(bool(theirs) == bool(found), f"{place}: two validators disagree: {found} and {theirs}")
            check_log.need(not found, f"{place}: {found}")
            seen.setdefault(kind, set()).update(data)
            count += 1
    return seen, count, references is not None


def check_coverage(table, seen):
    places = set(table) | {f"{kind}.{field}" for kind, (fields, _) in table.items() for field in fields}
    made = set(seen) | {f"{kind}.{field}" for kind, fields in seen.items() for field in fields}
    unknown = set(NOT_IN_THE_RUN) - places
    check_log.need(not unknown, f"stale: {sorted(unknown)} are listed as not in the run, and the table does not have them")
    stale = set(NOT_IN_THE_RUN) & made
    check_log.need(not stale, f"stale: {sorted(stale)} are listed as not in the run, and were made")
    missing = places - made - set(NOT_IN_THE_RUN)
    check_log.need(not missing, f"not in the run, and no reason is listed: {sorted(missing)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--schemas", default=os.path.join(ROOT, "Attestation", "events"))
    parser.add_argument("--table", default=os.path.join(ROOT, "docs", "audit-format.md"))
    options = parser.parse_args()
    try:
        schemas, table = load_schemas(options.schemas), load_table(options.table)
        compare(table, schemas)
        seen, count, referenced = check_entries(options.rooms, schemas)
        check_log.need(count or not options.rooms, "no entry of ours in these rooms")
        if options.coverage:
            check_coverage(table, seen)
    except check_log.Damage as damage:
        print(json.dumps({"ok": False, "wrong": str(damage)}))
        return 4
    print(json.dumps({"ok": True, "types": len(table), "entries": count, "typesSeen": len(seen), "jsonschema": referenced}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
