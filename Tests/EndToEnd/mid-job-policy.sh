#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A policy that is accepted while a daemon works at a job rules from the next decision on: a model that it revokes gets nothing more,
# a process that was started under the one before dies, every entry names the policy that decided it, and the bundle verifies.
# shellcheck disable=SC2016 # jq and the model's shell mean their own dollars
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

command -v cc >/dev/null || skip "needs a C compiler for a model of the protocol"

# demand WHAT FILTER: of the array of all entries.
demand() { "$atomic" audit tail --room "$room" -n 100000 --json | jq -s -e "$2" >/dev/null || fail "$1"; }
start_daemon() {
    "$bin/atomicd" --room "$room" 2>"$work/daemon" &
    daemon=$!
    until_true "the daemon did not start" grep -q "atomicd: ready" "$work/daemon"
}
stop_daemon() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon did not end well: $(cat "$work/daemon")"
}
# start_job: in the daemon, until one message has its answer.
start_job() {
    rm -rf "$work/out"
    "$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
    job=$!
    until_true "the job did not start" grep -q ^answered "$work/progress"
}
# end_job CODE
end_job() {
    local status=0
    wait "$job" || status=$?
    [ "$status" -eq "$1" ] || fail "the job ended with $status instead of $1: $(cat "$work/progress")"
}

make_keys
shell_bundle slow 0.99 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done'
sed -i 's/wall: 1s, cpu: 1s/wall: 20s, cpu: 20s/' "$work/models/slow/model.yaml"
make_room room "$work/models/slow"
room=$work/room
names=()
for number in {1..24}; do
    message "$number.eml" "FAULT $number"
    names+=("$number.eml")
done
make_job_over "${names[@]}"
sed -i 's/"0.05 EUR"/"1 EUR"/' "$work/job.yaml"

# The control: a policy that changes nothing for the model, in the middle of a job.
start_daemon
start_job
next_policy room 's/explorationFloor: 0$/explorationFloor: 0.01/'
end_job 0
demand "the control's policy did not come in the middle of the job" \
    'map(select(.type == "output.released") | .policy) | (index(1) != null) and (index(2) != null) and length == 24'
demand "an auction was decided by another policy than its entry names" 'map(select(.type == "auction.held" and .policy == 2)) | length > 0'

# Revoked in the middle of a job, by one key: the next decision says no.
for number in {1..24}; do message "$number.eml" "FAULT again $number"; done
start_job
next_policy_by 0 room '/^  slow:/s/maxClass: pii/maxClass: public/' security
end_job 3
stop_daemon
demand "the revoked model got something more" \
    '(map(select(.type == "policy.accepted")) | last | .seq) as $from
     | map(select(.seq > $from and (.type == "key.released" or .type == "input.delivered" or .type == "jail.started" or .type == "output.released"))) | length == 0'
demand "nothing was denied by the new policy" \
    'map(select(.type == "output.withheld" and .policy == 3 and .data.decision.outcome == "deny")) | length > 0'
demand "nothing was released before" \
    '(map(select(.type == "job.accepted")) | last | .seq) as $from | map(select(.type == "output.released" and .seq > $from)) | length > 0'
nobody_left "after the revocation"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"

# A process that lives for the job was started under the policy before, and dies with it; the job goes on in another.
"$root/Tests/Fixtures/models/make-fault-models" "$work/warm" good
make_room warm "$work/warm"/*
room=$work/warm
names=()
for number in {1..200}; do
    message "$number.eml" "see you tomorrow at $number"
    names+=("$number.eml")
done
make_job_over "${names[@]}"
sed -i 's/"0.05 EUR"/"1 EUR"/' "$work/job.yaml"
start_daemon
start_job
next_policy warm 's/explorationFloor: 0$/explorationFloor: 0.01/'
end_job 0
stop_daemon
demand "the policy did not come in the middle of the job" 'map(select(.type == "output.released") | .policy) | (index(1) != null) and (index(2) != null)'
demand "the warm process outlived its policy" 'map(select(.type == "jail.started" and .data.role == "executor") | .policy) == [1, 2]'
demand "an input went to a process of another policy" \
    '(map(select(.type == "jail.started") | {key: .data.jail, value: .policy}) | from_entries) as $started
     | map(select(.type == "input.delivered")) | all(.policy == $started[.data.jail])'
nobody_left "at the end"
verified "$room"
