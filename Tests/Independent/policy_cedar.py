# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Policies against another engine: random policies are compiled to Cedar here, by code that shares nothing with ours, and cedarpy must
decide random requests as `atomic policy explain` does. Where ours finds an error it must deny; Cedar passes over a rule that errs.

    policy_cedar.py --atomic PROGRAM [--policies N] [--requests N] [--seed N] [--wrong]

What `atomic policy export --cedar` writes must decide as what is compiled here does, errors included. --wrong compiles forbids without those of lower classes: the control, which must be found."""

import argparse
import collections
import datetime
import json
import random
import subprocess
import sys
import tempfile
import zoneinfo
from pathlib import Path

import cedarpy

KEY = "ed25519:MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
START, END = 1764547200, 1780272000  # 2025-12-01 and 2026-06-01
TIMES = {"2025-12-01T00:00:00Z": START, "2026-01-15T12:00:00Z": 1768478400, "2025-11-30T23:59:59Z": START - 1, "2026-06-01T00:00:00Z": END,
         "2026-05-31T23:59:59Z": END - 1}
ACTIONS = ["bid", "preview", "run", "key-release", "release", "learn", "explore"]
# Each with whether it holds at the noon of most requests, a Thursday, and at the edges of the policy, by Python's zoneinfo.
HOURS = {"06:00-22:00 Europe/Berlin": (6 * 60, 22 * 60), "12:30-24:00 UTC": (750, 1440), "00:00-07:00 America/New_York": (0, 420)}
WEEKDAYS = {"mon-thu Asia/Tokyo": range(4), "sat-sun UTC": range(5, 7), "mon Europe/Berlin": range(1)}
MODELS, TASKS, PURPOSES = ["local", "french", "low", "cloud"], ["triage", "letters"], ["treatment", "support", "marketing"]
REQUESTERS = {"desk": ["requester"], "audit": ["auditor"], "both": ["requester", "auditor"]}
SIZES = [0, 50, 51, 100, 101]


def digest(name):
    return "sha256:" + (name.encode().hex() * 64)[:64]


class Dice(random.Random):
    def chance(self, percent):
        return self.randrange(100) < percent

    def some(self, items):
        return [item for item in items if self.chance(40)] or [self.choice(items)]

    def conditions(self, actions):
        found = {}
        for percent, name, values in [
            (25, "model.deployment", ["onprem", "private-cloud", "cloud"]), (25, "model.jurisdiction", ["DE", "FR", "US"]), (15, "model.isolation", ["process", "microvm"]),
            (10, "model.name", MODELS), (30, "purpose", PURPOSES), (20, "requester.roles", ["requester", "auditor", "operator"]), (15, "task", TASKS),
            (10, "requester.name", ["desk", "audit"]), (12, "job.hours", list(HOURS)), (8, "job.day", list(WEEKDAYS)),
        ]:
            if self.chance(percent) and not (name.startswith("model.") and "learn" in actions):
                found[name] = self.some(values)
        if actions == ["release"] or self.chance(5):
            if self.chance(40):
                found["output.check"] = self.some(["pass", "fail"])
            if self.chance(30):
                found["output.bytes"] = self.some(["<= 50", "> 100", "<= 0", "< 51", ">= 101"])
            for percent, name, values in [(15, "output.canaries", ["pass", "fail"]), (15, "review", ["airlock", "none"]), (15, "approvals", [">= 2", "> 0", "< 1"])]:
                if self.chance(percent):
                    found[name] = self.some(values)
        return found

    def policy(self):
        names = [f"c{number}" for number in range(self.randint(1, 7))]
        classes = {}
        for number, name in enumerate(names):
            entry = {}
            above = [lower for lower in names[:number] if self.chance(40)]
            if above:
                entry["above"] = above
            if self.chance(15):
                entry["residency"] = self.some(["DE", "FR"])
            if self.chance(15):
                entry["purposes"] = self.some(["treatment", "support"])
            classes[name] = entry
        models = {
            name: {"digest": digest(name), "deployment": self.choice(["onprem", "private-cloud", "cloud"]), "jurisdiction": self.choice(["DE", "FR", "US"]),
                   "maxClass": self.choice(names[len(names) // 2:]), "isolation": self.choice(["process", "microvm"])} for name in MODELS
        }
        rules = []
        for number in range(self.randint(1, 10)):
            actions = ["release"] if self.chance(25) else self.some(ACTIONS)
            rule = {"id": f"r{number}", "effect": "permit" if self.chance(65) else "forbid", "action": actions, "class": self.some(names)}
            for key, percent in (("when", 70), ("unless", 25)):
                conditions = self.conditions(actions) if self.chance(percent) else {}
                if conditions:
                    rule[key] = conditions
            rules.append(rule)
        return {
            "apiVersion": "atomic/sovereign/v1", "kind": "SovereignPolicy",
            "metadata": {"id": "random", "sequence": 1, "notBefore": "2025-12-01T00:00:00Z", "expires": "2026-06-01T00:00:00Z"},
            "authority": {"threshold": 1, "keys": [{"id": "one", "role": "data-owner", "key": KEY}]}, "dataClasses": classes, "models": models, "rules": rules,
            "outputs": {name: {"maxBytes": self.choice([50, 100])} for name in names if self.chance(15)}, "tasks": {name: {"digest": digest(name)} for name in TASKS},
            "requesters": {name: {"recipient": RECIPIENT, "uid": 1000 + number, "roles": roles} for number, (name, roles) in enumerate(REQUESTERS.items())},
            "auction": {"weights": {"quality": 1, "price": 0, "latency": 0}, "explorationFloor": 0},
        }

    def request(self, policy):
        action = self.choice(ACTIONS)
        request = {"action": action, "at": self.choice(list(TIMES)) if self.chance(15) else "2026-01-15T12:00:00Z"}
        if action != "learn":
            request["model"] = "ghost" if self.chance(3) else self.choice(MODELS)
        for key, values, ghost in (("class", list(policy["dataClasses"]), None), ("purpose", PURPOSES + ["other"], None), ("requester", list(REQUESTERS), "ghost"),
                                   ("task", TASKS, "ghost")):
            if self.chance(96):
                request[key] = ghost if ghost and self.chance(3) else self.choice(values)
        if "task" in request:
            request["task"] = digest(request["task"])
        if action == "release" or self.chance(2):
            if self.chance(95):
                request["output.check"] = self.choice(["pass", "fail"])
            if self.chance(95):
                request["output.bytes"] = self.choice(SIZES)
            for name, values in (("output.canaries", ["pass", "fail"]), ("review", ["airlock", "none"]), ("approvals", [0, 1, 2, 3])):
                if self.chance(90):
                    request[name] = self.choice(values)
        return request


def windows(at):
    """Those of HOURS and WEEKDAYS that an instant is in."""
    def local(window):
        return datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(window.split()[1]))

    return [window for window, (first, last) in HOURS.items() if first <= local(window).hour * 60 + local(window).minute < last] + [
        window for window, days in WEEKDAYS.items() if local(window).weekday() in days]


TOP = "Class::\"top of all\""


def quoted(values):
    return "[" + ", ".join(json.dumps(value) for value in values) + "]"


def classes_of(values):
    return "[" + ", ".join(f'Class::"{value}"' for value in values) + "]"


def condition(name, values):
    if name == "model.name":
        return "[" + ", ".join(f'Model::"{value}"' for value in values) + "].contains(principal)"
    if name.startswith("model."):
        return f"{quoted(values)}.contains(principal.{name.removeprefix('model.')})"
    if name == "requester.roles":
        return f"context.roles.containsAny({quoted(values)})"
    if name == "task":
        return f"{quoted([digest(value) for value in values])}.contains(context.task)"
    if name in ("output.bytes", "approvals"):
        return "(" + " || ".join(f"context.{name.removeprefix('output.')} {value}" for value in values) + ")"
    if name.startswith("job."):
        return f"{quoted(values)}.containsAny(context.windows)"
    if name == "requester.name":
        return f"{quoted(values)}.contains(context.requester)"
    return f"{quoted(values)}.contains(context.{name.removeprefix('output.')})"


def all_of(conditions):
    return " && ".join(condition(name, values) for name, values in sorted(conditions.items()))


def to_cedar(policy, wrong=False):
    """The policy's rules, and what its language holds against a request without a rule, as Cedar policies."""
    text = []
    for rule in policy["rules"]:
        actions = ", ".join(f'Action::"{action}"' for action in rule["action"])
        covers = f"{classes_of(rule['class'])}.contains(resource)" if rule["effect"] == "permit" or wrong else f"resource in {classes_of(rule['class'])}"
        body = " && ".join([covers] + ([all_of(rule["when"])] if "when" in rule else []))
        unless = f" unless {{ {all_of(rule['unless'])} }}" if "unless" in rule else ""
        text.append(f"{rule['effect']}(principal, action in [{actions}], resource) when {{ {body} }}{unless};")

    def forbid(when):
        text.append(f"forbid(principal, action, resource) when {{ {when} }};")

    forbid("principal is Model && !(principal has maxClass)")
    forbid("principal has maxClass && !(principal.maxClass in resource)")
    forbid(f"context has at && (context.at < {START} || context.at >= {END})")
    forbid(f"context has requester && !{quoted(REQUESTERS)}.contains(context.requester)")
    forbid(f"context has task && !{quoted([digest(task) for task in TASKS])}.contains(context.task)")
    for name, entry in policy["dataClasses"].items():
        if "residency" in entry:
            forbid(f"resource in Class::\"{name}\" && principal has jurisdiction && !{quoted(entry['residency'])}.contains(principal.jurisdiction)")
        if "purposes" in entry:
            forbid(f"resource in Class::\"{name}\" && context has purpose && !{quoted(entry['purposes'])}.contains(context.purpose)")
    for name, limit in policy["outputs"].items():
        forbid(f"resource in Class::\"{name}\" && context has bytes && context.bytes > {limit['maxBytes']}")
    return "\n".join(text)


