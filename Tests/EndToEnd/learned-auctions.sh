#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A room that knows 32 verified outcomes scores by what it learned: cost as it was metered, claims as they were worth. The record says
# from which outcomes, a verifier finds them in the log, another language computes the same award, and a room without its database
# learns the same again. A budget that is short is kept to.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# Both are right; one of them works for its answer, and bids the same.
shell_bundle quick 0.90
# shellcheck disable=SC2016 # for the shell in the jail
shell_bundle slow 0.90 && sed -i '2i count=0; while [ "$count" -lt 8000 ]; do count=$((count + 1)); done' "$work/models/slow/judge.sh"
for model in quick slow; do
    sed -i 's/^prices: .*/prices: {call: "0.00001 EUR", cpuSecond: "0.02 EUR", kibibyte: "0 EUR"}/' "$work/models/$model/model.yaml"
done
make_keys
permit() {
    sed -i '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}\n  - {id: P4, effect: permit, action: explore, class: pii}' "$1"
    sed -i 's/explorationFloor: 0$/explorationFloor: 0.5/' "$1"
}
POLICY_EDIT=permit make_room room "$work/models/quick" "$work/models/slow"
room=$work/room
record() { "$atomic" auction explain latest --room "$room" --message "$1" --json | jq -c "${2:-.[0]}"; }

messages=() labels=()
for number in $(seq 10 29); do
    message "spam-$number.eml" "this is FREE $number"
    message "ham-$number.eml" "see you tomorrow $number"
    messages+=("spam-$number.eml" "ham-$number.eml")
    labels+=(--label "spam-$number.eml/spam=true" --label "ham-$number.eml/spam=false")
done
make_job_over "${messages[@]}"
run_job 0
[ "$(record spam-10.eml '.[0].record.v')" = 1 ] || fail "nothing was verified, and the scores are learned"
won=$(events "$room" auction.held | jq -r .winner | sort | uniq -c | awk '$1 >= 4' | wc -l)
[ "$won" -eq 2 ] || fail "with a floor of one half both are tried: $(events "$room" auction.held | jq -r .winner | sort | uniq -c)"

# 31 outcomes are too few; the count of right answers corrects the claims.
expect 0 "$atomic" feedback latest "${labels[@]:0:62}" --room "$room"
message next.eml "FREE again"
make_job_over next.eml
run_job 0
[ "$(record next.eml '.[0].record.v')" = 2 ] || fail "31 outcomes: $(record next.eml '.[0].record.v')"
job=$("$atomic" job list --room "$room" --json | jq -r '.[1].id')
expect 0 "$atomic" feedback "$job" "${labels[@]:62}" --room "$room"

message learned.eml "FREE for all"
make_job_over learned.eml
run_job 0
record learned.eml '.[0].record | {v, learning: .input.learning, award}' >"$work/learned.json"
jq -e '.v == 3 and .learning.outcomes == 40 and .learning.engine.name == "hierarchical-thompson" and (.learning.forecasts | length) == 2
    and (.award | has("scores") | not)' "$work/learned.json" >/dev/null || fail "$(cat "$work/learned.json")"
# The slow one is known to cost more than it bids alike.
record learned.eml '[.[0].award.scores[] | {(.model): .forecast[2]}] | add' >"$work/costs.json"
jq -e '.slow > 1.5 * .quick' "$work/costs.json" >/dev/null || fail "metered cost was not learned: $(cat "$work/costs.json")"
expect 0 "$atomic" auction explain latest --room "$room" --message learned.eml
grep -q "Learned from 40 verified outcomes by hierarchical-thompson" "$work/output" || fail "$(cat "$work/output")"
grep -Eq "claims 9[01] %, expected (9[0-9]|100) %" "$work/output" || fail "$(cat "$work/output")"
expect 0 "$atomic" auction explain latest --room "$room" --html "$work/awards.html"

verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
grep -q "for 1 of them the room's learning, too: all agree" "$work/output" || fail "$(cat "$work/output")"
digest=$(events "$room" auction.held | tail -n 1 | jq -r .record)
expect 0 python3 "$root/Tests/Independent/replay_auction.py" "$room/blobs/sha256/${digest#sha256:}"
expect 0 "$atomic" auction what-if latest --room "$room" --without quick

