#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Everything that a room writes, in one run: the table of docs/audit-format.md, the schemas of Attestation/events and the entries agree, by
# a checker that shares no code with the room. Denials that come before a job has an input, and keys, are entries too.
# shellcheck disable=SC2016 # jq, sed and Markdown mean their own dollars and backticks
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

checker=$root/Tests/Independent/check_events.py
room=$work/room
shell_bundle careful 0.98 'while :; do :; done'
shell_bundle second 0.90
make_keys

# Before there is a policy nothing is permitted, and the refusal is an entry.
expect 0 "$atomic" init "$work/unruled" --name unruled --owner "file:$work/keys/owner.key"
expect 0 "$atomic" task add "$root/Tests/Fixtures/tasks/email-triage.yaml" --room "$work/unruled"
message spam.eml FREE
make_job_over spam.eml
expect 3 "$atomic" run "$work/job.yaml" --room "$work/unruled"
events "$work/unruled" job.denied | jq -e -s 'length == 1 and .[0].code == "no-policy"' >/dev/null || fail "a room without a policy denies in silence"
expect 0 python3 "$checker" "$work/unruled"
verified "$work/unruled"

permit_learning() { sed -i '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}' "$1"; }
POLICY_EDIT=permit_learning make_room room "$work/models/careful" "$work/models/second"
# Every key of the room was announced, the secret that has no public half by its digest.
[ "$(events "$room" key.created | jq -r .purpose | sort | tr '\n' ' ')" = "inputs log log-post-quantum recipient statement " ] || fail "keys: $(events "$room" key.created)"
[ "$(events "$room" key.created | jq -r 'select(.purpose == "inputs").key')" = "sha256:$(sha256sum <"$room/keys/inputs.key" | cut -d' ' -f1)" ] ||
    fail "the entry names another secret"

# An owner key that the policy does not know.
"$atomic" keygen --type ed25519 -o "$work/keys/nobody.key" >/dev/null
sed -i "s|owner.key|nobody.key|" "$room/room.yaml"
run_job 3
sed -i "s|nobody.key|owner.key|" "$room/room.yaml"
[ "$(events "$room" job.denied | jq -r .code)" = owner ] || fail "a key that is no owner's is refused in silence"

# The model of choice is killed at one message; another takes over, with a decision of its own for the key.
message fault.eml FREE FAULT
make_job_over spam.eml fault.eml
run_job 0
expect 0 "$atomic" feedback latest --label spam.eml/spam=true --room "$room"
expect 0 "$atomic" feedback erase latest --message spam.eml --room "$room"
expect 0 "$atomic" halt --key "$work/keys/security.key" --reason "a drill" --room "$room"
run_job 8
expect 0 "$atomic" resume --key "$work/keys/owner.key" --key "$work/keys/security.key" --reason "the drill is over" --room "$room"
make_job_over spam.eml
sed -i 's/customer-support/advertising/' "$work/job.yaml"
run_job 3
cp "$work/room.policy.json" "$work/older.json"
# What the room keeps for itself ends from here on.
next_policy room '/^  - {id: P2,/d;s/^  public: {}/  public: {retention: {inputs: 1ms}}/'
expect 4 "$atomic" policy accept "$work/older.json" --room "$room"
message late.eml "FREE at last"
make_job_over late.eml
rm -rf "$work/out"
run_job 3
expect 0 "$atomic" key rotate --room "$room"
expect 0 "$atomic" restore --key "$work/keys/owner.key" --key "$work/keys/security.key" --reason "a drill" --room "$room"
expect 0 python3 "$checker" --coverage "$room"
cat "$work/output"
verified "$room"

# A person reads who, what, to which job, by which rule; whatever was decided is told with its rule, or that there is none.
"$atomic" audit tail -n 100000 --room "$room" >"$work/lines"
"$atomic" audit tail -n 100000 --room "$room" --json >"$work/entries"
[ "$(wc -l <"$work/lines")" -eq "$(wc -l <"$work/entries")" ] || fail "an entry has more than one line"
grep -qE '^ +[0-9]+  [0-9-]{10} [0-9:.]{12}  uid:0 +key.released +0000/spam: key of input [0-9a-f]{12}; job-[0-9]{8}-[0-9a-f]{12}; permitted by P1$' \
    "$work/lines" || fail "the release of a key reads: $(grep key.released "$work/lines")"
