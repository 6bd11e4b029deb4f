#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Kills the supervisor before and after the entries by which an answer gets into the airlock, is decided, leaves, and ends its job.
# The same commands again lose nothing and release nothing twice.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

make_keys
"$atomic" keygen --type ed25519 -o "$work/keys/one.key" >"$work/keys/one.pub"
"$atomic" keygen -o "$work/keys/one.age" >"$work/keys/one.recipient" 2>/dev/null
shell_bundle careful 0.98
reviewed() {
    sed -i -e 's/^  pii: {maxBytes: 4096}/  pii: {maxBytes: 4096, review: {reviewers: 1}}/' \
        -e "/^  desk-4:/a\\  rev-1: {recipient: \"$(cat "$work/keys/one.recipient")\", key: \"$(cat "$work/keys/one.pub")\", roles: reviewer}" "$1"
}
POLICY_EDIT=reviewed make_room room "$work/models/careful"
message a.eml FREE
make_job_over a.eml
size() { "$atomic" audit checkpoint --room "$work/room" --json | jq -r .size; }
approve() {
    "$atomic" airlock approve "$("$atomic" airlock list --all --room "$work/room" --json | jq .airlock[0].entry)" \
        --room "$work/room" --reviewer rev-1 --key "$work/keys/one.key" --reason fine
}
again() { rm -rf "$work/room" "$work/out"; cp -a "$work/$1" "$work/room"; }
finished() { # WHEN: exactly one answer, released once by one job
    [ "$(verdict a.eml)" = true ] || fail "no answer ($1)"
    local type
    for type in airlock.queued airlock.decided output.released job.ended; do
        [ "$(entries "$work/room" "$type")" -eq 1 ] || fail "$(entries "$work/room" "$type") times $type ($1)"
    done
    verified "$work/room"
}

cp -a "$work/room" "$work/before"
run_job 75
queued=$(events "$work/room" airlock.queued | wc -l)
[ "$queued" -eq 1 ] || fail "nothing waits"
end=$(size)
cp -a "$work/room" "$work/waiting"
crashes=0
for ((entry = end - 3; entry < end; entry++)); do
    for when in before after; do
        again before
        status=0
        ATOMIC_CRASH_AT_ENTRY="$entry:$when" "$atomic" run "$work/job.yaml" --room "$work/room" >"$work/output" 2>&1 || status=$?
        [ "$status" -eq 137 ] || { cat "$work/output"; fail "not killed $when entry $entry of the run (exit $status)"; }
        run_job 75
        [ ! -e "$work/out/a.eml.json.age" ] || fail "the answer left unreviewed ($when $entry)"
        expect 0 approve
        finished "run, $when $entry"
        crashes=$((crashes + 1))
    done
done

again waiting
expect 0 approve
finished control
start=$(jq -s 'map(select(.type == "airlock.decided"))[0].seq' < <("$atomic" audit tail --room "$work/room" --json -n 100000))
end=$("$atomic" audit tail --room "$work/room" --json -n 100000 | jq -s 'map(select(.type == "job.ended"))[0].seq + 1')
for ((entry = start; entry < end; entry++)); do
    for when in before after; do
        again waiting
        status=0
        number=$("$atomic" airlock list --room "$work/room" --json | jq .airlock[0].entry)
        ATOMIC_CRASH_AT_ENTRY="$entry:$when" "$atomic" airlock approve "$number" --room "$work/room" --reviewer rev-1 \
            --key "$work/keys/one.key" --reason fine >"$work/output" 2>&1 || status=$?
        [ "$status" -eq 137 ] || { cat "$work/output"; fail "not killed $when entry $entry of the approval (exit $status)"; }
        # Once the job has ended there is nothing left to do, and the command says so.
        expect "$([ "$(entries "$work/room" job.ended)" -eq 1 ] && echo 2 || echo 0)" approve
        finished "approval, $when $entry"
        crashes=$((crashes + 1))
    done
done
[ "$crashes" -ge 12 ] || fail "only $crashes crashes"
echo "$crashes crashes, each followed by one release"
