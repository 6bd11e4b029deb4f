#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A room that was put back from a copy is a rolled-back one until its quorum says that it was restored; then whoever holds a later checkpoint
# learns what became of it, and a forbid that was accepted after the copy was made is not lost with it.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.90
make_keys
make_room room "$work/models/careful"
room=$work/room
for name in a b c d; do message "$name.eml" "FREE $name"; done
make_job_over a.eml
run_job 0

cp -a "$room" "$work/copy"
# What is lost: a job, and a policy that forbids.
make_job_over b.eml
run_job 0
"$atomic" audit checkpoint --room "$room" >"$work/earlier.note"
next_policy room '/id: F1/i\  - {id: F9, effect: forbid, action: [bid, run], class: pii, reason: stopped by the board}'
cp "$work/room.policy.json" "$work/2.json"
make_job_over c.eml
run_job 3
"$atomic" audit checkpoint --room "$room" >"$work/last.note"
rm -rf "$room"
cp -a "$work/copy" "$room"
expect 4 "$atomic" audit verify --room "$room" --from "$work/last.note"

both=(--key "$work/keys/owner.key" --key "$work/keys/security.key")
restore() { "$atomic" restore --room "$room" --reason "the disk failed" "$@"; }
# Not by one, not without a reason, not with what is no evidence, not with a policy that is not newer.
expect 4 restore --key "$work/keys/security.key" --lost "$work/last.note"
grep -q "1 distinct keys of policy 1 signed, 2 must" "$work/output" || fail "one key: $(cat "$work/output")"
expect 2 "$atomic" restore --room "$room" "${both[@]}"
"$atomic" audit checkpoint --room "$room" >"$work/own.note"
expect 4 restore "${both[@]}" --lost "$work/own.note"
tr A-M N-Z <"$work/last.note" >"$work/damaged.note"
expect 4 restore "${both[@]}" --lost "$work/damaged.note"
[ "$(entries "$room" room.restored)" -eq 0 ] || fail "a refused restore is in the log"

# Two people, one after the other, in a file.
expect 0 restore --statement "$work/restore.json" --lost "$work/last.note" --newest-policy "$work/2.json" --key "$work/keys/security.key"
grep -q "not carried out yet" "$work/output" || fail "one of two has signed: $(cat "$work/output")"
expect 0 "$atomic" restore --room "$room" --statement "$work/restore.json" --key "$work/keys/owner.key"
grep -q "nothing is permitted before policy 2 is accepted" "$work/output" || fail "$(cat "$work/output")"
"$atomic" audit tail --room "$room" | grep -q "room.restored.*signed by 2 keys: the disk failed" || fail "the log does not tell it"

# The same command with the file again: the room has gone on.
expect 4 "$atomic" restore --room "$room" --statement "$work/restore.json"
# Nothing runs under the policy of the copy, which permits it.
make_job_over d.eml
run_job 3
grep -q "policy 2 ruled when that was lost" "$work/progress" || fail "$(cat "$work/progress")"
[ ! -e "$work/out/d.eml.json.age" ] || fail "an answer left"
expect 0 "$atomic" policy accept "$work/2.json" --room "$room"
run_job 3
grep -q F9 "$work/progress" || fail "the forbid that was lost does not rule: $(cat "$work/progress")"
# The control: what the next policy permits runs.
next_policy room '/id: F9/d'
run_job 0

# Who holds the checkpoint that the quorum named learns what became of it; of another one nobody vouches.
expect 0 "$atomic" audit verify --room "$room" --from "$work/last.note"
grep -q "restored  from a copy of .*: the disk failed" "$work/output" || fail "$(cat "$work/output")"
expect 0 "$atomic" audit verify --room "$room" --from "$work/last.note" --json
jq -e '.verified and .restored.reason == "the disk failed" and (.restored.signers | length) == 2' "$work/output" >/dev/null || fail "$(cat "$work/output")"
expect 4 "$atomic" audit verify --room "$room" --from "$work/earlier.note"
expect 0 "$atomic" audit verify --room "$room" --from "$work/own.note"
verified "$room"
grep -q "restored from a copy 1 times, by a trusted quorum" "$work/output" || fail "the bundle does not tell it: $(cat "$work/output")"
# Whoever does not trust one of the two is not told that a quorum said so.
jq '.policyKeys |= map(select(.id != "ciso"))' "$work/trust.json" >"$work/trusts-one.json"
expect 4 "$bin/atomic-verify" "$work/bundle.atomic" --trust "$work/trusts-one.json"
echo "a restore is told from a rollback"
