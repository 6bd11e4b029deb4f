#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Recorded outcomes through the engine: the answer has every part, is the same twice, agrees with what a few lines of Python make of the same
# table where no engine is needed, and a bad line is refused by its number.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# Two types, three models: each is best at one type or cheap; a cost in cents, seconds, claims of one model only.
cat >"$work/tables.py" <<'PY'
import json, random, sys
dice = random.Random(7)
def line(n):
    kind = dice.choice(["letters", "numbers"])
    right = {"a": .95 if kind == "letters" else .4, "b": .4 if kind == "letters" else .95, "c": .6}
    cost = {"a": .2, "b": .2, "c": .01}
    out = {m: {"quality": 1 if dice.random() < right[m] else 0, "cost": round(cost[m] * dice.uniform(.8, 1.2), 6), "latency": 1.5} for m in right}
    out["a"]["confidence"] = round(dice.uniform(.5, 1), 3)
    return {"id": f"t{n}", "type": kind, "text": "x" * dice.randint(1, 400), "outcomes": out}
for name, first in (("A", 0), ("B", 600)):
    with open(f"{sys.argv[1]}/{name}.jsonl", "w") as file:
        for n in range(600): file.write(json.dumps(line(first + n)) + "\n")
PY
python3 "$work/tables.py" "$work" || fail "no tables"
evaluate() { expect "$1" "$atomic" auction evaluate --train "${train:-$work/A.jsonl}" --test "${test:-$work/B.jsonl}" "${@:2}"; }

evaluate 0 --lambda 0.1 --json
cp "$work/output" "$work/first"
evaluate 0 --lambda 0.1 --json
cmp -s "$work/output" "$work/first" || fail "the same tables gave another answer"
python3 - "$work" <<'PY' || fail "$(cat "$work/first")"
import json, sys
answer = json.load(open(sys.argv[1] + "/first"))
A, B = ([json.loads(l) for l in open(f"{sys.argv[1]}/{n}.jsonl")] for n in "AB")
worth = lambda o: o["quality"] - .1 * o["cost"]
mean = lambda values: sum(values) / len(values)
close = lambda a, b: abs(a - b) < 1e-6
models = sorted(A[0]["outcomes"])
best = max(models, key=lambda m: mean([worth(l["outcomes"][m]) for l in A]))
cheap = min(models, key=lambda m: mean([l["outcomes"][m]["cost"] for l in A]))
assert answer["fixedBest"]["model"] == best and answer["cheapest"]["model"] == cheap
for name, model in (("fixedBest", best), ("cheapest", cheap)):
    assert close(answer[name]["utility"], mean([worth(l["outcomes"][model]) for l in B])), name
assert close(answer["random"]["utility"], mean([mean([worth(o) for o in l["outcomes"].values()]) for l in B]))
oracle = mean([max(worth(o) for o in l["outcomes"].values()) for l in B])
assert close(answer["oracle"]["utility"], oracle)
held = answer["heldOut"]
assert close(held["utility"], held["quality"] - .1 * held["cost"]) and held["latency"] > 0
assert answer["fixedBest"]["utility"] + .2 < held["utility"] <= oracle, "the types say who is right"
assert answer["stream"]["utility"] > answer["fixedBest"]["utility"] and answer["stream"]["regret"] > 0
assert set(answer["perType"]) == {"letters", "numbers"} and answer["engine"]
PY
evaluate 0 --lambda 0.1 --adversary 0.5 --seed 3 --json
jq -e '.heldOut.utility > .fixedBest.utility' "$work/output" >/dev/null || fail "two liars of three: $(cat "$work/output")"
evaluate 0 --lambda 0.1 --html "$work/page.html"
grep -q "<svg" "$work/page.html" || fail "no plots"
if grep -qE "(src|href)=[\"']?https?:" "$work/page.html"; then fail "the page loads from elsewhere"; fi

# Bad lines, each by its number; the table as it is was the control.
refused() { # LINE SED WORDS
    sed "$1$2" "$work/A.jsonl" >"$work/bad.jsonl"
    cmp -s "$work/bad.jsonl" "$work/A.jsonl" && fail "nothing was changed: $2"
    train=$work/bad.jsonl evaluate 1 --lambda 0.1 --json
    jq -r .error.message "$work/output" | grep -qE "(line |:)$1\b" || fail "line $1 is not named: $(cat "$work/output")"
    jq -r '.error.message + .error.remedy' "$work/output" | grep -qi -- "$3" || fail "$3: $(cat "$work/output")"
}
refused 7 's/"quality": [01]/"quality": 1.5/' quality
refused 8 's/"cost": [0-9.]*/"cost": -1/' cost
refused 9 's/"cost": [0-9.]*/"cost": NaN/' .
refused 10 's/"latency": 1.5/"latency": 1e999/' .
refused 11 's/^{/[/' .
refused 12 's/"id": "t[0-9]*"/"id": "t0"/' t0
refused 13 's/, "c": {[^}]*}//' 'c'
refused 14 's/"confidence": [0-9.]*/"confidence": 2/' confidence
refused 15 's/"type": "[a-z]*", //' type
: >"$work/empty.jsonl"
train=$work/empty.jsonl evaluate 1 --lambda 0.1
train=$work/nowhere.jsonl evaluate 1 --lambda 0.1
evaluate 2 --lambda -1
evaluate 2 --lambda much
evaluate 2 --lambda 0.1 --adversary 1.5
evaluate 2
echo "recorded outcomes are evaluated"
