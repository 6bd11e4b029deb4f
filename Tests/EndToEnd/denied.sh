#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# What the policy denies ends with exit 3, says which rules did it, leaves no answer, and is an entry in the log.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.98
shell_bundle forbidden-cloud 0.99
make_keys
make_room room "$work/models/careful" "$work/models/forbidden-cloud"
message a.eml FREE

# denied WHY PATTERN SED: the job, changed by SED, is denied, and the message matches PATTERN.
denied() {
    make_job_over a.eml
    sed -i "$3" "$work/job.yaml"
    run_job 3
    grep -qE "$2" "$work/progress" || fail "$1: the message does not say so: $(cat "$work/progress")"
    [ ! -e "$work/out" ] || fail "$1: something was released"
}

denied "a purpose that no rule permits" 'F1' 's/customer-support/advertising/'
denied "a class above every model's clearance" 'clearance' 's/class: pii/class: phi/'
denied "a requester that is not listed" 'desk-5' 's/desk-4/desk-5/'
[ "$(entries "$work/room" job.denied)" -eq 3 ] || fail "three denials are three entries"
[ "$(entries "$work/room" key.released)" -eq 0 ] || fail "a key was released for a denied job"
[ "$(entries "$work/room" jail.started)" -eq 0 ] || fail "something ran for a denied job"

# The positive control: the same job unchanged; the forbidden model is excluded from it, visibly, by its rule.
make_job_over a.eml
run_job 0
[ "$(verdict a.eml)" = true ] || fail "no answer"
events "$work/room" auction.held | jq -e -s 'all(.excluded == 1) and length == 1' >/dev/null || fail "nobody was excluded"
grep -q F1 "$work/table" || fail "the table does not name the rule: $(cat "$work/table")"
verified "$work/room"

# What a rule denies only at the end, for one answer: exit 3, the rule in the table and in the log, and nothing leaves.
held_back() { # WHY PATTERN NAME CODE
    rm -rf "$work/out"
    message "$3.eml" FREE "$1"
    make_job_over "$3.eml"
    run_job 3
    [ ! -e "$work/out" ] || fail "$1: something was released"
    grep -qE -- "$2" "$work/table" || fail "$1: the table does not say so: $(cat "$work/table")"
    events "$work/room" output.withheld | tail -n 1 | jq -e --arg code "$4" '.code == $code and .decision.outcome == "deny"' >/dev/null ||
        fail "$1: the log says $(events "$work/room" output.withheld | tail -n 1)"
}
next_policy room 's/^  - {id: F1,/  - {id: F2, effect: forbid, action: release, class: pii, reason: frozen}\n  - {id: F3, effect: forbid, action: release, class: pii, when: {purpose: customer-support}}\n&/'
held_back "releases that two rules forbid" 'F2.*F3' forbidden release-denied
events "$work/room" output.withheld | tail -n 1 | jq -e '.decision.rules == ["F2", "F3"]' >/dev/null || fail "not every rule is in the log"
next_policy room '/^  - {id: \(P2\|F2\|F3\),/d'
held_back "a release that no rule permits" 'release-denied' unpermitted release-denied
next_policy room 's/action: \[bid, run, key-release\]/action: [bid, run]/'
before=$(entries "$work/room" key.released)
held_back "a key that no rule lets out" 'key-release-denied' keyless key-release-denied
[ "$(entries "$work/room" key.released)" -eq "$before" ] || fail "the key was released all the same"

# A caller whom the policy does not know by this name.
next_policy room 's/uid: [0-9]*,/uid: 54321,/'
message caller.eml FREE
make_job_over caller.eml
rm -rf "$work/out"
run_job 3
grep -q 'uid 0' "$work/progress" || fail "the message does not name the caller: $(cat "$work/progress")"
[ ! -e "$work/out" ] || fail "something was released to a stranger"
verified "$work/room"
