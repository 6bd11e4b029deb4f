#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Kills the supervisor (SIGKILL, by its own hand) before and after every log entry of a two-message job, runs the same
# job again, and demands: it finishes, every answer is there and released once, log and bundle verify, and no plaintext
# is left anywhere.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

make_keys
bogofilter_bundle "$work/a" first 0.80
bogofilter_bundle "$work/b" second 0.75
make_room room "$work/a" "$work/b"
make_job "$work/job.yaml" "01-*.eml 06-*.eml"
mv "$work/room" "$work/template"

# How many entries the job makes when nothing happens.
before=$("$atomic" audit checkpoint --room "$work/template" --json | jq -r .size)
cp -a "$work/template" "$work/room"
expect 0 "$atomic" run "$work/job.yaml" --room "$work/room"
after=$("$atomic" audit checkpoint --room "$work/room" --json | jq -r .size)
verified "$work/room"
[ "$((after - before))" -ge 15 ] || fail "a two-message job made only $((after - before)) entries"

crashes=0
for ((entry = before; entry < after; entry++)); do
    for when in before after; do
        rm -rf "$work/room" "$work/out"
        cp -a "$work/template" "$work/room"
        status=0
        ATOMIC_CRASH_AT_ENTRY="$entry:$when" "$atomic" run "$work/job.yaml" --room "$work/room" >"$work/output" 2>&1 || status=$?
        [ "$status" -eq 137 ] || { cat "$work/output"; fail "the supervisor was not killed $when entry $entry (exit $status)"; }
        crashes=$((crashes + 1))
        nobody_left "$when entry $entry"
        expect 0 "$atomic" audit verify --room "$work/room"
        expect 0 "$atomic" run "$work/job.yaml" --room "$work/room"
        for name in "$work"/inbox/*.eml; do
            answer=$work/out/$(basename "$name").json.age
            expect 0 "$atomic" open -i "$work/keys/requester.key" "$answer" -o "$work/answer.json"
            jq -e '.spam | type == "boolean"' "$work/answer.json" >/dev/null || fail "no answer for $name ($when $entry)"
        done
        # A crash after job.ended finds nothing unfinished: then the run is a job of its own, with two more answers.
        ended=$(entries "$work/room" job.ended)
        released=$(entries "$work/room" output.released)
        [ "$released" -eq $((2 * ended)) ] || fail "$released releases in $ended jobs ($when $entry)"
        [ "$ended" -eq 1 ] || { [ "$when" = after ] && [ "$entry" -eq $((after - 1)) ] && [ "$ended" -eq 2 ]; } ||
            fail "$ended jobs ended ($when $entry)"
        verified "$work/room"
    done
done
echo "$crashes crashes, each followed by one complete job"