def entities(policy):
    def uid(kind, name):
        return {"type": kind, "id": name}

    classes = policy["dataClasses"]
    found = [{"uid": uid("Class", name), "attrs": {}, "parents": [uid("Class", lower) for lower in entry.get("above", [])]} for name, entry in classes.items()]
    found.append({"uid": uid("Class", "top of all"), "attrs": {}, "parents": [uid("Class", name) for name in classes]})
    for name, model in policy["models"].items():
        attributes = {key: model[key] for key in ("deployment", "jurisdiction", "isolation")}
        attributes["maxClass"] = {"__entity": uid("Class", model["maxClass"])}
        found.append({"uid": uid("Model", name), "attrs": attributes, "parents": []})
    return found


def top(classes):
    """The class above all others, or the implicit one."""
    def below(name):
        return {name}.union(*(below(lower) for lower in classes[name].get("above", [])))

    highest = [name for name in classes if below(name) == set(classes)]
    return f'Class::"{highest[0]}"' if highest else TOP


def cedar_request(request, policy):
    context = {"at": TIMES[request["at"]], "windows": windows(TIMES[request["at"]])}
    for theirs, ours in (("purpose", "purpose"), ("requester", "requester"), ("task", "task"), ("check", "output.check"), ("bytes", "output.bytes"),
                         ("canaries", "output.canaries"), ("review", "review"), ("approvals", "approvals")):
        if ours in request:
            context[theirs] = request[ours]
    if request.get("requester") in REQUESTERS:
        context["roles"] = REQUESTERS[request["requester"]]
    return {
        "principal": f'Model::"{request["model"]}"' if "model" in request else 'Nobody::"nobody"', "action": f'Action::"{request["action"]}"',
        "resource": f'Class::"{request["class"]}"' if "class" in request else top(policy["dataClasses"]), "context": context,
    }


