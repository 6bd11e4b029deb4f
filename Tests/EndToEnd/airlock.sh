#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# An answer whose class asks for a review waits: two reviewers let it out, one keeps it in, and nobody else does either.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

make_keys
for name in one two stranger; do
    "$atomic" keygen --type ed25519 -o "$work/keys/$name.key" >"$work/keys/$name.pub"
    "$atomic" keygen -o "$work/keys/$name.age" >"$work/keys/$name.recipient" 2>/dev/null
done
shell_bundle careful 0.98
reviewed() { # the policy: two reviewers by key, one whom only the user id tells from nobody, and a requester who reviews
    sed -i -e 's/^  pii: {maxBytes: 4096}/  pii: {maxBytes: 4096, review: {reviewers: 2, notRequester: true}}/' \
        -e 's/roles: \[requester\]}/roles: [requester, reviewer]}/' \
        -e "/^  desk-4:/a\\  rev-1: {recipient: \"$(cat "$work/keys/one.recipient")\", key: \"$(cat "$work/keys/one.pub")\", roles: reviewer}\\n  rev-2: {recipient: \"$(cat "$work/keys/two.recipient")\", key: \"$(cat "$work/keys/two.pub")\", roles: reviewer}\\n  clerk: {recipient: \"$(cat "$work/keys/stranger.recipient")\", key: \"$(cat "$work/keys/stranger.pub")\", roles: auditor}" "$1"
}
POLICY_EDIT=reviewed make_room room "$work/models/careful"
room=$work/room
canary=$("$atomic" canary)
message a.eml FREE "my reference is $canary"
message b.eml "hello"
make_job_over a.eml b.eml
run_job 75
[ ! -e "$work/out/a.eml.json.age" ] || fail "an answer left before its review"
[ "$(entries "$room" airlock.queued)" -eq 2 ] || fail "two answers should wait"
[ "$(entries "$room" job.ended)" -eq 0 ] || fail "the job ended before its answers were reviewed"
# The same command again: nothing runs twice, and it still waits.
run_job 75
[ "$(entries "$room" airlock.queued)" -eq 2 ] || fail "an answer was queued twice"

number() { "$atomic" airlock list --room "$room" --json | jq -r --arg name "$1" '.airlock[] | select(.message == $name) | .entry'; }
a=$(number a.eml)
b=$(number b.eml)
by() { # CODE VERDICT NUMBER REVIEWER KEY [REASON]
    expect "$1" "$atomic" airlock "$2" "$3" --room "$room" --reviewer "$4" --key "$work/keys/$5.key" --reason "${6:-looks good}"
}

# What a reviewer sees, and nobody else.
expect 0 "$atomic" airlock show "$a" --room "$room" -i "$work/keys/one.age"
grep -q '"spam":true' "$work/output" || fail "the reviewer does not see the answer: $(cat "$work/output")"
grep -q "$canary does not come up" "$work/output" || fail "the reviewer does not see the canary"
expect 0 "$atomic" airlock show "$a" --room "$room"
grep -q 'spam":true\|canary-' "$work/output" && fail "everybody sees the answer"
for key in requester.key stranger.age; do
    "$atomic" airlock show "$a" --room "$room" -i "$work/keys/$key" >"$work/output" 2>&1 && fail "$key opens the answer"
done

# Who may not decide.
expect 3 "$atomic" airlock approve "$a" --room "$room" --reason "it is mine"
grep -q 'asked for this answer' "$work/output" || fail "the requester's approval: $(cat "$work/output")"
by 3 approve "$a" clerk stranger
by 3 approve "$a" nobody stranger
by 3 approve "$a" rev-1 two
expect 3 "$atomic" airlock approve "$a" --room "$room" --reviewer rev-1 --reason "without a key"
expect 2 "$atomic" airlock approve 0 --room "$room" --reason "no such answer"
expect 2 "$atomic" airlock approve "$a" --room "$room"
[ "$(entries "$room" airlock.decided)" -eq 0 ] || fail "a decision of somebody who may not was taken"

# One reviewer twice is one reviewer.
by 0 approve "$a" rev-1 one
[ ! -e "$work/out/a.eml.json.age" ] || fail "an answer left after one of two approvals"
by 3 approve "$a" rev-1 one
[ ! -e "$work/out/a.eml.json.age" ] || fail "one reviewer approved twice"

