# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Auctions: canonical inputs and the awards that docs/auction.md gives them."""
import hashlib

from .. import auction, jcs
from ..output import b64, vectors

FOLDER = "auction"

JOB = "sha256:" + hashlib.sha256(b"job").hexdigest()


def digest(name):
    return "sha256:" + hashlib.sha256(b"model " + name.encode()).hexdigest()


def bid(name, confidence, cost=4, latency=4):
    return {"confidence": confidence, "costStep": cost, "digest": digest(name), "latencyStep": latency, "model": name}


def excluded(name, *rules):
    return {"digest": digest(name), "kind": "forbidden", "model": name, "reason": "never leaves the site", "rules": list(rules)}


def knows(*known):
    made = [{"digest": digest(name), "model": name, "right": right, "wrong": wrong} for name, right, wrong in known]
    return sorted(made, key=lambda each: each["digest"])


def given(bids, microtask="0000/spam", **changes):
    result = {
        "attempt": 1, "bids": sorted(bids, key=lambda each: each["digest"]), "budgetRemaining": 50_000, "exclusions": [],
        "exploration": {"floor": 20_000_000, "margin": 100_000_000},
        "features": {"class": "pii", "language": "und", "lengthStep": 2, "purpose": "customer-support", "schema": digest("schema"), "type": "spam"},
        "job": "01JOB", "jobDigest": JOB, "late": [], "microtask": microtask, "minBids": 1, "policy": {"digest": digest("policy"), "sequence": 1},
        "previous": auction.NOTHING, "prior": [], "round": 1, "sequence": 0,
        "weights": {"latency": 100_000_000, "price": 300_000_000, "quality": 600_000_000, "reserve": 0, "risk": 0}, **changes,
    }
    for name in ("exclusions", "late"):
        result[name] = sorted(result[name], key=lambda each: each["digest"])
    result.setdefault("seed", auction.seed(result["jobDigest"], result["round"], result["microtask"]))
    return result


