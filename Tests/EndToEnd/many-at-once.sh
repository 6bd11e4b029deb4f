#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Many messages at once: who hangs holds nobody up, the budget is never overspent however many auctions are held at the same
# time, and the log is still one chain.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle careful 0.98 'case $line in *hang*) while :; do :; done ;; *broken*) exit 9 ;; esac'
# shellcheck disable=SC2016
shell_bundle hasty 0.70 'case $line in *broken*) exit 9 ;; esac'
sed -i 's/wall: 1s, cpu: 1s/wall: 5s, cpu: 20s/' "$work/models/careful/model.yaml"
make_keys
make_room room "$work/models/careful" "$work/models/hasty"
room=$work/room

# A message hangs its winner for five seconds, and comes first; one that everybody fails at is a failure of its own.
message 00.eml "FAULT hang" FREE
message 01.eml "FAULT broken"
for number in {02..24}; do message "$number.eml" "see you at $number"; done
make_job_over {00..24}.eml
run_job 6
[ "$(verdict 00.eml)" = true ] || fail "the runner-up did not answer the message that hangs the winner"
for number in {02..24}; do [ "$(verdict "$number.eml")" = false ] || fail "no answer to $number"; done
hanging=$(sha256sum "$work/out/00.eml.json.age" | cut -d' ' -f1)
behind=$(events "$room" output.released | jq -r .ciphertext | sed "1,/$hanging/d" | wc -l)
[ "$behind" -le 15 ] || fail "$behind of 23 messages waited for one that hangs"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"

# A budget for some of them: as many as can be paid for are answered, and not a micro-unit more is spent.
for cents in 0.0004 0.0006; do
    sed -i -e "s/cost: \"[^\"]*\"/cost: \"$cents EUR\"/" "$work/job.yaml"
    run_job 7
    limit=$(awk "BEGIN { printf \"%d\", $cents * 1000000 }")
    events "$room" job.ended | tail -n 1 | jq -e --argjson limit "$limit" '.cost <= $limit and .released > 0 and .failed > 0' >/dev/null ||
        fail "a budget of $cents EUR: $(events "$room" job.ended | tail -n 1)"
done
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