# An answer that was changed while it waited does not leave; put back, it does.
held=$room/outbox/$("$atomic" airlock show "$a" --room "$room" --json | jq -r '.airlock.held | ltrimstr("sha256:")')
cp "$held" "$work/held"
printf x >>"$held"
by 4 approve "$a" rev-2 two
[ "$(entries "$room" airlock.decided)" -eq 1 ] || fail "a decision about a changed answer was taken"
cp "$work/held" "$held"
by 0 approve "$a" rev-2 two
[ "$(verdict a.eml)" = true ] || fail "the approved answer is not there"
by 0 reject "$b" rev-2 two "quotes the customer"
[ ! -e "$work/out/b.eml.json.age" ] || fail "a rejected answer left"
[ "$(entries "$room" job.ended)" -eq 1 ] || fail "the job did not end with its last answer"
events "$room" job.ended | jq -e '.released == 1 and .denied == 1 and .state == "denied"' >/dev/null || fail "the end counts wrong"
events "$room" output.withheld | jq -e '.code == "review-rejected"' >/dev/null || fail "the rejection has no code"
by 2 approve "$b" rev-1 one
[ "$("$atomic" airlock list --room "$room" --json | jq '.airlock | length')" -eq 0 ] || fail "something waits still"
[ -z "$(find "$room/outbox" -type f)" ] || fail "something is left in the outbox"
verified "$room"

# A crash after the approval is in the log: the same command again places the answer and ends the job, once.
next_policy room 's/reviewers: 2/reviewers: 1/'
message c.eml FREE
make_job_over c.eml
run_job 75
c=$(number c.eml)
rm -rf "$work/out"
: >"$work/out" # where a directory must be: the answer cannot be placed
by 1 approve "$c" rev-1 one
[ "$(entries "$room" output.released)" -eq 2 ] || fail "the release is not in the log"
rm "$work/out"
by 0 approve "$c" rev-1 one
[ "$(verdict c.eml)" = true ] || fail "the answer was lost"
[ "$(entries "$room" output.released) $(entries "$room" job.ended)" = "2 2" ] || fail "released or ended twice"
verified "$room"

# What the policy forbids by the time of the release stays, and says by which rule.
message d.eml FREE
make_job_over d.eml
run_job 75
d=$(number d.eml)
next_policy room 's/^  - {id: F1,/  - {id: F9, effect: forbid, action: release, class: pii}\n&/'
by 0 approve "$d" rev-2 two
[ ! -e "$work/out/d.eml.json.age" ] || fail "a forbidden answer left"
events "$room" output.withheld | tail -n 1 | jq -e '.code == "release-denied" and .decision.rules == ["F9"]' >/dev/null ||
    fail "the denial: $(events "$room" output.withheld | tail -n 1)"
verified "$room"

# Through the daemon.
next_policy room '/^  - {id: F9,/d'
message e.eml FREE
make_job_over e.eml
"$bin/atomicd" --room "$room" >"$work/daemon" 2>&1 &
daemon=$!
for _ in {1..100}; do [ -S "$room/run/atomicd.sock" ] && break; sleep 0.1; done
run_job 75
e=$(number e.eml)
by 0 approve "$e" rev-2 two
[ "$(verdict e.eml)" = true ] || fail "the daemon did not place the answer"
kill "$daemon"
wait "$daemon"
[ "$(entries "$room" job.ended)" -eq 4 ] || fail "the daemon's job did not end"
verified "$room"

# A rule asks for the review, and `outputs` does not: the answer waits all the same, and leaves with what the rule wants.
next_policy room 's/, review: {reviewers: [0-9], notRequester: true}//;s/^  - {id: F1,/  - {id: F8, effect: forbid, action: release, class: pii, unless: {output.check: pass, review: airlock, approvals: ">= 2"}}\n&/'
message f.eml FREE
make_job_over f.eml
run_job 75
f=$(number f.eml)
by 0 approve "$f" rev-1 one
[ ! -e "$work/out/f.eml.json.age" ] || fail "one approval was enough where a rule wants two"
by 0 approve "$f" rev-2 two
[ "$(verdict f.eml)" = true ] || fail "two approvals did not satisfy the rule"
# The control: without the rule it leaves at once.
next_policy room '/^  - {id: F8,/d'
message g.eml FREE
make_job_over g.eml
run_job 0
[ "$(verdict g.eml)" = true ] || fail "the control did not leave"
verified "$room"
