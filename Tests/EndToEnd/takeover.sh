#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Whatever the winner does instead of answering, the runner-up takes over in the same job, and the log says why. A message that
# nobody can answer does not hold the others back.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# What the winner does with a message that names a fault.
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle careful 0.98 'case $line in
    *crash*) kill -SEGV $$ ;;
    *hang*) while :; do :; done ;;
    *garbage*) echo "### nothing of the kind"; exit 0 ;;
    *flood*) while :; do echo "confidence 0.75 and so on and so forth"; done ;;
    *status* | *everybody*) exit 9 ;;
    esac'
# `executor` lets nobody send signals, and a crash is sent here.
sed -i 's/profile: executor/profile: strict/' "$work/models/careful/model.yaml"
# shellcheck disable=SC2016
shell_bundle hasty 0.70 'case $line in *everybody*) exit 9 ;; esac'
make_keys
make_room room "$work/models/careful" "$work/models/hasty"

faults=(crash hang garbage flood status)
for fault in "${faults[@]}"; do message "$fault.eml" "FAULT $fault" FREE; done
message everybody.eml "FAULT everybody"
message well.eml "See you tomorrow."
make_job_over "${faults[@]/%/.eml}" everybody.eml well.eml
# One message stays without an answer: 6, the model failed.
run_job 6

[ "$(verdict well.eml)" = false ] || fail "the message that nobody disturbed has no answer"
for fault in "${faults[@]}"; do
    [ "$(verdict "$fault.eml")" = true ] || fail "$fault: the runner-up did not answer"
done
[ ! -e "$work/out/everybody.eml.json.age" ] || fail "an answer where nobody answered"

settled() { events "$work/room" auction.settled | jq -c --arg model "$1" 'select(.model == $model)'; }
[ "$(settled careful | jq -s 'map(select(.outcome != "valid")) | length')" -eq 6 ] || fail "six failures of the winner, each by name"
[ "$(settled careful | jq -s 'map(.outcome) | unique | length')" -ge 4 ] || fail "different failures have one name: $(settled careful)"
[ "$(settled hasty | jq -s 'map(select(.outcome == "valid")) | length')" -eq 5 ] || fail "five answers of the runner-up"
[ "$(entries "$work/room" output.withheld)" -eq 1 ] || fail "one answer withheld"
verified "$work/room"
