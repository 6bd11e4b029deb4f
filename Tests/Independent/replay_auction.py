#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Computes awards again from auction records, by docs/auction.md alone.

    replay_auction.py RECORD.json...     prints `ok FILE WINNER` per record; exits 1 at the first difference

Only Python's standard library, and nothing of the Swift code: this is the second opinion on every award.
"""
import hashlib
import json
import math
import sys

STEPS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000, 300000, 1000000, 3000000, 10000000, 30000000]
BILLION = 10**9
CLAIM_WORTH = 16
EXACT = 2**53 - 1
LOSS_CODES = {
    "failed": 1, "late": 2, "silent": 2, "invalid": 3, "below-reserve": 100, "lower-score": 102, "excluded": 104,
    "over-budget": 500, "too-few-bids": 501,
}


class Refused(Exception):
    """The input is not one that an auction accepts."""


def kept(value):
    if abs(value) > EXACT:
        raise Refused("overflow")
    return value


def product(a, b, divisor, up):
    if a * b >= 2**63:
        raise Refused("overflow")
    return kept(-(-a * b // divisor) if up else a * b // divisor)


def raw_digest(name):
    if not name.startswith("sha256:") or len(name) != 71:
        raise Refused("digest")
    return bytes.fromhex(name[7:])


def derive_seed(inp):
    return hashlib.sha256(
        b"atomic/auction/seed/v1\0" + raw_digest(inp["jobDigest"]) + inp["round"].to_bytes(8, "big")
        + inp["microtask"].encode()).digest()


def draw(seed, counter):
    return int.from_bytes(hashlib.sha256(seed + counter.to_bytes(8, "big")).digest()[:8], "big")


MASK = 2**64 - 1
GUARD = BILLION
EXPLORING = 300_000_000


def fast_draw(seed, counter):
    """SplitMix64 by counter: the draws of learned auctions."""
    word = int.from_bytes(seed[:8], "big") + 0x9E3779B97F4A7C15 * (counter + 1) & MASK
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & MASK
    word = (word ^ word >> 27) * 0x94D049BB133111EB & MASK
    return word ^ word >> 31


def normal(bits):
    total = sum(bits >> shift & 0xFFFF for shift in (0, 16, 32, 48)) - 131070
    return total * 1_732_050_808 // 65536


def up(value, by, divisor):
    return kept(-(-value * by // divisor))


def learned_score(inp, bid, position, seed):
    """Score of a bid by what was learned; its explored part and its usual score beside it."""
    learning, weights = inp["learning"], inp["weights"]
    quality, deviation, cost, cost_deviation, latency, usual_quality, usual_cost = learning["forecasts"][position]
    drawn = 0
    if inp["exploration"]["floor"] > 0 and learning["engine"]["name"] == "linucb":
        drawn = deviation // 2
    elif inp["exploration"]["floor"] > 0:
        drawn = normal(fast_draw(seed, 2 + position)) * deviation // BILLION * EXPLORING // BILLION
    hoped = quality + drawn
    certain = min(BILLION, max(0, hoped))
    gain = kept(weights["quality"] * hoped // BILLION)
    pace = learning["pace"]
    money = kept(up(weights["price"], cost, 10000) + up(pace["pressure"], cost, pace["share"]))
    time = up(weights["latency"], latency, 1000)
    risk = up(weights["risk"], BILLION - certain, BILLION)
    usual = weights["quality"] * usual_quality // BILLION - up(weights["price"], usual_cost, 10000) - time
    scatter = (weights["quality"] * deviation // BILLION, up(weights["price"], cost_deviation, 10000))
    return {
        "model": bid["model"], "digest": bid["digest"], "price": STEPS[bid["costStep"]],
        "score": kept(gain - money - time - risk), "drawn": drawn, "usual": kept(usual), "scatter": scatter,
    }


def hypotenuse(a, b):
    shift = max(0, max(a, b).bit_length() - 31)
    a, b = a >> shift, b >> shift
    return math.isqrt(a * a + b * b) << shift


def prefer_incumbent(inp, ranked):
    """Puts the incumbent first unless the best one's gain is above the guard; says who it is and why."""
    best, usual = ranked[0], ranked[0]
    for scored in ranked:
        if scored["usual"] > usual["usual"]:
            usual = scored
    if usual is best:
        return usual["model"], "incumbent-is-best"
    if inp["exploration"]["floor"] > 0:
        return usual["model"], "drawn" if best["drawn"] > usual["drawn"] else "gain-above-guard"
    spread = hypotenuse(hypotenuse(*best["scatter"]), hypotenuse(*usual["scatter"]))
    if best["score"] - usual["score"] > GUARD * spread // BILLION:
        return usual["model"], "gain-above-guard"
    ranked.remove(usual)
    ranked.insert(0, usual)
    return usual["model"], "incumbent-guarded"


