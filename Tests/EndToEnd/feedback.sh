#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A model that claims 0.98 and is always wrong wins every auction, as long as nobody checks. Once somebody says which answers
# were right, the honest one wins, and the explanation says why. That an answer fits its schema changes nothing.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle liar 0.98
sed -i 's/0: {spam: true}, 1: {spam: false}/0: {spam: false}, 1: {spam: true}/' "$work/models/liar/model.yaml"
shell_bundle honest 0.90
make_keys

# The policy permits to learn from what customers write for support.
permit_learning() {
    sed -i '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}' "$1"
}
POLICY_EDIT=permit_learning make_room room "$work/models/liar" "$work/models/honest"
room=$work/room

for number in 1 2 3 4; do
    message "spam-$number.eml" "this is FREE $number"
    message "ham-$number.eml" "see you tomorrow $number"
done
feedback() { expect "$1" "$atomic" feedback "${@:2}" --room "$room"; }
winner() { "$atomic" auction explain latest --room "$room" --message "$1" --json | jq -r '.[0].record.award.winner'; }
probability() {
    "$atomic" auction explain latest --room "$room" --message "$1" --json |
        jq -r --arg model "$2" '.[0].record.award.scores[] | select(.model == $model) | "\(.right) of \(.right + .wrong)"'
}

make_job_over spam-1.eml ham-1.eml spam-2.eml
run_job 0
[ "$(winner spam-1.eml)" = liar ] || fail "the highest claim wins while nobody has checked"
[ "$(verdict spam-1.eml)" = false ] || fail "the liar's answer is the wrong one"
[ "$(events "$room" output.released | jq -s 'map(select(.sidecar != null and .learn.outcome == "permit")) | length')" -eq 3 ] ||
    fail "what the policy permits to learn from is kept, sealed"

# Three valid answers later nothing has changed: valid is not right.
make_job_over ham-2.eml
run_job 0
[ "$(winner ham-2.eml)" = liar ] || fail "valid answers moved an award"
"$atomic" auction explain latest --room "$room" --message ham-2.eml --json | jq -e '.[0].record | .v == 1 and (.input | has("experience") | not)' >/dev/null ||
    fail "there is experience although nobody verified anything"

first=$("$atomic" job list --room "$room" --json | jq -r '.[1].id')
before=$(entries "$room" feedback.added)
feedback 2 "$first" --label nobody.eml/spam=true
grep -q "has no message nobody.eml" "$work/output" || fail "an unknown message is named"
feedback 2 "$first" --label spam-1.eml/colour=true
grep -q "it has spam" "$work/output" || fail "an unknown microtask is answered with the known ones"
feedback 2 "$first" --label spam-1.eml/spam=perhaps
grep -q "true or false" "$work/output" || fail "a value that does not fit is answered with what fits"
feedback 2 "$first" --label spam-1.eml
feedback 2 "$first"
# A batch with one mistake changes nothing.
feedback 2 "$first" --label spam-1.eml/spam=true --label nobody.eml/spam=true
[ "$(entries "$room" feedback.added)" -eq "$before" ] || fail "a refused label is in the log"

printf '%s\n' '{"message":"spam-1.eml","labels":{"spam":true}}' '' '{"message":"ham-1.eml","labels":{"spam":false}}' >"$work/labels.jsonl"
feedback 0 "$first" --from "$work/labels.jsonl" --label spam-2.eml/spam=true --source label
grep -q "spam: liar was right 0 of 3 times" "$work/output" || fail "the summary says how often the model was right"
[ "$(events "$room" feedback.added | jq -s 'map(select(.outcome == "wrong" and .source == "label" and .credits < 0 and .decision.rules == ["P3"])) | length')" -eq 3 ] ||
    fail "three wrong answers, each with its credits and the rule that permits to learn"

make_job_over spam-3.eml
run_job 0
[ "$(winner spam-3.eml)" = honest ] || fail "the honest model wins after three corrections"
[ "$(verdict spam-3.eml)" = true ] || fail "and its answer is the right one"
expect 0 "$atomic" auction explain latest --room "$room" --message spam-3.eml
grep -q "liar: claims 98 %, was right 0 of 3 times here: counts as 83 %" "$work/output" || fail "explain says why: $(cat "$work/output")"

# The same as a page: who bid, who won, nothing loaded from elsewhere.
expect 0 "$atomic" auction explain latest --room "$room" --html "$work/awards.html"
for part in honest "<svg" "default-src 'none'"; do grep -qF -- "$part" "$work/awards.html" || fail "the page has no $part"; done

# The later word replaces the earlier one and counts once.
feedback 0 "$first" --label spam-1.eml/spam=false --source label
grep -q "1 of them in place of earlier ones" "$work/output" || fail "the replacement is told"
make_job_over ham-3.eml
run_job 0
[ "$(probability ham-3.eml liar)" = "1 of 3" ] || fail "a second word about an answer counts once: $(probability ham-3.eml liar)"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"

# What if: without the honest one the liar wins, without the rule that permits to bid nobody does; a word that is none is refused.
what_if() { expect "$1" "$atomic" auction what-if "${@:2}"; }
what_if 0 "$work/bundle.atomic" --without honest --json
jq -e '.winsAfter == {"liar": .auctions} and .changed > 0 and .verified == 3 and .doublyRobust == null' "$work/output" >/dev/null || fail "$(cat "$work/output")"
what_if 0 latest --room "$room" --rule P1
grep -q "without a winner          0 -> 1" "$work/output" || fail "$(cat "$work/output")"
what_if 0 latest --room "$room" --weights quality=0.6,latency=0
grep -q "another winner in         0" "$work/output" || fail "$(cat "$work/output")"
what_if 2 latest --room "$room" --without nobody
what_if 2 latest --room "$room" --rule P99
what_if 2 latest --room "$room" --weights quality=much
what_if 2 latest --room "$room"

# Without its database the room knows the same.
rm -f "$room"/state.db*
make_job_over ham-4.eml
run_job 0
[ "$(probability ham-4.eml liar)" = "1 of 3" ] || fail "the log alone does not lead to the same experience"

# Erasing takes the sealed text away and leaves the counts.
memory=$(events "$room" feedback.added | tail -n 1 | jq -r .memory)
[ -e "$room/blobs/sha256/${memory#sha256:}" ] || fail "the remembered message is sealed under its digest"
expect 0 "$atomic" feedback erase "$first" --message spam-1.eml --room "$room"
[ ! -e "$room/blobs/sha256/${memory#sha256:}" ] || fail "the sealed text is still there"
[ "$(events "$room" memory.erased | tail -n 1 | jq -r --arg memory "$memory" '.reason == "requested" and (.entries | index($memory) != null)')" = true ] ||
    fail "the log does not say what was erased"
feedback 3 "$first" --label spam-1.eml/spam=true
make_job_over spam-4.eml
run_job 0
[ "$(probability spam-4.eml liar)" = "1 of 3" ] || fail "erasing text changed what is counted"
verified "$room"

# What the policy forbids is not learned from, and the rule is named.
next_policy room '/id: P3/a\  - {id: F9, effect: forbid, action: learn, class: pii, reason: "not any more"}'
feedback 3 "$first" --label spam-2.eml/spam=true
grep -q "F9" "$work/output" || fail "the rule that forbids is named: $(cat "$work/output")"
message late.eml "FREE at last"
make_job_over late.eml
run_job 0
[ "$(events "$room" output.released | tail -n 1 | jq 'has("sidecar") or has("learn")')" = false ] || fail "a sidecar that nobody permitted"
verified "$room"
