#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# What a room keeps of data ends when the policy says so, and not before: sealed inputs, and sealed records to learn from.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.90
make_keys
permit_learning() {
    sed -i '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}' "$1"
}
POLICY_EDIT=permit_learning make_room room "$work/models/careful"
room=$work/room
for name in a b c d e f; do message "$name.eml" "FREE $name"; done

sealed() { find "$room/inputs" -name '*.age' | wc -l; }
sidecars() { events "$room" output.released | jq -r '.sidecar // empty'; }
kept() { local name; for name in $(sidecars); do [ ! -e "$room/blobs/sha256/${name#sha256:}" ] || echo "$name"; done; }
erased() { events "$room" memory.erased | jq -c 'select(.reason == "retention")'; }

# The control: without a word about it both stay.
make_job_over a.eml
run_job 0
expect 0 "$atomic" feedback latest --label a.eml/spam=true --room "$room"
make_job_over b.eml
run_job 0
[ "$(sealed)" -eq 2 ] || fail "without retention $(sealed) inputs are kept instead of 2"
[ "$(kept | wc -l)" -eq 2 ] || fail "without retention not every record is kept"
[ -z "$(erased)" ] || fail "something was erased although nothing says so"

# A year: nothing is that old.
next_policy room 's/^  pii: {above: \[public\]}/  pii: {above: [public], retention: {inputs: 365d, outputs: 400d}}/'
make_job_over c.eml
run_job 0
[ "$(sealed) $(kept | wc -l)" = "3 3" ] || fail "a year has not gone by"
[ -z "$(erased)" ] || fail "something was erased before its time"

# A millisecond, by the policy of the class below: it binds what is above. What the room had before goes too.
next_policy room 's/^  public: {}/  public: {retention: {inputs: 1ms}}/'
make_job_over d.eml
run_job 0
[ "$(kept | wc -l)" -eq 0 ] || fail "records are still there: $(kept)"
[ "$(sealed)" -eq 0 ] || fail "$(sealed) inputs are still there"
[ "$(erased | jq -s 'map(.entries | length) | add')" -eq 5 ] || fail "four records of answers and a labelled message had expired: $(erased)"
[ "$(erased | jq -s 'map(.inputs // [] | length) | add')" -eq 4 ] || fail "the log does not say which inputs went: $(erased)"
[ "$(events "$room" feedback.added | wc -l)" -eq 1 ] || fail "what was learned is not in the log any more"
verified "$room"

# Not at all: no record is made, and the input is gone when its job has ended. The answer is the requester's, and stays.
next_policy room 's/inputs: 1ms/inputs: 0s/'
make_job_over f.eml
run_job 0
[ "$(events "$room" output.released | tail -n 1 | jq 'has("sidecar")')" = false ] || fail "a record was made that may not be kept"
[ "$(sealed)" -eq 0 ] || fail "$(sealed) inputs are still there"
[ "$(verdict f.eml)" = true ] || fail "the answer is not there"
# Again: a new input, and a new job.
rm -rf "$work/out"
run_job 0
[ "$(verdict f.eml) $(sealed)" = "true 0" ] || fail "the same message a second time"
verified "$room"

# A job that has not ended keeps what it needs, whatever the policy says.
next_policy room 's/^  pii: {maxBytes: 4096}/  pii: {maxBytes: 4096, review: {reviewers: 1}}/;s/^requesters:/requesters:\n  rev: {recipient: "RECIPIENT", key: "REVIEWER", roles: [reviewer]}/;s|RECIPIENT|'"$("$atomic" keygen -o "$work/keys/rev.key" 2>/dev/null)"'|;s|REVIEWER|'"$("$atomic" keygen --type ed25519 -o "$work/keys/rev.pem")"'|'
rm -rf "$work/out"
run_job 75
[ "$(sealed)" -eq 1 ] || fail "the input of a job that waits for a reviewer was erased"
number=$("$atomic" airlock list --room "$room" --json | jq -r '.airlock[0].entry')
expect 0 "$atomic" airlock approve "$number" --reviewer rev --key "$work/keys/rev.pem" --reason good --room "$room"
[ "$(sealed)" -eq 0 ] || fail "the input is still there after its job has ended"
[ "$(verdict f.eml)" = true ] || fail "the approved answer is not there"
verified "$room"
echo "what is kept ends when the policy says so"
