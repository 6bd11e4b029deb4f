#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Kills the supervisor (SIGKILL, by its own hand) with every entry of a job whose messages have a parser and several microtasks that
# run at the same time, and lets the same command finish it: every message has one whole answer, released once, and log
# and bundle verify.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=Tests/EndToEnd/support/graph.sh
. "$(dirname "$0")/support/graph.sh"

graph_models
graph_task
make_keys
make_room room "$work"/models/*
message a.eml "INVOICE 7"
message b.eml UNSURE
make_job_over a.eml b.eml
mv "$work/room" "$work/template"

before=$("$atomic" audit checkpoint --room "$work/template" --json | jq -r .size)
crashes=0
for ((entry = before; ; entry++)); do
    # Both ends of the job, and every third entry between: what is done at once is not in the same order every time anyway.
    [ $((entry - before)) -lt 6 ] || [ $(((entry - before) % 3)) -eq 0 ] || continue
    rm -rf "$work/room" "$work/out"
    cp -a "$work/template" "$work/room"
    status=0
    ATOMIC_CRASH_AT_ENTRY="$entry:after" "$atomic" run "$work/job.yaml" --room "$work/room" >"$work/output" 2>&1 || status=$?
    [ "$status" -ne 0 ] || break
    [ "$status" -eq 137 ] || { cat "$work/output"; fail "the supervisor was not killed after entry $entry (exit $status)"; }
    crashes=$((crashes + 1))
    nobody_left "after entry $entry"
    expect 0 "$atomic" audit verify --room "$work/room"
    expect 0 "$atomic" run "$work/job.yaml" --room "$work/room"
    [ "$(answer a.eml '[.spam, .language, .category, .reply]')" = '[false,"en","billing","About your invoice."]' ] || fail "a.eml (after $entry)"
    [ "$(answer b.eml '[.category, .models.category, .skipped]')" = '["other","guesser",["reply"]]' ] || fail "b.eml (after $entry)"
    ended=$(entries "$work/room" job.ended)
    released=$(entries "$work/room" output.released)
    [ "$released" -eq $((2 * ended)) ] || fail "$released releases in $ended jobs (after $entry)"
    [ "$ended" -le 2 ] || fail "$ended jobs ended (after $entry)"
    cost=$(events "$work/room" auction.settled | jq -s 'map(.cost) | add')
    events "$work/room" job.ended | jq -s -e --argjson cost "$cost" '(map(.cost) | add) == $cost' >/dev/null ||
        fail "the cost is not the sum of the attempts (after $entry)"
    verified "$work/room"
done
[ "$crashes" -ge 12 ] || fail "only $crashes crashes: not every step is an entry, or the kill does not work"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
[ -z "$(find "$work/room/outbox" -type f)" ] || fail "staged answers left behind"
echo "$crashes crashes, each followed by one complete job"
