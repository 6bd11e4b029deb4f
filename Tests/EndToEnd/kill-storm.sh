#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The supervisor is killed from outside at arbitrary moments, again and again in the same job, then let finish: every answer is
# there, released once and never changed, the log verifies after every kill, and nothing is left running.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

command -v cc >/dev/null || skip "needs a C compiler for a model of the protocol"

# Both protocols: a process for the job that answers some messages and fails at none, and one for each message.
"$root/Tests/Fixtures/models/make-fault-models" "$work/models" good
sed -i 's/confidence: 0.99/confidence: 0.80/' "$work/models/fault-good/model.yaml"
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle careful 0.95 'exit 9'
make_keys
make_room room "$work/models"/*
room=$work/room
for number in {1..12}; do
    case $((number % 3)) in
        0) message "$number.eml" FREE "$number" ;;
        1) message "$number.eml" "see you tomorrow at $number" ;;
        2) message "$number.eml" "FAULT $number" ;;
    esac
done
make_job_over {1..12}.eml

# How long an undisturbed job takes, so that the kills fall all over it on a slow machine too.
cp -a "$room" "$work/template"
now() { date +%s%N; }
begun=$(now)
run_job 0
whole=$((($(now) - begun) / 1000))
rm -rf "$room" "$work/out"
mv "$work/template" "$room"

RANDOM=20261121
kills=0 finished=0
: >"$work/released"
while [ "$kills" -lt 15 ] && [ "$finished" -eq 0 ]; do
    "$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
    supervisor=$!
    # Anywhere in the time that the job takes, but early more often: what is left of it gets shorter with each run.
    wait=$((whole * (RANDOM % 1000) * (15 - kills) / 20000 + 2000))
    read -r -t "$(printf '%d.%06d' $((wait / 1000000)) $((wait % 1000000)))" <> <(:)
    if kill -KILL "$supervisor" 2>/dev/null; then kills=$((kills + 1)); fi
    status=0
    wait "$supervisor" 2>/dev/null || status=$?
    case $status in
        0) finished=1 ;;
        137) ;;
        *) fail "exit $status: $(cat "$work/progress")" ;;
    esac
    nobody_left "after kill $kills"
    expect 0 "$atomic" audit verify --room "$room"
    # Nothing that was released is ever released again or taken back.
    events "$room" output.released | jq -r '"\(.input) \(.ciphertext)"' >"$work/now"
    head -n "$(wc -l <"$work/released")" "$work/now" | cmp -s - "$work/released" || fail "a release was changed after kill $kills"
    mv "$work/now" "$work/released"
    # A reader is told a whole story in the middle of it.
    [ $((kills % 5)) -ne 0 ] || verified "$room"
done
[ "$kills" -ge 10 ] || fail "only $kills kills before the job was over"
[ "$finished" -eq 1 ] || run_job 0
nobody_left "at the end"

[ "$(entries "$room" job.accepted)" -eq 1 ] || fail "$(entries "$room" job.accepted) jobs were accepted"
[ "$(entries "$room" job.ended)" -eq 1 ] || fail "$(entries "$room" job.ended) jobs ended"
events "$room" output.released | jq -s -e 'length == 12 and (map(.input) | unique | length) == 12' >/dev/null ||
    fail "not every answer was released once"
for number in {1..12}; do
    [ -n "$(verdict "$number.eml")" ] || fail "no answer to message $number"
    digest=$(sha256sum "$work/out/$number.eml.json.age" | cut -d' ' -f1)
    grep "sha256:$digest" < <(events "$room" output.released) >/dev/null || fail "the answer to $number is not what was released"
done
[ "$(entries "$room" jail.started)" -eq "$(entries "$room" jail.ended)" ] || fail "jails without an end"
[ -z "$(find "$room/outbox" -type f)" ] || fail "staged answers left behind"
[ -z "$(find "$room" -name '*.tmp')" ] || fail "half-written files left behind: $(find "$room" -name '*.tmp')"
cost=$(events "$room" auction.settled | jq -s 'map(.cost) | add')
events "$room" job.ended | jq -e --argjson cost "$cost" '.cost == $cost' >/dev/null || fail "the job's cost is not the sum of its attempts"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
echo "$kills kills, one complete job"