def check_learning(inp):
    learning = inp["learning"]
    if learning["engine"]["name"] not in ("hierarchical-thompson", "linucb"):
        raise Refused("learning")
    if "experience" in inp or len(learning["forecasts"]) != len(inp["bids"]) or learning["settings"] != 1:
        raise Refused("learning")
    if learning["pace"]["share"] < 1 or learning["pace"]["pressure"] < 0:
        raise Refused("range")
    for forecast in learning["forecasts"]:
        if len(forecast) != 7 or min(forecast) < 0 or max(forecast[0], forecast[5]) > BILLION:
            raise Refused("range")


def check(inp):
    for name in ("bids", "exclusions", "late"):
        digests = [raw_digest(entry["digest"]) for entry in inp[name]]
        if len(set(digests)) != len(digests):
            raise Refused("duplicate")
        if digests != sorted(digests):
            raise Refused("order")
    if {b["digest"] for b in inp["bids"]} & {l["digest"] for l in inp["late"]}:
        raise Refused("duplicate")
    for bid in inp["bids"]:
        if not (0 <= bid["confidence"] <= 64 and 0 <= bid["costStep"] <= 15 and 0 <= bid["latencyStep"] <= 15):
            raise Refused("range")
    if "experience" in inp:
        names = {bid["digest"]: bid["model"] for bid in inp["bids"]}
        digests = [raw_digest(entry["digest"]) for entry in inp["experience"]]
        if digests != sorted(set(digests)) or not digests:
            raise Refused("order")
        for entry in inp["experience"]:
            if names.get(entry["digest"]) != entry["model"]:
                raise Refused("experience")
            if not (0 <= entry["right"] <= BILLION and 0 <= entry["wrong"] <= BILLION and entry["right"] + entry["wrong"]):
                raise Refused("range")
    if "learning" in inp:
        check_learning(inp)
    seed = derive_seed(inp)
    if seed.hex() != inp["seed"]:
        raise Refused("seed")
    return seed


