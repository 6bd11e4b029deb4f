#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Computes learned forecasts and awards again, by docs/auction.md ("Learning") alone.

    replay_learning.py STEPS.jsonl     prints one line per auction, and the SHA-256 of those lines as the last one

A step: {"type","seed","explores","bidders":[{"digest","claim","unitPrice"}],"learn":[{"bidder","quality","cost","latency"}]},
the first line of the file: {"quality","price","latency","unitsPerPrice"}. Only Python's standard library, and nothing of the
Swift code. Python's `//` rounds towards minus infinity, as the page asks.
"""
import hashlib
import json
import math
import sys

ONE = 10**9
MODEL, TYPE, SPREAD, CELLS, PRICE, COST, CURVE = 4000, 8000, 16000, 4, 2000, 4000, 64000
SLOPE, ROOM_SLOPE, MOST_SLOPE = ONE, ONE, 3 * ONE // 2
MEMORY, DRIFT_GUARD, DRIFT_WINDOW = 8192, 9 * ONE // 2, 32
EXPLORATION, GUARD = 3 * ONE // 10, ONE // 4
BINS = 16


def times(a, b):
    return a * b // ONE


def fraction(value):
    return min(ONE, max(0, value))


def root_of_fraction(value):
    return math.isqrt(min(max(0, value), 4 * ONE) * ONE)


def raised(value, step):
    edge, result = min(ONE // 50, ONE - value), value + step
    if result <= ONE - edge:
        return result
    return ONE if edge <= 0 else ONE - edge * edge // (result - ONE + 2 * edge)


def moved(value, step):
    return ONE - raised(ONE - value, -step) if step < 0 else raised(value, step)


class Tally:
    def __init__(self):
        self.count = self.quality = self.cost = self.latency = self.claims = self.claimed = 0

    def add(self, outcome, quality, claim):
        self.count += 1
        self.quality += quality
        self.cost += outcome["cost"]
        self.latency += outcome["latency"]
        if claim is not None:
            self.claims += 1
            self.claimed += claim

    def halve(self):
        for name in ("count", "quality", "cost", "latency", "claims", "claimed"):
            setattr(self, name, getattr(self, name) // 2)

    def mean(self, name, prior, worth):
        count = self.claims if name == "claimed" else self.count
        weight = count * 1000 + worth
        if weight <= 0:
            return prior
        return getattr(self, name) * 1000 // weight + prior * worth // weight


class Cell:
    def __init__(self):
        self.tally, self.recent, self.recent_quality = Tally(), 0, 0

    def add(self, outcome, claim):
        tally = self.tally
        tally.add(outcome, outcome["quality"], claim)
        self.recent += 1
        self.recent_quality += outcome["quality"]
        if tally.count >= MEMORY:
            tally.halve()
        if self.recent < DRIFT_WINDOW:
            return False
        changed = self.changed()
        if changed:
            while tally.count > 2 * self.recent:
                tally.halve()
            tally.quality = self.recent_quality * tally.count // self.recent
        self.recent = self.recent_quality = 0
        return changed

    def changed(self):
        before = self.tally.count - self.recent
        if before < self.recent:
            return False
        old = (self.tally.quality - self.recent_quality) // before
        new = self.recent_quality // self.recent
        mean = fraction((self.tally.quality + ONE) // (self.tally.count + 2))
        variance = times(mean, ONE - mean)
        return abs(new - old) > times(DRIFT_GUARD, root_of_fraction(variance // self.recent + variance // before))


class Slope:
    def __init__(self):
        self.spread = self.common = 0

    def add(self, claim, outcome, earlier):
        self.spread += times(claim, claim) * earlier // (earlier + 1)
        self.common += times(claim, outcome) * earlier // (earlier + 1)

    def add_signal(self, signal, surprise):
        self.spread += times(signal, signal)
        self.common += times(signal, surprise)

    def halve(self):
        self.spread //= 2
        self.common //= 2

    def slope(self, prior, worth, most):
        return min(most, max(0, (self.common + times(worth, prior)) * ONE // (self.spread + worth)))


class Curve:
    def __init__(self):
        self.counts, self.surpluses = [0] * BINS, [0] * BINS

    def add(self, forecast, outcome):
        place = min(BINS - 1, fraction(forecast) * BINS // ONE)
        self.counts[place] += 1
        self.surpluses[place] += outcome - forecast

    def halve(self):
        self.counts = [count // 2 for count in self.counts]
        self.surpluses = [surplus // 2 for surplus in self.surpluses]

    def mean(self, place):
        return self.surpluses[place] * 1000 // (self.counts[place] * 1000 + CURVE)

    def correction(self, forecast):
        width = ONE // BINS
        place = min(max(0, fraction(forecast) - width // 2), (BINS - 1) * width)
        low = min(place // width, BINS - 2)
        return self.mean(low) + (self.mean(low + 1) - self.mean(low)) * (place - low * width) // width


class Type:
    def __init__(self):
        self.count = self.surplus = self.metered = self.usual = 0

    def add(self, surplus, metered, usual):
        self.count += 1
        self.surplus += surplus
        self.metered += metered
        self.usual += usual
        if self.count >= 65536:
            self.count //= 2
            self.surplus //= 2
            self.metered //= 2
            self.usual //= 2

    def quality(self):
        return self.surplus * 1000 // (self.count * 1000 + TYPE)

    def cost(self, cost):
        if self.count == 0 or self.usual == 0:
            return cost
        weight = self.count * 1000 + COST
        return (cost * self.metered // self.usual) * self.count * 1000 // weight + cost * COST // weight


class Model:
    def __init__(self):
        self.usual, self.cells = Tally(), {}
        self.slope, self.field_slope, self.curve = Slope(), Slope(), Curve()


class Engine:
    def __init__(self):
        self.models, self.types, self.room = {}, {}, Tally()
        self.room_slope, self.room_field_slope = Slope(), Slope()
        self.squares = self.cost_squares = self.surprises = 0
        self.worth, self.due = SPREAD, 64

    def estimate(self, bidder, kind):
        model = self.models.get(bidder["digest"]) or Model()
        cell = model.cells[kind].tally if kind in model.cells else Tally()
        offset = self.types.get(kind) or Type()
        usual_quality = model.usual.mean("quality", self.room.mean("quality", ONE // 2, 2000), MODEL)
        expected = fraction(usual_quality + offset.quality())
        said, claim = 0, claim_of(bidder)
        if claim is not None:
            general = model.usual.mean("claimed", self.room.mean("claimed", claim, 0), MODEL)
            shared = self.room_slope.slope(0, ROOM_SLOPE, MOST_SLOPE)
            slope = model.slope.slope(shared, SLOPE, MOST_SLOPE)
            said = times(slope, claim - cell.mean("claimed", general, self.worth))
        usual_cost = model.usual.mean("cost", bidder["unitPrice"], PRICE)
        return {
            "model": model, "cell": cell, "usualQuality": usual_quality, "expected": expected, "said": said,
            "quality": cell.mean("quality", expected, self.worth), "usualCost": max(0, usual_cost),
            "speaks": claim is not None and model.slope.spread >= SLOPE,
            "cost": max(0, cell.mean("cost", offset.cost(usual_cost), COST)),
        }

    def field(self, estimates):
        saying = [estimate["said"] for estimate in estimates if estimate["speaks"]]
        return sum(saying) // len(saying) if saying else 0

    def forecast(self, bidders, kind):
        estimates = [self.estimate(bidder, kind) for bidder in bidders]
        field = self.field(estimates)
        return [self.forecast_one(estimate, field) for estimate in estimates]

    def forecast_one(self, estimate, field):
        model, cell = estimate["model"], estimate["cell"]
        follows, bent = 0, 0
        if field != 0 and not estimate["speaks"]:
            shared = self.room_field_slope.slope(0, ROOM_SLOPE, 2 * MOST_SLOPE)
            follows = times(model.field_slope.slope(shared, SLOPE, 2 * MOST_SLOPE), field)
        said = moved(estimate["quality"], estimate["said"] + follows)
        if estimate["speaks"]:
            bent = model.curve.correction(said)
        variance = times(estimate["expected"], ONE - estimate["expected"])
        strength = cell.count * 1000 + self.worth
        share = self.worth * ONE // strength
        inherited = variance * 1000 // (model.usual.count * 1000 + MODEL + 1000)
        deviation = root_of_fraction(variance * 1000 // (strength + 1000) + times(times(share, share), inherited))
        cost_noise = (self.cost_squares + 10 * 250000000) // (self.surprises + 10)
        cost_share = cost_noise * 1000 // (cell.count * 1000 + COST)
        usual_latency = model.usual.mean("latency", self.room.mean("latency", 0, 1), PRICE)
        return {
            "quality": moved(said, bent), "deviation": deviation, "cost": estimate["cost"],
            "costDeviation": times(estimate["cost"], root_of_fraction(cost_share)),
            "latency": cell.mean("latency", usual_latency, COST), "usualQuality": fraction(estimate["usualQuality"]),
            "usualCost": estimate["usualCost"],
        }

    def learn(self, outcomes, bidders, kind):
        estimates = [self.estimate(bidder, kind) for bidder in bidders]
        forecasts = self.forecast(bidders, kind)
        self.learn_noise([outcome["quality"] - forecasts[outcome["bidder"]]["quality"] for outcome in outcomes])
        field = self.field(estimates)
        for outcome in outcomes:
            bidder, estimate = bidders[outcome["bidder"]], estimates[outcome["bidder"]]
            ratio = min(5 * ONE, outcome["cost"] * ONE // estimate["cost"]) if estimate["cost"] > 0 else ONE
            self.cost_squares += times(ratio - ONE, ratio - ONE)
            self.learn_slopes(outcome, bidder, kind, estimate, field)
            self.learn_tallies(outcome, bidder, kind, estimate)
        if self.surprises >= self.due:
            self.update_spread()

    def learn_noise(self, surprises):
        count = len(surprises)
        common = sum(surprises) // count if count > 1 else 0
        for surprise in surprises:
            square = times(surprise - common, surprise - common)
            self.squares += square * count // (count - 1) if count > 1 else square
            self.surprises += 1

    def learn_slopes(self, outcome, bidder, kind, estimate, field):
        quality, claim = outcome["quality"], claim_of(bidder)
        if field != 0 and not estimate["speaks"]:
            model = self.models.setdefault(bidder["digest"], Model())
            for slope in (model.field_slope, self.room_field_slope):
                slope.add_signal(field, quality - estimate["quality"])
        model = self.models.get(bidder["digest"])
        if estimate["speaks"]:
            model.curve.add(moved(estimate["quality"], estimate["said"]), quality)
        if claim is None or model is None or kind not in model.cells or model.cells[kind].tally.claims == 0:
            return
        cell = model.cells[kind].tally
        steps = (claim - cell.mean("claimed", 0, 0), quality - cell.mean("quality", 0, 0), cell.claims)
        model.slope.add(*steps)
        self.room_slope.add(*steps)

    def learn_tallies(self, outcome, bidder, kind, estimate):
        claim, offset = claim_of(bidder), self.types.setdefault(kind, Type())
        of_type = offset.quality()
        offset.add(outcome["quality"] - fraction(estimate["usualQuality"]), outcome["cost"], estimate["usualCost"])
        self.room.add(outcome, outcome["quality"], claim)
        if self.room.count >= 262144:
            self.room.halve()
        model = self.models.setdefault(bidder["digest"], Model())
        model.usual.add(outcome, outcome["quality"] - of_type, claim)
        if model.usual.count >= 262144:
            model.usual.halve()
        if model.cells.setdefault(kind, Cell()).add(outcome, claim):
            for part in (model.usual, model.slope, model.curve, model.field_slope):
                part.halve()

    def update_spread(self):
        self.due = self.surprises + max(64, self.surprises // 8)
        noise = max(1, (self.squares + 10 * 200000000) // (self.surprises + 10))
        weight = CELLS * 341
        excess = noise * 1000 // SPREAD * weight
        kinds = {}
        for model in self.models.values():
            for kind, cell in model.cells.items():
                if cell.tally.count > 0:
                    distance = cell.tally.mean("quality", 0, 0) - model.usual.mean("quality", 0, 0)
                    kinds.setdefault(kind, []).append((cell.tally.count, distance, model.usual.count))
        for cells in kinds.values():
            offset = sum(count * distance for count, distance, _ in cells) // sum(count for count, _, _ in cells)
            for count, distance, of_model in cells:
                if len(cells) < 2 or of_model <= count:
                    continue
                cell_weight = 1024 * count // (32 + count)
                free = (ONE - count * ONE // of_model) * (len(cells) - 1) // len(cells)
                excess += (times(distance - offset, distance - offset) - times(noise // count, free)) * cell_weight
                weight += times(free, cell_weight)
        if excess <= 0 or weight <= 0:
            self.worth = ONE
        else:
            self.worth = min(max(noise * 1000 // max(1, excess // weight), 1000), ONE)


def claim_of(bidder):
    return None if bidder.get("claim") is None else bidder["claim"] * 15625000


MASK = 2**64 - 1


def draw(seed, counter):
    """SplitMix64 by counter, from the first eight bytes of the seed."""
    word = int.from_bytes(seed[:8], "big") + 0x9E3779B97F4A7C15 * (counter + 1) & MASK
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & MASK
    word = (word ^ word >> 27) * 0x94D049BB133111EB & MASK
    return word ^ word >> 31


def normal(bits):
    total = sum(bits >> shift & 0xFFFF for shift in (0, 16, 32, 48))
    return (total - 131070) * 1732050808 // 65536


def worth(weights, quality, cost, latency):
    return (times(weights["quality"], quality) + -weights["price"] * cost // weights["unitsPerPrice"]
            + -weights["latency"] * latency // 1000)


def hypotenuse(a, b):
    shift = max(0, max(a, b).bit_length() - 31)
    return math.isqrt((a >> shift) ** 2 + (b >> shift) ** 2) << shift


def best(scores, seed, name, without=None):
    others = [i for i in range(len(scores)) if i != without]
    if not others:
        return None
    most = max(scores[i][name] for i in others)
    tied = [i for i in others if scores[i][name] == most]
    if len(tied) == 1:
        return tied[0]
    return max(tied, key=lambda i: (draw(seed, 2 + len(scores) + i) >> 11, -i))


def hold(engine, step, weights):
    bidders = sorted(step["bidders"], key=lambda bidder: bidder["digest"])
    seed, scores = bytes.fromhex(step["seed"]), []
    for place, forecast in enumerate(engine.forecast(bidders, step["type"])):
        explored = 0
        if step["explores"]:
            explored = times(times(normal(draw(seed, 2 + place)), forecast["deviation"]), EXPLORATION)
        scores.append({
            **forecast, "digest": bidders[place]["digest"], "explored": explored,
            "score": worth(weights, forecast["quality"] + explored, forecast["cost"], forecast["latency"]),
            "usual": worth(weights, forecast["usualQuality"], forecast["usualCost"], forecast["latency"]),
        })
    incumbent, first = best(scores, seed, "usual"), best(scores, seed, "score")
    winner, reason = first, "incumbent-is-best"
    if first != incumbent:
        one, other = scores[first], scores[incumbent]
        if step["explores"]:
            reason = "drawn" if one["explored"] > other["explored"] else "gain-above-guard"
        else:
            scatter = [hypotenuse(times(weights["quality"], s["deviation"]), -worth(weights, 0, s["costDeviation"], 0))
                       for s in (one, other)]
            if one["score"] - other["score"] > times(GUARD, hypotenuse(*scatter)):
                reason = "gain-above-guard"
            else:
                winner, reason = incumbent, "incumbent-guarded"
    second = best(scores, seed, "score", without=winner)
    paid = min(scores[winner]["score"], max(0, scores[second]["score"] if second is not None else 0))
    shown = ["{quality}:{deviation}:{cost}:{costDeviation}:{latency}:{explored}:{score}:{usual}".format(**s) for s in scores]
    return f"{scores[winner]['digest'][7:15]} {reason} {paid} " + " ".join(shown)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    engine, digest = Engine(), hashlib.sha256()
    with open(sys.argv[1], encoding="utf-8") as file:
        weights = json.loads(file.readline())
        for text in file:
            step = json.loads(text)
            line = hold(engine, step, weights)
            print(line)
            digest.update(line.encode() + b"\n")
            engine.learn(step["learn"], step["bidders"], step["type"])
    print(digest.hexdigest())


if __name__ == "__main__":
    main()