def exported_request(request, policy):
    """As the export's documentation says."""
    again = cedar_request(request, policy)
    again["resource"] = again["resource"].replace(TOP, 'Class::"\u22a4"')
    context = again["context"]
    context.pop("roles", None)
    context["at"] *= 1_000_000_000
    for theirs, ours in (("check", "outputCheck"), ("bytes", "outputBytes"), ("canaries", "outputCanaries")):
        if theirs in context:
            context[ours] = context.pop(theirs)
    if "requester" in context:
        context["requester"] = {"__entity": {"type": "Requester", "id": context["requester"]}}
    return again


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--atomic", required=True)
    parser.add_argument("--policies", type=int, default=40)
    parser.add_argument("--requests", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    dice, counts, different = Dice(options.seed), collections.Counter(), []
    with tempfile.TemporaryDirectory() as work:
        for number in range(options.policies):
            policy = dice.policy()
            requests = [dice.request(policy) for _ in range(options.requests)]
            file = Path(work) / "policy.yaml"
            # JSON is YAML; what begins with a brace would be an envelope.
            file.write_text("# random\n" + json.dumps(policy) + "\n")
            lines = "\n".join(json.dumps(request) for request in requests)
            told = subprocess.run([options.atomic, "policy", "explain", str(file), "--requests", "-", "--json"], input=lines, capture_output=True, text=True, check=False)
            if told.returncode != 0:
                sys.exit(f"policy {number}: {told.stderr or told.stdout}\n{json.dumps(policy)}")
            ours = [json.loads(line) for line in told.stdout.splitlines()]
            theirs = cedarpy.is_authorized_batch([cedar_request(request, policy) for request in requests], to_cedar(policy, options.wrong), entities(policy))
            exported = json.loads(subprocess.run([options.atomic, "policy", "export", str(file), "--cedar", "--json"], capture_output=True, check=True).stdout)
            again = cedarpy.is_authorized_batch([exported_request(request, policy) for request in requests], exported["policies"], exported["entities"])
            for request, their, other in zip(requests, theirs, again):
                if their.allowed != other.allowed and not options.wrong:
                    different.append((number, request, {}, f"exported: {other.decision} {other.diagnostics.errors}, compiled here: {their.decision}"))
            if len(ours) != len(requests) or len(theirs) != len(requests):
                sys.exit(f"policy {number}: {len(ours)} and {len(theirs)} answers to {len(requests)} requests")
            for request, our, their in zip(requests, ours, theirs):
                counts[our["kind"]] += 1
                if our["kind"] == "error":
                    if our["decision"] != "deny":
                        different.append((number, request, our, "an error must deny"))
                    counts["error, and Cedar permits"] += their.allowed
                elif their.allowed != (our["decision"] == "permit"):
                    different.append((number, request, our, f"Cedar: {their.decision}, {their.diagnostics.reasons}"))
    for number, request, our, why in different[:5]:
        print(f"policy {number}: {json.dumps(request)}: {our}; {why}")
    total = options.policies * options.requests
    print(f"cedarpy and atomic on {total} requests over {options.policies} policies (seed {options.seed}): {dict(counts)}, {len(different)} decided otherwise")
    if counts["permitted"] * 100 < total or counts["error"] * 2 > total:
        sys.exit("too few requests say anything")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
