# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Sovereign policies: the canonical form, an evaluator written from the meaning alone, and envelopes."""
from . import clock, dsse, jcs
from .keys import key

PAYLOAD_TYPE = "application/vnd.atomic.policy.v1+json"
TOP = "\u22a4"


def digest(name):
    return jcs.digest(b"named " + name.encode())


def authority(*names, threshold=2, roles=("data-owner",)):
    every = {"dpo": ("data-owner", key("policy dpo")), "ciso": ("security", key("policy ciso")), "mdir": ("medical", key("policy mdir", "p384")),
             "dpo2": ("data-owner", key("policy dpo2")), "ciso2": ("security", key("policy ciso2"))}
    return {"keys": [{"id": name, "key": every[name][1].text, "role": every[name][0]} for name in names], "requireRoles": list(roles), "threshold": threshold}


def signer(name):
    return key("policy " + name, "p384" if name == "mdir" else "ed25519")


def model(name, deployment="onprem", jurisdiction="DE", top="phi", isolation="process", **changes):
    return {"deployment": deployment, "digest": digest("model " + name), "isolation": isolation, "jurisdiction": jurisdiction, "maxClass": top, **changes}


def rule(id_, effect, actions, classes, when=None, unless=None, reason=None):
    found = {"action": actions, "class": classes, "effect": effect, "id": id_, "unless": unless or {}, "when": when or {}}
    return {**found, "reason": reason} if reason else found


def policy(**changes):
    base = {
        "apiVersion": "atomic/sovereign/v1", "kind": "SovereignPolicy",
        "metadata": {"expires": clock.at(86400 * 180), "id": "clinic", "notBefore": clock.at(-86400), "sequence": 1},
        "authority": authority("dpo", "ciso", "mdir"),
        "dataClasses": {
            "public": {"above": []}, "internal": {"above": ["public"]}, "pii": {"above": ["internal"]},
            "phi": {"above": ["pii"], "purposes": ["customer-support", "treatment"], "residency": ["DE"]},
            "phi.genomic": {"above": ["phi"], "purposes": ["treatment"]},
        },
        "models": {
            "bogofilter": model("bogofilter"), "naive-bayes": model("naive-bayes", top="pii"), "french": model("french", jurisdiction="FR"),
            "cloud-oracle": model("cloud-oracle", deployment="cloud", jurisdiction="US"),
        },
        "rules": [
            rule("P1", "permit", ["bid", "run", "key-release"], ["internal", "pii", "phi"], {"purpose": ["customer-support", "treatment"]}),
            rule("P2", "permit", ["release"], ["pii", "phi"], {"output.check": ["pass"], "requester.roles": ["requester"]}),
            rule("P3", "permit", ["bid"], ["pii"], {"model.name": ["bogofilter", "cloud-oracle"]}),
            rule("F1", "forbid", ["bid"], ["pii"], {"model.deployment": ["cloud", "private-cloud"]}, reason="personal data never leaves the site"),
            rule("F2", "forbid", ["release"], ["phi"], unless={"output.check": ["pass"]}),
            rule("F3", "forbid", ["run"], ["internal"], {"task": ["email-triage"], "model.jurisdiction": ["US"]}, reason="not under foreign law"),
        ],
        "outputs": {"pii": {"maxBytes": 4096}}, "budgets": {"pii": {"perJob": {"cost": 50_000, "wall": "30000000000"}}}, "currency": "EUR",
        "tasks": {"email-triage": {"digest": digest("task email-triage")}},
        "requesters": {"desk-4": {"recipient": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", "roles": ["requester"], "uid": 1004},
                       "audit-1": {"key": key("requester audit").text, "recipient": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
                                   "roles": ["auditor"]}},
        "auction": {"explorationFloor": 20_000_000, "minBids": 1, "weights": {"latency": 100_000_000, "price": 300_000_000, "quality": 600_000_000}},
        "tests": [],
    }
    return {**base, **changes}


def successor(previous, sequence=None, **changes):
    metadata = {**previous["metadata"], "previous": jcs.digest(jcs.encode(previous)),
                "sequence": previous["metadata"]["sequence"] + 1 if sequence is None else sequence}
    return {**previous, "metadata": {**metadata, **changes.pop("metadata", {})}, **changes}


def envelope(content, signers, signatures=None):
    return dsse.encoded(PAYLOAD_TYPE, jcs.encode(content), [signer(name) for name in signers], signatures)


def _below(classes, name):
    seen, open_ = set(), [name]
    while open_:
        each = open_.pop()
        if each in classes and each not in seen:
            seen.add(each)
            open_ += classes[each]["above"]
    return seen


def join(classes, names):
    names = set(names)
    if not names or not names <= classes.keys():
        return TOP
    bounds = [each for each in classes if names <= _below(classes, each)]
    least = [each for each in bounds if all(each in _below(classes, other) for other in bounds)]
    return least[0] if len(least) == 1 else TOP


class _Missing(Exception):
    pass


def _attribute(content, request, name):
    models, people = content["models"], content["requesters"]
    if name.startswith("model."):
        if request.get("model") not in models:
            raise _Missing(name)
        field = name[6:]
        return [request["model"] if field == "name" else models[request["model"]][field]]
    if name == "requester.roles":
        return people[request["requester"]]["roles"]
    if name == "task":
        return [each for each, value in content["tasks"].items() if value["digest"] == request.get("task")]
    if request.get(name) is None:
        raise _Missing(name)
    return [str(request[name])]


def _holds(content, request, conditions):
    return all([set(values) & set(_attribute(content, request, name)) for name, values in conditions.items()])


def decide(content, request):
    """(outcome, kind, sorted rule ids)."""
    if "at" not in request:
        return "deny", "error", ["at"]
    classes = content["dataClasses"]
    data = request.get("class") or join(classes, classes)
    covers = _below(classes, data) if data != TOP else set(classes)
    no, unlisted = [], []
    if not content["metadata"]["notBefore"] <= request["at"] < content["metadata"]["expires"]:
        no.append("validity")
    if request["requester"] not in content["requesters"]:
        unlisted.append("requesters")
    if request["task"] not in [each["digest"] for each in content["tasks"].values()]:
        unlisted.append("tasks")
    if "model" in request:
        if request["model"] not in content["models"]:
            unlisted.append("models")
        else:
            found = content["models"][request["model"]]
            if data == TOP or data not in _below(classes, found["maxClass"]):
                no.append("clearance")
            no += [f"residency:{each}" for each in covers if found["jurisdiction"] not in classes[each].get("residency", [found["jurisdiction"]])]
    no += [f"purpose:{each}" for each in covers if request["purpose"] not in classes[each].get("purposes", [request["purpose"]])]
    if "output.bytes" in request:
        no += [f"output:{each}" for each in covers if each in content["outputs"] and request["output.bytes"] > content["outputs"][each]["maxBytes"]]
    if unlisted:
        return "deny", "not-permitted" if not no else "forbidden", sorted(unlisted if not no else no)
    yes, broken = [], []
    for each in content["rules"]:
        if request["action"] not in each["action"]:
            continue
        if not (set(each["class"]) & covers if each["effect"] == "forbid" else data in each["class"]):
            continue
        try:
            if not _holds(content, request, each["when"]) or each["unless"] and _holds(content, request, each["unless"]):
                continue
        except _Missing:
            broken.append(each["id"])
            continue
        (no if each["effect"] == "forbid" else yes).append(each["id"])
    if broken:
        return "deny", "error", sorted(broken)
    if no:
        return "deny", "forbidden", sorted(no)
    return ("permit", "permitted", sorted(yes)) if yes else ("deny", "not-permitted", [])
