#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A room on a file system that becomes full, at many different moments of a job, or that may no longer be written: one clear
# error, a log that verifies, and after making space the same command finishes the same job. Two runs at once: one waits its turn.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle hasty 0.70 'n=0; while [ $n -lt 30000 ]; do n=$((n + 1)); done'
make_keys
make_room template "$work/models/hasty"
trap 'umount "$work/disk" "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/disk"
mount -t tmpfs -o size=64m tmpfs "$work/disk"
mounts_at_start=$(wc -l </proc/self/mountinfo)
cp -a "$work/template" "$work/disk/room"
ln -s "$work/disk/room" "$work/room"
room=$work/room
for name in a b c; do message "$name.eml" FREE "$name"; done
make_job_over a.eml b.eml c.eml

available() { df --output=avail -k "$work/disk" | tail -n 1 | tr -d ' '; }
# leave KILOBYTES: fills the disk but for so much. Whole pages, as tmpfs counts.
leave() {
    rm -f "$work/disk/ballast"
    local take=$(($(available) - $1))
    [ "$take" -gt 0 ] || fail "the disk is too small for $1 KiB"
    head -c "$((take * 1024))" /dev/zero >"$work/disk/ballast"
    [ "$(available)" -eq "$1" ] || fail "$(available) KiB are left instead of $1"
}
fresh() {
    rm -rf "$work/disk/room" "$work/disk/ballast" "$work/out"
    cp -a "$work/template" "$work/disk/room"
}
# one_error WHY: what the last run said is progress, then one error of two lines that names the trouble and the remedy.
one_error() {
    [ "$(grep -c '^error: ' "$work/progress")" -eq 1 ] || fail "$1: not one error: $(cat "$work/progress")"
    grep -A 1 '^error: ' "$work/progress" | grep -qiE "$2" || fail "$1: unclear: $(cat "$work/progress")"
    grep -A 1 '^error: ' "$work/progress" | tail -n 1 | grep -qE '^  .{10}' || fail "$1: no remedy: $(cat "$work/progress")"
    ! grep -qiE 'fatal error|assert|crash|stack trace' "$work/progress" || fail "$1: $(cat "$work/progress")"
}
complete() {
    for name in a b c; do [ "$(verdict "$name.eml")" = true ] || fail "$1: no answer to $name"; done
    [ "$(entries "$room" job.ended)" -eq 1 ] || fail "$1: $(entries "$room" job.ended) jobs ended"
    [ "$(entries "$room" output.released)" -eq 3 ] || fail "$1: $(entries "$room" output.released) releases"
    # What was released before the disk was full is still the answer that lies there.
    for digest in $(events "$room" output.released | jq -r '.ciphertext | ltrimstr("sha256:")'); do
        sha256sum "$work"/out/*.age | grep "^$digest" >/dev/null || fail "$1: a released answer was replaced"
    done
    verified "$room"
}

# How much a job takes, where there is enough.
fresh
before=$(available)
run_job 0
complete "on an empty disk"
needs=$((before - $(available)))
[ "$needs" -ge 64 ] || fail "a job takes $needs KiB: the test would prove nothing"

# Full at a dozen moments from the first write to the last.
full=0
for free in 0 4 8 16 24 32 48 64 80 96 128 160 192 224 256; do
    fresh
    leave "$free"
    got=0
    "$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" || got=$?
    rm -f "$work/disk/ballast"
    expect 0 "$atomic" audit verify --room "$room"
    if [ "$got" -ne 0 ]; then
        full=$((full + 1))
        [ "$got" -eq 1 ] || fail "$free KiB: exit $got: $(cat "$work/progress")"
        one_error "$free KiB" 'no space left|disk.* full|free space'
        # Whatever was acknowledged is still there: the same job goes on, nothing is released twice.
        accepted=$(entries "$room" job.accepted)
        run_job 0
        [ "$accepted" -eq 0 ] || grep -q '^resumed' "$work/progress" || fail "$free KiB: the job was not resumed"
    fi
    complete "$free KiB"
done
[ "$full" -ge 6 ] || fail "only $full of the disks were full"
nobody_left "after full disks"

# Full in the place of the answers: the room is whole, the answer is placed later and no model runs for it again.
fresh
mkdir "$work/small"
mount -t tmpfs -o size=16k tmpfs "$work/small"
head -c 16384 /dev/zero >"$work/small/ballast" 2>/dev/null
sed -i "s|dir: [^,]*|dir: $work/small/out|" "$work/job.yaml"
run_job 1
one_error "no space for the answers" 'no space left|disk.* full|free space'
umount "$work/small"
delivered=$(entries "$room" input.delivered)
released=$(entries "$room" output.released)
[ "$released" -ge 1 ] || fail "no answer was released before there was no space for it"
rm -rf "$work/small"
run_job 0
[ "$(entries "$room" input.delivered)" -eq "$((3 - released + delivered))" ] || fail "a model ran again for an answer that was released"
for name in a b c; do [ -s "$work/small/out/$name.eml.json.age" ] || fail "no answer to $name"; done
verified "$room"
sed -i "s|dir: [^,]*|dir: $work/out|" "$work/job.yaml"

# Read-only, from the start: one error, and everything that only reads still works.
fresh
run_job 0
mount -o remount,ro "$work/disk"
rm -rf "$work/out"
run_job 1
one_error "a read-only room" 'read-only file system'
expect 0 "$atomic" audit verify --room "$room"
expect 0 "$atomic" audit tail --room "$room"
expect 0 "$atomic" job list --room "$room"
expect 0 "$atomic" auction explain latest --room "$room"
expect 0 "$atomic" bundle export --room "$room" -o "$work/bundle.atomic"
expect 0 "$atomic" bundle trust --room "$room" -o "$work/trust.json"
expect 0 "$bin/atomic-verify" "$work/bundle.atomic" --trust "$work/trust.json"
mount -o remount,rw "$work/disk"
run_job 0
verified "$room"

# Two at once: the second says so with 75 and changes nothing; the first ends well.
fresh
message slow.eml FAULT FREE
make_job_over slow.eml
"$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/first" &
first=$!
deadline=$((SECONDS + 20))
until grep -q '^accepted' "$work/first" 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the first run did not begin: $(cat "$work/first")"
done
kill -STOP "$first"
sed "s|slow.eml|b.eml|" "$work/job.yaml" >"$work/second.yaml"
expect 75 "$atomic" run "$work/second.yaml" --room "$room"
[ "$(wc -l <"$work/output")" -eq 2 ] || fail "not one clear error: $(cat "$work/output")"
kill -CONT "$first"
wait "$first" || fail "the first of two runs failed: $(cat "$work/first")"
expect 0 "$atomic" run "$work/second.yaml" --room "$room"
[ "$(entries "$room" output.released)" -eq 2 ] || fail "two jobs, two answers"
verified "$room"
nobody_left "at the end"
umount "$work/disk"
