#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Jobs of one room do not disturb each other: an answer that was released and not yet placed when the process died is still there
# after another job has run; a lost state.db comes back from the log; two messages that say the same are two inputs; one process
# at a time has the room; a job without money or time ends as such.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.98
make_keys
make_room room "$work/models/careful"
message a.eml FREE
message b.eml "See you tomorrow."
cp "$work/inbox/b.eml" "$work/inbox/same-as-b.eml"

# Killed when the release of a.eml is durable and nothing is placed.
cp -a "$work/room" "$work/template"
make_job_over a.eml
run_job 0
released=$("$atomic" audit tail -n 1000 --room "$work/room" --json | jq 'select(.type == "output.released") | .seq')
rm -rf "$work/room" "$work/out"
mv "$work/template" "$work/room"
{ ATOMIC_CRASH_AT_ENTRY="$released:after" run_job 137; } 2>/dev/null
[ ! -e "$work/out" ] || fail "the answer was placed before the kill, so this proves nothing"

make_job_over b.eml same-as-b.eml
run_job 0
[ "$(verdict b.eml) $(verdict same-as-b.eml)" = "false false" ] || fail "two messages that say the same have two answers"

# The state is a projection: without it the unfinished job is found in the log.
rm -f "$work"/room/state.db*
make_job_over a.eml
run_job 0
[ "$(verdict a.eml)" = true ] || fail "the answer that was released before the kill is lost"
[ "$(entries "$work/room" output.released)" -eq 3 ] || fail "three answers are three releases"

# One process at a time.
(
    flock -x 9
    run_job 75
) 9<"$work/room/log-wal/lock" || fail "a second process took the room"

sed -i 's/cost: "[^"]*"/cost: "0.000001 EUR"/' "$work/job.yaml"
run_job 7
sed -i 's/cost: "[^"]*"/cost: "0.05 EUR"/; s/wall: 5m/wall: 1ms/' "$work/job.yaml"
run_job 7
verified "$work/room"
