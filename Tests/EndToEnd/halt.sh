#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# One key stops a room and kills what runs in it within a second, in a daemon and under atomic run; while it is halted nothing is
# permitted; only the quorum lets it go on, and the same command then resumes the job. What was signed for another room, by too few,
# by a stranger, or earlier, changes nothing.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

now() { date +%s%N; }
halt() { "$atomic" halt --room "$room" "$@"; }
resume() { "$atomic" resume --room "$room" "$@"; }
running() { grep -qa "judge[.]sh" /proc/[0-9]*/cmdline 2>/dev/null; }
idle() { ! running; }

# A model that is busy for many seconds with one kind of message.
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle busy 0.95 'i=0; while [ $i -lt 2500000 ]; do i=$((i+1)); done'
sed -i -e 's/wall: 1s, cpu: 1s/wall: 60s, cpu: 60s/' -e 's/cpuSecond: "[^"]*"/cpuSecond: "0.000001 EUR"/' "$work/models/busy/model.yaml"
make_keys
"$atomic" keygen --type ed25519 -o "$work/keys/stranger.key" >/dev/null
make_room room "$work/models/busy"
make_room other "$work/models/busy"
room=$work/room
message quick.eml FREE
message slow.eml FAULT
make_job_over quick.eml slow.eml

# measure WHAT: halts a room in which the model runs, and says in how many milliseconds it is dead.
measure() {
    local begun elapsed
    until_true "$1: the model did not start" running
    begun=$(now)
    expect 0 halt --key "$work/keys/security.key" --reason "$1"
    until_true "$1: the model runs on" idle
    elapsed=$((($(now) - begun) / 1000000))
    echo "$1: dead after $elapsed ms"
    [ "$elapsed" -le 1000 ] || fail "$1: the model was killed after $elapsed ms"
}

# Under atomic run of another process, which has the room's lock.
"$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
job=$!
measure "atomic run"
status=0
wait "$job" || status=$?
[ "$status" -eq 8 ] || fail "atomic run of a halted room ends with $status: $(cat "$work/progress")"
"$atomic" job list --room "$room" --json | jq -e '.[0].state == "halted"' >/dev/null || fail "the job is not halted: $("$atomic" job list --room "$room")"

# While it is halted: no job, no feedback, and everything that only looks.
expect 8 "$atomic" run "$work/job.yaml" --room "$room" --json
jq -e '.error.code == "halted"' "$work/output" >/dev/null || fail "another error: $(cat "$work/output")"
expect 0 "$atomic" job show latest --room "$room"
expect 0 "$atomic" audit tail --room "$room"
verified "$room"
events "$room" job.denied | jq -s -e 'map(select(.code == "halted")) | length == 1' >/dev/null || fail "the refusal is not in the log"

# What does not stop it, and what does not set it going.
refused() { # CODE COMMAND...
    local code=$1
    shift
    expect 4 "$@" --json
    jq -e --arg code "$code" '.error.code == $code' "$work/output" >/dev/null || fail "$code: $(cat "$work/output")"
}
refused threshold resume --key "$work/keys/owner.key"
refused unknown-signer resume --key "$work/keys/owner.key" --key "$work/keys/security.key" --key "$work/keys/stranger.key"
expect 0 "$atomic" halt --room "$work/other" --key "$work/keys/owner.key"
expect 0 "$atomic" resume --room "$work/other" --key "$work/keys/owner.key" --statement "$work/elsewhere.json"
refused other-room resume --key "$work/keys/security.key" --statement "$work/elsewhere.json"
expect 0 resume --key "$work/keys/owner.key" --statement "$work/resume.json" --json
jq -e '.complete == false' "$work/output" >/dev/null || fail "one of two is complete: $(cat "$work/output")"
expect 8 "$atomic" run "$work/job.yaml" --room "$room"
# Another halt comes between: the resume that is being signed does not lift it.
expect 0 halt --key "$work/keys/owner.key" --statement "$work/halt.json"
refused replay resume --key "$work/keys/security.key" --statement "$work/resume.json"
rm "$work/resume.json"
expect 0 resume --key "$work/keys/owner.key" --statement "$work/resume.json"
expect 0 resume --key "$work/keys/security.key" --statement "$work/resume.json"
grep -q '^resumed by entry' "$work/output" || fail "not resumed: $(cat "$work/output")"
refused not-halted resume --statement "$work/resume.json"
refused replay halt --statement "$work/halt.json"

# In a daemon, which goes on; the same command resumes the job that was halted before.
"$bin/atomicd" --room "$room" 2>"$work/daemon" &
daemon=$!
until_true "the daemon did not start" grep -q "atomicd: ready" "$work/daemon"
"$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
job=$!
measure "a daemon"
status=0
wait "$job" || status=$?
[ "$status" -eq 8 ] || fail "the client of a halted daemon ends with $status: $(cat "$work/progress")"
grep -q '^resumed' "$work/progress" || fail "the job was not resumed: $(cat "$work/progress")"
expect 8 "$atomic" run "$work/job.yaml" --room "$room"
expect 0 resume --key "$work/keys/owner.key" --key "$work/keys/security.key"
expect 0 "$atomic" run "$work/job.yaml" --room "$room"
[ "$(verdict quick.eml) $(verdict slow.eml)" = "true false" ] || fail "the answers are $(verdict quick.eml) and $(verdict slow.eml)"
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not end well"

# A halted room stays halted when nobody has it, and whoever opens it next knows.
expect 0 halt --key "$work/keys/security.key"
expect 8 "$atomic" run "$work/job.yaml" --room "$room"
nobody_left "at the end"
[ "$(entries "$room" job.accepted) $(entries "$room" job.ended)" = "1 1" ] || fail "one job was to be accepted and ended"
[ "$(entries "$room" halt) $(entries "$room" resume)" = "4 2" ] || fail "$(entries "$room" halt) halts, $(entries "$room" resume) resumes"
events "$room" output.released | jq -s -e 'length == 2 and (map(.input) | unique | length) == 2' >/dev/null || fail "not every answer was released once"
verified "$room"
