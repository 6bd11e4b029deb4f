#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The supervisor is killed in the middle of a call, again and again: every call that was cut costs what was set aside at its award, the
# limit of the job and of the class's day holds over all restarts, and when the money is gone nothing runs any more.
# shellcheck disable=SC2016 # jq and the model's shell mean their own dollars
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

running() { grep -qa "judge[.]sh" /proc/[0-9]*/cmdline 2>/dev/null; }
settled() { events "$room" auction.settled | jq -s "$1"; }

make_keys
shell_bundle busy 0.95 'while :; do :; done'
sed -i -e 's/wall: 1s, cpu: 1s/wall: 60s, cpu: 60s/' -e 's/cpuSecond: "[^"]*"/cpuSecond: "0.000001 EUR"/' "$work/models/busy/model.yaml"
# A bid costs 100 micro-units; the class has 1,000 a day.
daily() { sed -i 's|^outputs:|budgets:\n  pii: {perDay: {cost: "0.001 EUR"}}\noutputs:|' "$1"; }
POLICY_EDIT=daily make_room room "$work/models/busy"
room=$work/room

# The control: what is not cut costs what was metered, far less than the bid.
message quick.eml FREE
make_job_over quick.eml
run_job 0
[ "$(settled 'map(.cost) | add')" -lt 100 ] || fail "an undisturbed call costs $(settled 'map(.cost) | add')"
before=$(settled 'map(.cost) | add')

message slow.eml FAULT
make_job_over slow.eml
sed -i 's/cost: "[^"]*"/cost: "0.0005 EUR"/' "$work/job.yaml"
# kill_mid_call JOBS: runs the job and kills the supervisor when the model is at work, until it is told that the money is gone.
kill_mid_call() {
    kills=0
    while :; do
        "$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
        supervisor=$!
        until running || ! kill -0 "$supervisor" 2>/dev/null; do read -r -t 0.02 <> <(:); done
        if running; then
            kill -KILL "$supervisor"
            kills=$((kills + 1))
        fi
        status=0
        wait "$supervisor" 2>/dev/null || status=$?
        nobody_left "after kill $kills"
        [ "$status" -eq 137 ] || break
        [ "$kills" -le "$1" ] || fail "$kills calls of 100 were cut, and the money for $1 is not gone"
    done
    [ "$status" -eq 7 ] || fail "exit $status instead of 7: $(cat "$work/progress")"
}
kill_mid_call 5
[ "$kills" -eq 5 ] || fail "$kills calls of 100 micro-units were begun with 500"
[ "$(settled 'map(select(.outcome == "interrupted") | .cost)' | jq -c .)" = "[100,100,100,100,100]" ] || fail "the bills: $(settled 'map({outcome, cost})')"
events "$room" job.ended | tail -n 1 | jq -e '.cost == 500' >/dev/null || fail "the job costs $(events "$room" job.ended)"

# Another job of the class gets what is left of the day and no more.
message other.eml FAULT again
make_job_over other.eml
kill_mid_call 4
total=$(settled 'map(.cost) | add')
[ "$total" -le 1000 ] || fail "$total were spent of 1,000 a day"
[ "$((1000 - total))" -lt 100 ] || fail "only $total were spent: the limit refuses what it should admit"
[ "$kills" -eq $(((1000 - before - 500) / 100)) ] || fail "$kills calls were begun with $((1000 - before - 500))"
verified "$room"
