#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# What can be asked of a policy before it is signed, through the command line: the example policies are sound and pass their tests,
# who-can and what-can agree with explain on every request that they give, diff names what was changed and which way, explain's
# smallest change does permit. One key may tighten a room's policy, and no more.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
policies=$root/Policies

for policy in hospital bank ministry research; do
    "$atomic" policy lint "$policies/$policy.yaml" --json >"$work/lint.json" || fail "$policy: $(cat "$work/lint.json")"
    [ "$(jq '.errors + .warnings | length' "$work/lint.json")" -eq 0 ] || fail "$policy: $(cat "$work/lint.json")"
    "$atomic" policy test "$policies/$policy.yaml" --json >"$work/test.json" || fail "$policy: $(cat "$work/test.json")"
    [ "$(jq .passed "$work/test.json")" -ge 5 ] || fail "$policy has few tests"
done

# Every grant is a request that explain permits, by the same rules; and the grants of all classes are those of all models.
for class in public internal pii phi phi.genomic; do
    "$atomic" policy who-can "$policies/hospital.yaml" --class "$class" --json | jq -c '.grants[]'
done >"$work/who"
jq -r 'select(.model) | tojson' "$work/who" | sort >"$work/by-class"
for model in summariser variant-reader letter-sorter vendor-large; do
    "$atomic" policy what-can "$policies/hospital.yaml" --model "$model" --json | jq -r '.grants[] | tojson'
done | sort >"$work/by-model"
[ -s "$work/by-class" ] || fail "nobody can do anything"
cmp -s "$work/by-class" "$work/by-model" || fail "who-can and what-can differ"
jq -c .witness "$work/who" >"$work/requests"
"$atomic" policy explain "$policies/hospital.yaml" --requests "$work/requests" --json >"$work/answers"
diff <(jq -c '[.rules, "permit"]' "$work/who") <(jq -c '[.rules, .decision]' "$work/answers") || fail "explain disagrees with who-can"
[ "$(jq -s '[.[] | select(.class == "phi.genomic" and .action == "key-release") | .model] | unique' -c "$work/who")" = '["variant-reader"]' ] ||
    fail "who sees genomes"
"$atomic" policy who-can "$policies/hospital.yaml" --class phi.genomic >"$work/answer"
grep -q '^variant-reader: bid, run, key-release phi.genomic for treatment; ' "$work/answer" || fail "for a person: $(cat "$work/answer")"
[ "$("$atomic" policy who-can "$policies/hospital.yaml" --class public)" = "nobody, whatever is asked, for data of class public" ] || fail "nobody"
expect 2 "$atomic" policy who-can "$policies/hospital.yaml" --class phy
expect 2 "$atomic" policy what-can "$policies/hospital.yaml" --model nobody

# change SED: the differences of the hospital's policy with one change, as JSON.
change() {
    sed "$1" "$policies/hospital.yaml" >"$work/new.yaml"
    ! cmp -s "$policies/hospital.yaml" "$work/new.yaml" || fail "$1 changes nothing"
    "$atomic" policy diff "$policies/hospital.yaml" "$work/new.yaml" --json >"$work/diff.json" || fail "diff: $1"
}
asked() { jq -r "$1" "$work/diff.json"; }
[ "$("$atomic" policy diff "$policies/hospital.yaml" "$policies/hospital.yaml")" = "no difference" ] || fail "a policy differs from itself"
change '/id: on-site/,/reason/ s/\[cloud, private-cloud\]/cloud/; /^  vendor-large/ s/cloud, jurisdiction: US, maxClass: internal/private-cloud, jurisdiction: DE, maxClass: pii/'
[ "$(asked .loosens)" = true ] || fail "a vendor in a private cloud is no loosening"
[ "$(asked '[.changes[] | select(.direction == "loosens") | .decisions | select(. != null) | select(.class == "pii") | .models[]] | unique | .[]')" = vendor-large ] ||
    fail "who was let in: $(cat "$work/diff.json")"
jq -c '.changes[].decisions | select(. != null) | .witness' "$work/diff.json" >"$work/requests"
for side in before after; do
    file=$policies/hospital.yaml
    [ $side = before ] || file=$work/new.yaml
    "$atomic" policy explain "$file" --requests "$work/requests" --json | jq -r .decision >"$work/$side"
    jq -r ".changes[].decisions | select(. != null) | .$side.outcome" "$work/diff.json" | cmp -s - "$work/$side" || fail "$side"
