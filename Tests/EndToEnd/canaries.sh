#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# No plaintext outside sealed memory and jails: a canary in an input, which a model repeats on its way out, is looked for in the
# room, in the answers' directory, in the temporary directories and in everything that was printed: after a good run, after a
# failing model, and after a kill at every entry.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

canary="canary$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle careful 0.98 'echo "$line"; echo "$line" >&2; echo "$line" >/tmp/kept; exit 7'
shell_bundle hasty 0.70
make_keys
make_room room "$work/models/careful" "$work/models/hasty"

# look WHEN: everywhere but the inbox that the owner keeps in clear. The temporary directories are this test's own.
look() {
    local found
    found=$(grep -rlaF --exclude-dir=inbox -e "$canary" "$work" /var/tmp /dev/shm /run
        find /tmp -xdev -path "$work" -prune -o -type f -print0 | xargs -0r grep -laF -e "$canary")
    [ -z "$found" ] || fail "$1: plaintext in $found"
}

# The positive control: the search finds a canary that is there, in the room and beside it.
for place in "$work/room/control" "/dev/shm/atomic-control.$$"; do
    printf 'x\0%s\0y' "$canary" >"$place"
    (look control) 2>/dev/null && fail "the search does not find the canary in $place"
    rm "$place"
done

message well.eml "$canary"
make_job_over well.eml
run_job 0
look "after a run"

message fault.eml "FAULT $canary"
make_job_over fault.eml
run_job 0
events "$work/room" auction.settled | grep -q careful || fail "the failing model never ran"
look "after a model that printed its input and failed"

# Killed after every entry of a job, so also while the input is in the jail; each time from the same room.
message killed.eml "$canary"
make_job_over killed.eml
size=$("$atomic" audit checkpoint --room "$work/room" --json | jq -r .size)
mv "$work/room" "$work/template"
kills=0
while true; do
    rm -rf "$work/room"
    cp -a "$work/template" "$work/room"
    status=0
    ATOMIC_CRASH_AT_ENTRY="$((size + kills)):after" "$atomic" run "$work/job.yaml" --room "$work/room" \
        >"$work/table" 2>"$work/progress" || status=$?
    look "killed after entry $((size + kills))"
    [ "$status" -eq 137 ] || break
    kills=$((kills + 1))
done 2>/dev/null
[ "$status" -eq 0 ] || fail "the job fails when it is not killed: $(cat "$work/progress")"
[ "$kills" -ge 8 ] || fail "only $kills kills: not every step is an entry, or the kill does not work"
[ "$(verdict killed.eml)" = false ] || fail "no answer"
