# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Policies in canonical form: what they decide, how classes join, which envelopes a room accepts."""
from .. import clock, dsse, jcs, policy
from ..keys import key
from ..output import b64, vectors

FOLDER = "policy"


class _Shelf(dict):
    """Policies once per file, named by digest."""

    def put(self, content):
        raw = jcs.encode(content)
        self[jcs.digest(raw)] = b64(raw)
        return jcs.digest(raw)


def _request(action, model="bogofilter", class_="pii", **changes):
    base = {"action": action, "at": clock.at(0), "class": class_, "model": model, "purpose": "customer-support", "requester": "desk-4",
            "task": policy.digest("task email-triage")}
    return {k: v for k, v in {**base, **changes}.items() if v is not None}


def _decisions(shelf):
    content = policy.policy()

    def case(name, outcome, kind, rules, request, given=content):
        found = policy.decide(given, request)
        assert found == (outcome, kind, sorted(rules)), (name, found)
        return {"name": name, "expect": "ok", "policy": shelf.put(given), "request": b64(jcs.encode(request)),
                "outcome": outcome, "kind": kind, "rules": sorted(rules)}

    passed = {"output.check": "pass", "output.bytes": 40}
    yield case("bid", "permit", "permitted", ["P1", "P3"], _request("bid"))
    yield case("bid, one rule", "permit", "permitted", ["P1"], _request("bid", "naive-bayes"))
    yield case("run", "permit", "permitted", ["P1"], _request("run"))
    yield case("key release", "permit", "permitted", ["P1"], _request("key-release"))
    yield case("release", "permit", "permitted", ["P2"], _request("release", **passed))
    yield case("release without a model", "permit", "permitted", ["P2"], _request("release", None, **passed))
    yield case("forbid overrides permit", "deny", "forbidden", ["F1"], _request("bid", "cloud-oracle"))
    yield case("a forbid covers the classes above", "deny", "forbidden", ["F1", "residency:phi"], _request("bid", "cloud-oracle", "phi"))
    yield case("a permit covers its classes only", "deny", "not-permitted", [], _request("bid", class_="public"))
    yield case("a forbid does not cover the classes below", "permit", "permitted", ["P1"], _request("bid", "cloud-oracle", "internal"))
    yield case("two conditions, both hold", "deny", "forbidden", ["F3"], _request("run", "cloud-oracle", "internal"))
    yield case("two conditions, one holds", "permit", "permitted", ["P1"], _request("run", "bogofilter", "internal"))
    yield case("nobody permits the action", "deny", "not-permitted", [], _request("learn"))
    yield case("clearance", "deny", "forbidden", ["clearance"], _request("run", "naive-bayes", "phi"))
    yield case("residency", "deny", "forbidden", ["residency:phi"], _request("run", "french", "phi"))
    yield case("no residency below", "permit", "permitted", ["P1"], _request("run", "french", "pii"))
    yield case("purpose of the class", "deny", "forbidden", ["purpose:phi"], _request("run", class_="phi", purpose="marketing"))
    yield case("purpose that no rule permits", "deny", "not-permitted", [], _request("run", purpose="marketing"))
    yield case("purpose of a class and of one below it", "deny", "forbidden", ["clearance", "purpose:phi", "purpose:phi.genomic"],
               _request("run", class_="phi.genomic", purpose="marketing"))
    yield case("before the policy holds", "deny", "forbidden", ["validity"], _request("run", at=clock.at(-86401)))
    yield case("at the first moment", "permit", "permitted", ["P1"], _request("run", at=content["metadata"]["notBefore"]))
    yield case("at the end", "deny", "forbidden", ["validity"], _request("run", at=content["metadata"]["expires"]))
    yield case("no time", "deny", "error", ["at"], _request("run", at=None))
    yield case("unlisted model", "deny", "not-permitted", ["models"], _request("key-release", "unknown"))
    yield case("unlisted task", "deny", "not-permitted", ["tasks"], _request("key-release", task=policy.digest("another task")))
    yield case("unlisted requester", "deny", "not-permitted", ["requesters"], _request("key-release", requester="desk-5"))
    yield case("output check missing", "deny", "error", ["P2"], _request("release"))
    yield case("output check failed", "deny", "not-permitted", [], _request("release", **{"output.check": "fail", "output.bytes": 40}))
    yield case("output check failed, forbidden too", "deny", "forbidden", ["F2"], _request("release", class_="phi", **{"output.check": "fail", "output.bytes": 40}))
    yield case("requester without the role", "deny", "not-permitted", [], _request("release", requester="audit-1", **passed))
    yield case("answer too large", "deny", "forbidden", ["output:pii"], _request("release", **{"output.check": "pass", "output.bytes": 4097}))
    yield case("answer of the largest size", "permit", "permitted", ["P2"], _request("release", **{"output.check": "pass", "output.bytes": 4096}))
    yield case("a limit binds the classes above", "deny", "forbidden", ["output:pii"], _request("release", class_="phi", **{"output.check": "pass", "output.bytes": 4097}))
    yield case("unlabelled data has the top class", "deny", "forbidden", ["clearance", "purpose:phi.genomic"], _request("run", class_=None))
    two = {**content, "dataClasses": {**content["dataClasses"], "secret": {"above": ["internal"]}}}
    yield case("with two tops unlabelled data lies above all", "deny", "forbidden", ["clearance", "purpose:phi.genomic"], _request("run", class_=None), two)