# Without its database the room learns the same again, and by the same name.
state=$(jq -r .learning.state "$work/learned.json")
rm -f "$room"/state.db*
message again.eml "FREE once more"
make_job_over again.eml
run_job 0
[ "$(record again.eml '.[0].record.input.learning.state' | tr -d '"')" = "$state" ] || fail "the log alone does not lead to the same"
[ "$(record again.eml '.[0].record.input.learning.forecasts')" = "$(jq -c .learning.forecasts "$work/learned.json")" ] ||
    fail "the same outcomes lead to other forecasts"

# A second word about an answer: what was learned has another name, and is verified all the same.
expect 0 "$atomic" feedback "$job" --label spam-10.eml/spam=false --room "$room"
message other.eml "FREE at last"
make_job_over other.eml
run_job 0
[ "$(record other.eml '.[0].record.input.learning | "\(.outcomes) \(.state != "'"$state"'")"' | tr -d '"')" = "40 true" ] ||
    fail "$(record other.eml '.[0].record.input.learning')"
verified "$room"

# Three promises a message, where the slow one costs more: everything is answered, no more is spent, and the records have the pace.
spare=()
for number in $(seq 50 69); do
    message "late-$number.eml" "FREE $number"
    spare+=("late-$number.eml")
done
make_job_over "${spare[@]}"
budget=0.006
sed -i "s/^budget: .*/budget: {cost: \"$budget EUR\", wall: 5m}/" "$work/job.yaml"
run_job 0
spent=$("$atomic" job list --room "$room" --json | jq -r '.[0].cost')
awk -v spent="$spent" -v budget="$budget" 'BEGIN { exit !(spent / 1e6 <= budget) }' || fail "spent $spent of $budget"
expect 0 "$atomic" auction explain latest --room "$room" --json
jq -e 'length >= 20 and all(.[]; .record.input.learning.pace.share >= 1)' "$work/output" >/dev/null || fail "no pace in the records"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
grep -Eq "for 2[0-9] of them the room's learning, too: all agree" "$work/output" || fail "$(cat "$work/output")"

# Killed on its way, a job goes on under the pressure that its budget was under. The budget is too small to have the slow one half the time.
budget=$(jq '20 * 0.7 * (.slow + .quick) / 2 / 1e6' "$work/costs.json")
sed -i "s/^budget: .*/budget: {cost: \"$(printf %.6f "$budget") EUR\", wall: 5m}/" "$work/job.yaml"
pressed=0
for ahead in 50 60 70 80 50 60 70 80; do
    rm -rf "$work/out"
    before=$("$atomic" audit checkpoint --room "$room" --json | jq -r .size)
    status=0
    ATOMIC_CRASH_AT_ENTRY="$((before + ahead)):after" "$atomic" run "$work/job.yaml" --room "$room" >"$work/output" 2>&1 || status=$?
    [ "$status" -eq 137 ] || { cat "$work/output"; fail "not killed after $ahead entries (exit $status)"; }
    expect 0 "$atomic" auction explain latest --room "$room" --json
    held=$(jq length "$work/output")
    # What is left may be too little for the last ones, so how it ends says nothing here; that the same job ends does.
    accepted=$(entries "$room" job.accepted) ended=$(entries "$room" job.ended)
    "$atomic" run "$work/job.yaml" --room "$room" >"$work/output" 2>&1
    [ "$(entries "$room" job.ended)" -eq $((ended + 1)) ] || { cat "$work/output"; fail "the job was not resumed to its end"; }
    [ "$(entries "$room" job.accepted)" -eq "$accepted" ] || fail "another job was begun"
    expect 0 "$atomic" auction explain latest --room "$room" --json
    jq -e --argjson held "$held" 'map(.record.input.learning.pace.pressure) | length > $held and .[$held] == .[$held - 1]' "$work/output" >/dev/null ||
        fail "resumed after $held auctions: $(jq -c 'map(.record.input.learning.pace.pressure)' "$work/output")"
    pressed=$(jq --argjson held "$held" '.[$held - 1].record.input.learning.pace.pressure' "$work/output")
    if [ "$pressed" -gt 0 ]; then break; fi
done
[ "$pressed" -gt 0 ] || fail "no budget was short when its job was killed"
verified "$room"
echo "a room scores by what it learned, and anybody can check it"
