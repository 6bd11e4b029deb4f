# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The auction of docs/auction.md, versions 1 and 2, written from that page alone."""
import hashlib

COST = [1, 3, 10, 30, 100, 300, 1000, 3000, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7, 3 * 10**7]
LATENCY = COST
LOSS = {"failed": 1, "late": 2, "silent": 2, "invalid": 3, "below-reserve": 100, "lower-score": 102, "excluded": 104, "over-budget": 500, "too-few-bids": 501}
NOTHING = "sha256:" + "0" * 64


def seed(job_digest, round_, microtask):
    data = b"atomic/auction/seed/v1\x00" + bytes.fromhex(job_digest[7:]) + round_.to_bytes(8, "big") + microtask.encode()
    return hashlib.sha256(data).hexdigest()


def _u(seed_hex, k):
    return int.from_bytes(hashlib.sha256(bytes.fromhex(seed_hex) + k.to_bytes(8, "big")).digest()[:8], "big")


def _below(seed_hex, k, n):
    return _u(seed_hex, k) * n >> 64


def _ceil(a, b):
    return -(-a // b)


K = 16


def score(bid, weights, known):
    price = COST[bid["costStep"]]
    claim = bid["confidence"] * 15_625_000
    chance, extra = claim, {}
    if known:
        right, wrong = known["right"], known["wrong"]
        chance = 10**9 * (K * bid["confidence"] + 64 * right) // (64 * (K + right + wrong))
        extra = {"claimed": claim, "right": right, "wrong": wrong}
    gain = weights["quality"] * chance // 10**9
    risk = _ceil(weights["risk"] * (10**9 - chance), 10**9)
    cost = _ceil(weights["price"] * price, 10000)
    latency = _ceil(weights["latency"] * LATENCY[bid["latencyStep"]], 1000)
    return {"cost": cost, "digest": bid["digest"], "gain": gain, "latency": latency, "model": bid["model"], "price": price,
            "probability": chance, "risk": risk, "score": gain - cost - latency - risk, **extra}


def hold(given):
    weights, tried = given["weights"], {each["digest"] for each in given["prior"]}
    excluded = {each["digest"] for each in given["exclusions"]}
    known = {each["digest"]: each for each in given.get("experience", [])}
    scores = [score(bid, weights, known.get(bid["digest"])) for bid in given["bids"] if bid["digest"] not in excluded]
    few = len(scores) < given["minBids"]
    why, ranked = {}, []
    for each in scores:
        if each["digest"] in tried:
            why[each["digest"]] = "failed"
        elif few:
            why[each["digest"]] = "too-few-bids"
        elif each["price"] > given["budgetRemaining"]:
            why[each["digest"]] = "over-budget"
        elif each["score"] < weights["reserve"]:
            why[each["digest"]] = "below-reserve"
        else:
            why[each["digest"]] = "lower-score"
            ranked.append(each)
    keys = {bid["digest"]: _u(given["seed"], 2 + i) >> 11 for i, bid in enumerate(given["bids"])}
    ranked.sort(key=lambda each: (-each["score"], -keys[each["digest"]], each["digest"]))
    equal = [each["score"] for each in ranked]
    award = {"explored": False, "ranking": [each["model"] for each in ranked], "scores": scores,
             "ties": [{"draw": keys[each["digest"]], "model": each["model"]} for each in scores if each in ranked and equal.count(each["score"]) > 1]}
    if ranked:
        chosen = 0
        plausible = [each for each in ranked if ranked[0]["score"] - each["score"] <= given["exploration"]["margin"]]
        if not given["prior"] and given["exploration"]["floor"] > 0 and len(plausible) >= 2:
            coin = _below(given["seed"], 0, 10**9)
            award["draw"] = {"coin": coin, "plausible": [each["model"] for each in plausible]}
            if coin < given["exploration"]["floor"]:
                chosen = _below(given["seed"], 1, len(plausible))
                award["draw"]["pick"] = chosen
                award["explored"] = True
        award["winner"] = ranked[chosen]["model"]
        award["secondScore"] = ranked[chosen + 1]["score"] if chosen + 1 < len(ranked) else weights["reserve"]
        if len(ranked) > 1:
            award["runnerUp"] = ranked[1 if chosen == 0 else 0]["model"]
    else:
        left = [each for each in scores if each["digest"] not in tried]
        if not scores:
            award["void"] = "no-eligible-bid"
        elif few:
            award["void"] = "too-few-bids"
        elif not left:
            award["void"] = "exhausted"
        elif any(each["price"] > given["budgetRemaining"] for each in left):
            award["void"] = "over-budget"
        else:
            award["void"] = "below-reserve"
    people = {each["digest"]: (each["model"], each["reason"]) for each in given["late"]}
    people |= {each["digest"]: (each["model"], why[each["digest"]]) for each in scores}
    people |= {each["digest"]: (each["model"], "excluded") for each in given["exclusions"]}
    award["losses"] = [{"code": LOSS[reason], "digest": digest, "model": model, "reason": reason}
                       for digest, (model, reason) in sorted(people.items()) if model != award.get("winner")]
    return award


def record(given):
    return {"award": hold(given), "input": given, "kind": "auction", "v": 2 if "experience" in given else 1}


def credits(made, outcome, cost, latency_ms):
    """What a winner earns: nothing while its answer is merely valid, and never the value of an answer that failed."""
    weights = made["input"]["weights"]
    if outcome == "valid":
        return 0
    worth = weights["quality"] if outcome == "right" else -weights["risk"]
    return worth - _ceil(weights["price"] * cost, 10000) - _ceil(weights["latency"] * latency_ms, 1000) - made["award"]["secondScore"]