def _joins(shelf):
    chain = policy.policy()["dataClasses"]
    diamond = {"a": {"above": []}, "b": {"above": ["a"]}, "c": {"above": ["a"]}, "d": {"above": ["b", "c"]}}
    crown = {"a": {"above": []}, "b": {"above": []}, "c": {"above": ["a", "b"]}, "d": {"above": ["a", "b"]}, "e": {"above": ["c", "d"]}}
    tops = {"a": {"above": []}, "b": {"above": ["a"]}, "c": {"above": ["a"]}}
    for name, classes, given, expected in [
        ("one", chain, ["pii"], "pii"), ("a chain", chain, ["public", "phi", "internal"], "phi"), ("the same twice", chain, ["pii", "pii"], "pii"),
        ("a diamond", diamond, ["b", "c"], "d"), ("below a diamond", diamond, ["a", "b"], "b"),
        ("two least upper bounds", crown, ["a", "b"], policy.TOP), ("above two least upper bounds", crown, ["a", "b", "c", "d"], "e"),
        ("two least upper bounds, one of them given", crown, ["a", "b", "c"], "c"), ("no upper bound", tops, ["b", "c"], policy.TOP),
        ("an unknown class", chain, ["pii", "secret"], policy.TOP), ("none", chain, [], policy.TOP),
    ]:
        assert policy.join(classes, given) == expected, name
        yield {"name": name, "expect": "ok", "policy": shelf.put(policy.policy(dataClasses=classes)), "classes": given, "join": expected}