def _good():
    two = [bid("bogofilter", 60, 2, 3), bid("naive-bayes", 61, 4, 5)]
    three = [*two, bid("third", 30, 1, 1)]
    weights = given([])["weights"]
    failed = {"code": "crashed", "cost": 120, "digest": digest("naive-bayes"), "model": "naive-bayes"}
    late = [{"digest": digest("slow"), "model": "slow", "reason": "late"}, {"digest": digest("mute"), "model": "mute", "reason": "silent"},
            {"digest": digest("liar"), "model": "liar", "reason": "invalid"}, {"digest": digest("dead"), "model": "dead", "reason": "failed"}]
    yield "one bidder", given([bid("only", 32)])
    yield "two bidders", given(two)
    yield "bids in the record are sorted by digest", given(list(reversed(three)))
    yield "an excluded model is never scored", given(two, exclusions=[excluded("cloud-oracle", "F1")])
    yield "an excluded model that bids all the same", given([*two, bid("cloud-oracle", 64, 0, 0)], exclusions=[excluded("cloud-oracle", "F1", "clearance")])
    yield "every model excluded", given([], exclusions=[excluded("cloud-oracle", "F1")])
    yield "nobody bids", given([])
    yield "late, silent, invalid and crashed bidders", given(two, late=late)
    yield "only late ones", given([], late=late)
    yield "a late one that is excluded too", given(two, late=late, exclusions=[excluded("slow", "F1")])
    yield "too few bids", given(two, minBids=3)
    yield "too few bids although an excluded one would do", given(two, minBids=2, exclusions=[excluded("naive-bayes", "F1")])
    yield "enough bids", given(three, minBids=3)
    same = [bid(f"twin-{i}", 50, 3, 3) for i in range(4)]
    yield "a tie of four", given(same, exploration={"floor": 0, "margin": 0})
    yield "a tie of four, another microtask", given(same, "0001/spam", exploration={"floor": 0, "margin": 0})
    yield "a tie below the winner", given([bid("best", 64, 0, 0), *same[:2]], exploration={"floor": 0, "margin": 0})
    always = {"floor": 10**9, "margin": 10**15}
    for number in range(6):
        yield f"exploration for certain, microtask {number}", given(three, f"{number:04d}/spam", exploration=always)
    for number in range(40):
        yield f"exploration by chance, microtask {number}", given(three, f"{number:04d}/spam", exploration={"floor": 200_000_000, "margin": 10**9})
    yield "exploration only among plausible bidders", given([*two, bid("weak", 1, 1, 1)], exploration={"floor": 10**9, "margin": 60_000_000})
    yield "no exploration with one plausible bidder", given([bid("best", 64, 0, 0), bid("weak", 1, 0, 0)], exploration={"floor": 10**9, "margin": 1})
    yield "the runner-up takes over", given(two, attempt=2, prior=[failed], budgetRemaining=49_880, sequence=1, previous=digest("previous record"))
    yield "nobody is left", given(two, attempt=3, prior=[failed, {**failed, "digest": digest("bogofilter"), "model": "bogofilter", "code": "hung"}])
    yield "the runner-up costs too much now", given(two, attempt=2, prior=[failed], budgetRemaining=9)
    yield "all over budget", given(two, budgetRemaining=0)
    yield "one over budget", given([bid("cheap", 20, 0), bid("dear", 64, 15)], budgetRemaining=1)
    yield "exactly the budget", given([bid("exact", 64, 4)], budgetRemaining=100)
    yield "below the reserve", given(two, weights={**weights, "reserve": 10**9})
    yield "exactly the reserve", given([bid("exact", 64, 0, 0)], weights={**weights, "reserve": 600_000_000, "price": 0, "latency": 0})
    yield "a negative reserve", given([bid("poor", 0, 8, 8)], weights={**weights, "reserve": -(10**15)})
    yield "negative scores below a reserve of zero", given([bid("poor", 0, 8, 8), bid("poorer", 0, 9, 9)])
    yield "risk", given(two, weights={**weights, "risk": 333_333_333})
    yield "rounding never favours a bidder", given([bid("odd", 7, 1, 1), bid("even", 8, 0, 0)], weights={"latency": 7, "price": 13, "quality": 101, "reserve": -(10**15), "risk": 11})
    yield "largest weights", given(two, weights={"latency": 0, "price": 0, "quality": 10**15, "reserve": 0, "risk": 10**15})
    yield "many bidders", given([bid(f"m{i:03d}", i * 7 % 65, i % 6, i * 3 % 7) for i in range(64)])
    yield "second round", given(two, round=2)
    liar = [bid("liar", 63, 2, 3), bid("honest", 58, 2, 3)]
    yield "a liar wins before anybody checked", given(liar)
    yield "a liar loses after eight of sixteen", given(liar, experience=knows(("liar", 8, 8)))
    yield "a newcomer beats a known model by its claim", given(liar, experience=knows(("honest", 90, 10)))
    yield "both are known", given(liar, experience=knows(("liar", 50, 50), ("honest", 88, 12)))
    yield "one wrong answer", given([bid("only", 64)], experience=knows(("only", 0, 1)))
    yield "one right answer", given([bid("only", 0)], experience=knows(("only", 1, 0)))
    yield "experience with risk", given(liar, experience=knows(("liar", 3, 4), ("honest", 7, 0)), weights={**weights, "risk": 333_333_333})
    yield "experience at the largest weights", given(liar, experience=knows(("liar", 1, 2)), weights={"latency": 0, "price": 0, "quality": 10**15, "reserve": 0, "risk": 10**15})
    yield "a billion answers", given(liar, experience=knows(("liar", 10**9, 10**9), ("honest", 10**9, 1)))
    yield "experience makes a tie", given([bid("a", 32, 3, 3), bid("b", 32, 3, 3)], experience=knows(("a", 4, 4)))
    yield "experience brings a bid below the reserve", given([bid("a", 60, 0, 0)], experience=knows(("a", 0, 64)), weights={**weights, "reserve": 200_000_000})
    yield "the runner-up takes over, with experience", given(
        two, attempt=2, prior=[failed], budgetRemaining=49_880, sequence=1, previous=digest("previous record"), experience=knows(("bogofilter", 5, 1)))
    for number in range(6):
        yield f"exploration with experience, microtask {number}", given(
            liar, f"{number:04d}/spam", exploration={"floor": 500_000_000, "margin": 150_000_000}, experience=knows(("liar", 20, 6)))