done
change '/id: learning/,/when/ s/\[internal, pii\]/internal/'
[ "$(asked .loosens) $(asked '.changes | length') $(asked '.changes[0].decisions.actions[0]')" = "false 1 learn" ] || fail "less learning: $(cat "$work/diff.json")"
change 's/, cosignatures: 1//'
[ "$(asked '.changes[0] | [.direction, .place, .old, .new] | @csv')" = '"loosens","outputs.phi.cosignatures","1",' ] || fail "$(cat "$work/diff.json")"
change 's/  - {id: ciso.*/&\n    - {id: second, role: security, key: "ed25519:MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="}/'
[ "$(asked .loosens) $(asked '.changes[0].place')" = "true authority.keys" ] || fail "one more signer: $(cat "$work/diff.json")"
"$atomic" policy diff "$policies/hospital.yaml" "$work/new.yaml" | tail -n 1 | grep -q 'a quorum must decide' || fail "who must decide"

# The smallest change of a denied request, applied, permits.
explain() { "$atomic" policy explain "$policies/hospital.yaml" --at 2026-12-01T10:00:00Z --requester ward-4 --task discharge-summary "$@"; }
explain --action run --model summariser --class phi --purpose quality-assurance >"$work/answer"
grep -q '^deny (not-permitted)' "$work/answer" || fail "quality assurance: $(cat "$work/answer")"
grep -q 'permitted with purpose discharge-summary instead of quality-assurance' "$work/answer" || fail "another purpose: $(cat "$work/answer")"
explain --action run --model summariser --class phi --purpose discharge-summary >"$work/answer"
grep -q '^permit' "$work/answer" || fail "the other purpose is denied too"
explain --action run --model letter-sorter --class phi.genomic --purpose administration --json >"$work/answer"
[ "$(jq -c '[.change.loosens, (.change.request | map(.attribute))]' "$work/answer")" = '[false,["purpose","model"]]' ] || fail "two changes: $(cat "$work/answer")"
explain --action learn --class phi --purpose treatment >"$work/answer"
grep -q 'another policy, signed by a quorum: rules: a permit of learn on phi' "$work/answer" || fail "a policy must change: $(cat "$work/answer")"

# Findings of lint: a rule that never applies, one that another one covers, a test that tests nothing.
sed '/^tests:/a\  - {name: idle, given: {model: sumariser, class: phi, purpose: treatment, at: "2026-12-01T10:00:00Z"}, expect: deny}' "$policies/hospital.yaml" |
    sed '/^rules:/a\  - {id: never, effect: permit, action: bid, class: pii, when: {purpose: x}, unless: {purpose: x}}\n  - {id: again, effect: permit, action: bid, class: pii, when: {purpose: treatment, task: letters}}' >"$work/new.yaml"
"$atomic" policy lint "$work/new.yaml" --json >"$work/lint.json" || fail "warnings are no errors: $(cat "$work/lint.json")"
[ "$(jq -r '.warnings[].message' "$work/lint.json" | grep -cE 'never applies to no request|again permits nothing that other rules|"idle" is denied only because')" -eq 3 ] ||
    fail "findings: $(cat "$work/lint.json")"

# One key tightens in a room and loosens nothing; the bundle's verifier follows both.
shell_bundle first 0.98
shell_bundle second 0.90
make_keys
make_room room "$work/models/first" "$work/models/second"
message a.eml FREE
make_job_over a.eml
run_job 0
next_policy_by 0 room '/^  first:/d' security
next_policy_by 4 room 's/^models:/&\n  first: {digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000", deployment: onprem, jurisdiction: DE, maxClass: pii, isolation: process}/' security
grep -q 'fewer may only tighten' "$work/output" || fail "why one key is not enough: $(cat "$work/output")"
[ "$(entries "$work/room" policy.accepted) $(entries "$work/room" policy.refused)" = "2 1" ] || fail "entries of policies"
rm -rf "$work/out"
run_job 0
[ "$(events "$work/room" auction.held | jq -s -c 'map(.bidders)')" = "[2,1]" ] || fail "the revoked model bids: $(events "$work/room" auction.held)"
verified "$work/room"

# Keys change hands by the old quorum and the new one; the old key's successor alone tightens again.
"$atomic" keygen --type ed25519 -o "$work/keys/successor.key" >"$work/keys/successor.pub"
next_policy_by 0 room "s#$(cat "$work/keys/security.pub")#$(cat "$work/keys/successor.pub")#" owner security successor
next_policy_by 0 room '/^  second:/d' successor
verified "$work/room"
grep -q 'but for 2 that only tighten' "$work/output" || fail "the verifier does not say who signed: $(cat "$work/output")"
expect 1 "$atomic" policy test <(sed 's/expect: permit/expect: deny/' "$policies/hospital.yaml")
echo "policy questions: $(wc -l <"$work/who") grants of the hospital's policy, each one permitted"