def _envelopes(shelf):
    first = policy.policy()
    second = policy.successor(first)

    def case(name, expect, envelope, content=first, previous=None, now=None, why=None):
        found = {"name": name, "expect": expect, "envelope": b64(envelope), "previous": shelf.put(previous) if previous else None, "now": now or clock.at(0)}
        if expect == "ok":
            found |= {"sequence": content["metadata"]["sequence"], "digest": jcs.digest(jcs.encode(content))}
        return {**found, "why": why} if why else found

    sign = policy.envelope
    yield case("first policy, two of three", "ok", sign(first, ["ciso", "dpo"]))
    yield case("first policy, three of three", "ok", sign(first, ["dpo", "ciso", "mdir"]))
    yield case("second policy", "ok", sign(second, ["dpo", "mdir"]), second, first)
    yield case("one signature of two", "threshold", sign(first, ["dpo"]))
    yield case("no signature", "threshold", sign(first, []))
    yield case("the required role is missing", "role", sign(first, ["ciso", "mdir"]))
    payload = jcs.encode(first)

    def line(name):
        return dsse.signature(policy.signer(name), policy.PAYLOAD_TYPE, payload)

    yield case("one key twice", "duplicate-signer", sign(first, [], [line("dpo"), line("dpo")]), why="a threshold counts distinct keys")
    stranger = dsse.signature(key("policy stranger"), policy.PAYLOAD_TYPE, payload)
    yield case("a quorum and a stranger", "unknown-signer", sign(first, [], [line("ciso"), line("dpo"), stranger]))
    yield case("one key and a stranger", "unknown-signer", sign(first, [], [line("dpo"), stranger]))
    yield case("a stranger's signature under a member's keyid", "signature", sign(first, [], [line("dpo"), {**stranger, "keyid": policy.signer("ciso").id}]))
    yield case("changed after signing", "signature", sign({**first, "rules": first["rules"][:2]}, [], [line("ciso"), line("dpo")]))
    other = dsse.encoded("application/json", payload, [policy.signer("dpo"), policy.signer("ciso")])
    yield case("another payload type", "payload-type", other)
    yield case("payload not canonical", "payload", dsse.encoded(policy.PAYLOAD_TYPE, payload + b"\n", [policy.signer("dpo"), policy.signer("ciso")]))
    yield case("unknown field in the policy", "payload", sign({**first, "exceptions": []}, ["dpo", "ciso"]))
    yield case("payload not JSON", "payload", dsse.encoded(policy.PAYLOAD_TYPE, b"policy", [policy.signer("dpo"), policy.signer("ciso")]))
    yield case("envelope not canonical", "envelope", sign(first, ["dpo", "ciso"]) + b"\n")
    yield case("envelope empty", "envelope", b"")
    late = {**first, "metadata": {**first["metadata"], "sequence": 2}}
    yield case("a room's first policy with sequence 2", "first", sign(late, ["dpo", "ciso"]))
    tied = {**first, "metadata": {**first["metadata"], "previous": policy.digest("nothing")}}
    yield case("a room's first policy with a predecessor", "first", sign(tied, ["dpo", "ciso"]))
    yield case("the same policy again", "rollback", sign(first, ["dpo", "ciso"]), first, first)
    third = policy.successor(second)
    yield case("an older policy", "rollback", sign(first, ["dpo", "ciso"]), first, second)
    yield case("a sequence left out", "gap", sign(third, ["dpo", "ciso"]), third, first)
    fork = policy.successor(first, metadata={"previous": policy.digest("another first")})
    yield case("another predecessor", "fork", sign(fork, ["dpo", "ciso"]), fork, first)
    loose = {**second, "metadata": {k: v for k, v in second["metadata"].items() if k != "previous"}}
    yield case("no predecessor named", "fork", sign(loose, ["dpo", "ciso"]), loose, first)
    yield case("not yet valid", "not-yet-valid", sign(first, ["dpo", "ciso"]), now=clock.at(-86401))
    yield case("at its first moment", "ok", sign(first, ["dpo", "ciso"]), now=first["metadata"]["notBefore"])
    yield case("expired", "expired", sign(first, ["dpo", "ciso"]), now=first["metadata"]["expires"])
    renewed = policy.successor(first, authority=policy.authority("dpo2", "ciso2"))
    yield case("new keys under the new quorum only", "threshold", sign(renewed, ["dpo2", "ciso2"]), renewed, first, why="old and new quorum must agree")
    yield case("new keys under the old quorum only", "threshold", sign(renewed, ["dpo", "ciso"]), renewed, first, why="the new keys must show that they exist")
    yield case("new keys under both quorums", "ok", sign(renewed, ["dpo", "ciso", "dpo2", "ciso2"]), renewed, first)
    kept = policy.successor(first, authority=policy.authority("dpo", "ciso2"))
    yield case("one key stays and counts in both quorums", "ok", sign(kept, ["dpo", "ciso", "ciso2"]), kept, first)
    lower = policy.successor(first, authority=policy.authority("dpo", "ciso", "mdir", threshold=1))
    yield case("a lower threshold takes the old one", "threshold", sign(lower, ["dpo"]), lower, first)


def files():
    source = "contract: policy additions; the meaning and fine print of the policy language"

    def made(about, cases, more=""):
        shelf = _Shelf()
        found = list(cases(shelf))
        return vectors(about + " Policies are canonical and lie in `policies` under their digest.", source + more, found, policies=shelf)

    return {
        "decision.json": made("A policy, a canonical request, and the decision; `rules` are sorted ids, compare them sorted.", _decisions),
        "join.json": made("Least upper bounds of data classes; `\u22a4` is the implicit top.", _joins),
        "envelope.json": made("Envelopes offered to a room whose last accepted policy is `previous`, at the time `now`.", _envelopes, "; DSSE v1; TUF 5.3"),
    }