grep -qE ' job.denied +no-eligible-model, asked by desk-4 for advertising, .*no rule permits it$' "$work/lines" || fail "$(grep job.denied "$work/lines")"
jq -r 'select(any(.data | .. | objects; has("rules"))) | .seq' "$work/entries" >"$work/decided"
[ "$(wc -l <"$work/decided")" -gt 10 ] || fail "$(wc -l <"$work/decided") decisions"
while read -r seq; do
    grep -E "^ *$seq  " "$work/lines" | grep -qE '(permitted by P[0-9]|forbidden by F[0-9]|no rule permits it)' || fail "no rule: $(grep -E "^ *$seq  " "$work/lines")"
done <"$work/decided"

# The names of files stay out of the log, and out of what the log's digests let anybody guess: the record is salted by a secret.
record=$(jq -r .inputs <<<"$(events "$room" job.denied | tail -n 1)")
jq -e '.salt | test("^[0-9a-f]{64}$")' "$room/blobs/sha256/${record#sha256:}" >/dev/null || fail "a record of inputs without a salt"
if "$atomic" audit tail --room "$room" --json -n 100000 | grep -qF 'late.eml'; then fail "a file's name is in the log"; fi

# The checker's own controls: each change below makes it refuse.
refuses() { # WHY PATTERN ARGUMENT...
    expect 4 python3 "$checker" "${@:3}"
    grep -qE -- "$2" "$work/output" || fail "$1: $(cat "$work/output")"
}
copy() { rm -rf "$work/copy" && mkdir "$work/copy" && cp -r "$root/Attestation/events" "$root/docs/audit-format.md" "$work/copy/"; }
changed() { refuses "$1" "$2" --coverage "$room" --schemas "$work/copy/events" --table "$work/copy/audit-format.md"; }
schema() { jq "$2" "$work/copy/events/$1.json" >"$work/copy/new" && mv "$work/copy/new" "$work/copy/events/$1.json"; }
copy && expect 0 python3 "$checker" --coverage "$room" --schemas "$work/copy/events" --table "$work/copy/audit-format.md"
copy && schema job.ended '.properties.price = .properties.cost | del(.properties.cost) | .required -= ["cost"] | .required += ["price"]'
changed "a field of a schema has another name" "job.ended: .*cost"
copy && schema auction.held '.required += ["plan"]'
changed "a schema demands what may be absent" "auction.held: .*plan"
copy && schema jail.ended '.properties.limits = {"enum": ["none"]}'
changed "a schema allows other values" "jail.ended.*limits"
copy && schema output.withheld '."$defs".result.properties.state = {"enum": ["answered"]}'
changed "a schema's inner part allows other values" 'output.withheld.*microtasks.0.state'
copy && rm "$work/copy/events/memory.erased.json"
changed "a type without a schema" "memory.erased"
copy && sed -i '/^| `memory.erased`/d' "$work/copy/audit-format.md"
changed "a type without a row" "memory.erased"
copy && sed -i '/^| `policy.refused`/s/ `envelope`//' "$work/copy/audit-format.md"
changed "a field that the table forgot" "policy.refused: .*envelope"
copy && sed -i '/^| `policy.refused`/s/`envelope`/*`envelope`*/' "$work/copy/audit-format.md"
changed "a field in italics that may not be absent" "policy.refused: .*envelope"
refuses "a room in which not everything happened" "not in the run.*feedback.added" --coverage "$work/unruled"
sed 's/"auction.held.plan": .*/"auction.held.plan": "x", "job.ended.state": "stale",/' "$checker" >"$work/stale.py"
cp "$root/Tests/Independent/check_log.py" "$work/"
expect 4 python3 "$work/stale.py" --coverage "$room" --schemas "$root/Attestation/events" --table "$root/docs/audit-format.md"
grep -q 'stale: .*job.ended.state' "$work/output" || fail "a stale exception is not seen: $(cat "$work/output")"