def score(weights, bid, known):
    confidence, price, time = bid["confidence"], STEPS[bid["costStep"]], STEPS[bid["latencyStep"]]
    claimed = confidence * 15625000
    probability, beside = claimed, {}
    if known:
        right, wrong = known["right"], known["wrong"]
        probability = BILLION * (CLAIM_WORTH * confidence + 64 * right) // (64 * (CLAIM_WORTH + right + wrong))
        beside = {"claimed": claimed, "right": right, "wrong": wrong}
    gain = kept(weights["quality"] * probability // BILLION)
    cost = product(weights["price"], price, 10000, True)
    latency = product(weights["latency"], time, 1000, True)
    risk = kept(-(-weights["risk"] * (BILLION - probability) // BILLION))
    return {
        "model": bid["model"], "digest": bid["digest"], "probability": probability, "price": price,
        "gain": gain, "cost": cost, "latency": latency, "risk": risk, "score": kept(gain - cost - latency - risk),
        **beside,
    }


def standing(inp, scored):
    """Why a scored bid cannot be awarded; None when it can."""
    if scored["digest"] in {entry["digest"] for entry in inp["prior"]}:
        return "failed"
    if scored["price"] > inp["budgetRemaining"]:
        return "over-budget"
    if scored["score"] < inp["weights"]["reserve"]:
        return "below-reserve"
    return None


def void_reason(inp, scores):
    if not scores:
        return "no-eligible-bid"
    if len(scores) < inp["minBids"]:
        return "too-few-bids"
    left = [s for s in scores if standing(inp, s) != "failed"]
    if not left:
        return "exhausted"
    return "over-budget" if any(s["price"] > inp["budgetRemaining"] for s in left) else "below-reserve"


def losses(inp, scores, winner, too_few):
    excluded = {entry["digest"] for entry in inp["exclusions"]}
    found = [(entry, "excluded") for entry in inp["exclusions"]]
    found += [(entry, entry["reason"]) for entry in inp["late"] if entry["digest"] not in excluded]
    for scored in scores:
        if scored["model"] == winner:
            continue
        reason = standing(inp, scored) or "lower-score"
        if too_few and reason != "failed":
            reason = "too-few-bids"
        found.append((scored, reason))
    found.sort(key=lambda pair: raw_digest(pair[0]["digest"]))
    return [{"model": e["model"], "digest": e["digest"], "reason": r, "code": LOSS_CODES[r]} for e, r in found]


def award(inp):
    seed = check(inp)
    weights, exploration = inp["weights"], inp["exploration"]
    excluded = {entry["digest"] for entry in inp["exclusions"]}
    experience = {entry["digest"]: entry for entry in inp.get("experience", [])}
    positions, scores = {}, []
    for position, bid in enumerate(inp["bids"]):
        if bid["digest"] not in excluded:
            positions[bid["model"]] = position
            if "learning" in inp:
                scores.append(learned_score(inp, bid, position, seed))
            else:
                scores.append(score(weights, bid, experience.get(bid["digest"])))

    ranked = [] if len(scores) < inp["minBids"] else [s for s in scores if standing(inp, s) is None]
    counts = {}
    for scored in ranked:
        counts[scored["score"]] = counts.get(scored["score"], 0) + 1
    draw_of, first = (fast_draw, 2 + len(inp["bids"])) if "learning" in inp else (draw, 2)
    keys = {s["model"]: draw_of(seed, first + positions[s["model"]]) >> 11 for s in ranked if counts[s["score"]] > 1}
    ties = [{"model": s["model"], "draw": keys[s["model"]]} for s in ranked if s["model"] in keys]
    # `ranked` is in digest order and the sort is stable, so equal keys keep it.
    ranked.sort(key=lambda s: (-s["score"], -keys.get(s["model"], 0)))
    incumbent = prefer_incumbent(inp, ranked) if "learning" in inp and ranked else None

    result = {"explored": False, "ranking": [s["model"] for s in ranked], "scores": scores, "ties": ties}
    if incumbent:
        result["incumbent"], result["reason"] = incumbent
    if not ranked:
        result["void"] = void_reason(inp, scores)
        result["losses"] = losses(inp, scores, None, result["void"] == "too-few-bids")
        return result

    chosen = 0
    near = [s["model"] for s in ranked if ranked[0]["score"] - s["score"] <= exploration["margin"]]
    if not inp["prior"] and exploration["floor"] > 0 and len(near) > 1:
        coin = draw_of(seed, 0) * BILLION >> 64
        result["draw"] = {"coin": coin, "plausible": near}
        if coin < exploration["floor"]:
            chosen = draw_of(seed, 1) * len(near) >> 64
            result["draw"]["pick"] = chosen
            result["explored"] = True
    result["winner"] = ranked[chosen]["model"]
    others = [s["model"] for i, s in enumerate(ranked) if i != chosen]
    if others:
        result["runnerUp"] = others[0]
    result["secondScore"] = ranked[chosen + 1]["score"] if chosen + 1 < len(ranked) else weights["reserve"]
    if "learning" in inp:
        result["secondScore"] = min(result["secondScore"], ranked[chosen]["score"])
    result["losses"] = losses(inp, scores, result["winner"], False)
    return result


def replay(path):
    with open(path, "rb") as file:
        record = json.loads(file.read())
    if set(record) != {"award", "input", "kind", "v"} or record["kind"] != "auction":
        raise Refused("record")
    learned = "learning" in record["input"]
    if record["v"] != (3 if learned else 2 if "experience" in record["input"] else 1):
        raise Refused("record")
    stored = record.pop("award")
    again = award(record["input"])
    if learned:
        # Such a record stores who won and why; the rest follows.
        for member in ("losses", "ranking", "scores", "ties"):
            del again[member]
    for member in sorted(set(stored) | set(again)):
        if stored.get(member) != again.get(member):
            print(f"{path}: award.{member}: stored {stored.get(member)}, computed {again.get(member)}")
            return False
    print(f"ok {path} {again.get('winner', again.get('void'))}")
    return True


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    good = True
    for path in sys.argv[1:]:
        try:
            good = replay(path) and good
        except (Refused, KeyError, TypeError, ValueError) as error:
            print(f"{path}: refused: {error}")
            good = False
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