def _bad():
    two = [bid("bogofilter", 60, 2, 3), bid("naive-bayes", 61, 4, 5)]
    weights = given([])["weights"]
    yield "seed of another microtask", "seed", given(two, seed=auction.seed(JOB, 1, "0001/spam"))
    yield "bids not sorted", "order", {**given(two), "bids": list(reversed(given(two)["bids"]))}
    yield "one digest twice", "duplicate", given([*two, {**two[0], "model": "again"}])
    yield "one name twice", "duplicate", given([*two, {**bid("third", 3), "model": "bogofilter"}])
    yield "late and bidding", "duplicate", given(two, late=[{"digest": digest("bogofilter"), "model": "bogofilter", "reason": "late"}])
    yield "confidence 65", "range", given([bid("x", 65)])
    yield "confidence -1", "range", given([bid("x", -1)])
    yield "cost step 16", "range", given([bid("x", 1, 16)])
    yield "latency step 16", "range", given([bid("x", 1, 1, 16)])
    yield "budget negative", "range", given(two, budgetRemaining=-1)
    yield "weight negative", "range", given(two, weights={**weights, "price": -1})
    yield "weight too large", "range", given(two, weights={**weights, "quality": 10**15 + 1})
    yield "exploration above one", "range", given(two, exploration={"floor": 10**9 + 1, "margin": 0})
    yield "minBids 0", "range", given(two, minBids=0)
    yield "experience with nobody", "range", {**given(two), "experience": []}
    yield "experience that counts nothing", "range", given(two, experience=knows(("bogofilter", 0, 0)))
    yield "experience of minus one", "range", given(two, experience=knows(("bogofilter", -1, 2)))
    yield "more experience than a billion", "range", given(two, experience=knows(("bogofilter", 10**9 + 1, 0)))
    yield "experience with one that did not bid", "experience", given(two, experience=knows(("third", 1, 0)))
    yield "experience under another name", "experience", given(two, experience=[{**knows(("bogofilter", 1, 0))[0], "model": "naive-bayes"}])
    yield "experience twice", "duplicate", given(two, experience=knows(("bogofilter", 1, 0), ("bogofilter", 2, 0)))
    yield "experience not sorted", "order", given(two, experience=list(reversed(knows(("bogofilter", 1, 0), ("naive-bayes", 2, 0)))))
    yield "a latency term that leaves 64 bits", "overflow", given([bid("x", 1, 1, 15)], weights={**weights, "latency": 10**15})


def files():
    good = []
    for name, each in _good():
        made = auction.record(each)
        good.append({"name": name, "expect": "ok", "input": b64(jcs.encode(each)), "award": b64(jcs.encode(made["award"])), "record": jcs.digest(jcs.encode(made))})
    bad = [{"name": name, "expect": code, "input": b64(jcs.encode(each))} for name, code, each in _bad()]
    scored = [each["award"] for each in (auction.record(g) for _, g in _good())]
    assert any(each["explored"] for each in scored) and any("draw" in each and not each["explored"] for each in scored)
    return {
        "award.json": vectors(
            "Canonical auction inputs, their canonical awards, and the digest of the whole record", "docs/auction.md, versions 1 and 2", good),
        "refused.json": vectors("Canonical auction inputs that are refused, with the code", "docs/auction.md, versions 1 and 2", bad),
    }
