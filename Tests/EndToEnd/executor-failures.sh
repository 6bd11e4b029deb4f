#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Two dozen rivals bid higher than the one honest model, and each of them fails in its own way on the same message. Every one
# gets its turn, is named in the log by its own code, and is paid out of the one budget; the honest model answers. When nobody
# is left, or the budget is too small, the answer is withheld and the exit code says why.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

command -v cc >/dev/null || skip "needs a C compiler for the failing models"

# How each of them ends, by the closed code of the log. The network gets an error that the model reports; another family of
# sockets, and the limits of memory, processes and output, end the model.
declare -A codes=(
    [crash]=crashed [quit]=crashed [hang]=hung [garbage]=garbage [oversize]=oversize [invalid-json]=invalid-json
    [out-of-schema]=schema [wrong-id]=protocol [network]=model-error [vsock]=syscall [stderr-flood]=oversize
    [memory]=memory-limit [bomb]=pids-limit [leak]=model-error [leak-line]=invalid-json [leak-value]=schema [start-quit]=start-failed [start-hang]=hung
    [oneshot-crash]=crashed [oneshot-hang]=hung [oneshot-garbage]=garbage [oneshot-oversize]=oversize
    [oneshot-invalid]=invalid-json [oneshot-error]=model-error
)
faults=("${!codes[@]}")

make_keys
"$root/Tests/Fixtures/models/make-fault-models" "$work/models" "${faults[@]}" bid-lie good || fail "no models"
sed -i 's/confidence: 0.99/confidence: 0.60/' "$work/models/fault-good/model.yaml"
make_room room "$work/models"/fault-*
room=$work/room

# job_cost and the budget that each attempt of the last job saw, from its records.
settled() { events "$room" auction.settled | jq -c --slurp '.['"$1"':] | .[]'; }
sum() { jq -s 'map(.cost) | add // 0'; }

message a.eml FREE
make_job_over a.eml
run_job 0
nobody_left "after two dozen failures"
[ "$(verdict a.eml)" = true ] || fail "the honest model did not answer"

for fault in "${faults[@]}"; do
    # Who wins the draw among equals is the seed's choice; each comes before the honest model.
    code=$(settled 0 | jq -r --arg model "fault-$fault" 'select(.model == $model) | .outcome')
    [ "$code" = "${codes[$fault]}" ] || fail "$fault is settled as $code instead of ${codes[$fault]}"
    verdict=$(events "$room" output.validated | jq -r --arg model "fault-$fault" 'select(.model == $model) | "\(.verdict) \(.code)"')
    [ "$verdict" = "rejected $code" ] || fail "$fault is validated as $verdict"
done
attempts=$((${#faults[@]} + 1))
[ "$(settled 0 | wc -l)" -eq "$attempts" ] || fail "each of the $attempts models is tried once"
settled 0 | tail -n 1 | jq -e '.model == "fault-good" and .outcome == "valid"' >/dev/null || fail "the honest model was not last"
[ "$(entries "$room" key.released)" -eq 1 ] || fail "the input's key was released more than once"
[ "$(entries "$room" output.released)" -eq 1 ] || fail "not one release"
[ "$(entries "$room" jail.started)" -eq "$(entries "$room" jail.ended)" ] || fail "a jail without an end"

# One budget: the job costs what its attempts cost, and each attempt is offered what those before it left.
cost=$(settled 0 | sum)
[ "$cost" -gt 0 ] || fail "the failures cost nothing"
events "$room" job.ended | jq -e --argjson cost "$cost" '.cost == $cost and .state == "released"' >/dev/null ||
    fail "the job's cost is not the sum of its attempts"
left=50000
while read -r digest spent; do
    offered=$(jq .input.budgetRemaining "$room/blobs/sha256/${digest#sha256:}")
    [ "$offered" -eq "$left" ] || fail "an attempt was offered $offered where $left were left"
    left=$((left - spent))
done < <(settled 0 | jq -r '"\(.record) \(.cost)"')

# A person is told the same.
expect 0 "$atomic" auction explain latest --room "$room" --message a.eml
for fault in "${faults[@]}"; do
    grep -A 4 -F -- "Winner: fault-$fault, " "$work/output" | grep -qF "failed (${codes[$fault]})" ||
        fail "explain does not say how $fault failed"
done
grep -q 'No bid: fault-bid-lie' "$work/output" || fail "explain does not name the bidder that lied"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"

# Nobody is left to take over.
next_policy room '/^  fault-\(crash\|oneshot-error\|out-of-schema\):/!{/^  fault-/d}'
rm -rf "$work/out"
run_job 6
grep -q 'fault-crash' "$work/table" || fail "the table does not show who bid: $(cat "$work/table")"
[ ! -e "$work/out" ] || fail "something was released"
[ "$(settled "$attempts" | jq -r .outcome | sort | xargs)" = "crashed model-error schema" ] || fail "three failures, each by name"
events "$room" output.withheld | tail -n 1 | jq -e '.code == "exhausted" and (.decision | not)' >/dev/null ||
    fail "withheld: $(events "$room" output.withheld)"
events "$room" job.ended | tail -n 1 | jq -e '.state == "failed" and .released == 0 and .failed == 1' >/dev/null || fail "not failed"
expect 0 "$atomic" auction explain latest --room "$room" --message a.eml
grep -q 'Nobody won: every bidder was tried and failed' "$work/output" || fail "explain: $(cat "$work/output")"
attempts=$((attempts + 3))

# The budget pays for no bid at all, then for the first but not for the second: nobody runs whom it cannot pay.
sed -i 's/cost: "[^"]*"/cost: "0.000001 EUR"/' "$work/job.yaml"
run_job 7
[ "$(settled "$attempts" | wc -l)" -eq 0 ] || fail "somebody ran without money"
events "$room" output.withheld | tail -n 1 | jq -e '.code == "over-budget"' >/dev/null || fail "not over-budget"
sed -i 's/cost: "[^"]*"/cost: "0.000015 EUR"/' "$work/job.yaml"
run_job 7
[ "$(settled "$attempts" | wc -l)" -eq 1 ] || fail "the second attempt was not paid for: $(settled "$attempts")"
attempts=$((attempts + 1))

# The time is over: before anybody runs, and while somebody runs. The jail ends with the time, not with its own limit.
sed -i -e 's/cost: "[^"]*"/cost: "0.05 EUR"/' -e 's/wall: [^}]*/wall: 1ms/' "$work/job.yaml"
run_job 7
events "$room" output.withheld | tail -n 1 | jq -e '.code == "wall-budget"' >/dev/null || fail "not wall-budget"
[ "$(settled "$attempts" | wc -l)" -eq 0 ] || fail "somebody ran without time"
nobody_left "at the end"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
