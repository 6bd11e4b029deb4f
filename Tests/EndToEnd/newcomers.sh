#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A room that has learned does not hand its work to a model nobody knows: a newcomer does tasks beside the winner, nothing of it leaves, a label
# judges it all the same, and when it is better it wins. One that fails spoils nothing. A publisher with several models brings as many
# bidders as the policy says. All of it is in the log and verifies.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# The usual one does not know of offers; the newcomer does, and claims less.
shell_bundle usual 0.90
shell_bundle newcomer 0.60 && sed -i 's/\*FREE\*)/*FREE* | *OFFER*)/' "$work/models/newcomer/judge.sh"
shell_bundle broken 0.80 'exit 9' && sed -i 's/\*FAULT\*)/*TRY*)/' "$work/models/broken/judge.sh"
shell_bundle acme-1 0.30
shell_bundle acme-2 0.30 && echo "# another digest" >>"$work/models/acme-2/judge.sh"
make_keys
permit() {
    sed -i '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}\n  - {id: P4, effect: permit, action: explore, class: pii}' "$1"
    sed -i 's/minBids: 1$/minBids: 1\n  bidsPerPublisher: 1\n  trials: 8/; /acme-/s/isolation: process}/isolation: process, publisher: acme}/' "$1"
    # A wrong answer costs something of its own.
    sed -i 's/latency: 0.1}/latency: 0.1, risk: 0.1}/' "$1"
}
POLICY_EDIT=permit make_room room "$work"/models/{usual,newcomer,broken,acme-1,acme-2}
room=$work/room
held() { events "$room" auction.held | jq -c "select(.microtask | test(\"/spam\")) | $1"; }

messages=() labels=()
for number in $(seq 10 29); do
    message "spam-$number.eml" "an OFFER $number"
    message "ham-$number.eml" "see you tomorrow $number"
    messages+=("spam-$number.eml" "ham-$number.eml")
    labels+=(--label "spam-$number.eml/spam=true" --label "ham-$number.eml/spam=false")
done
make_job_over "${messages[@]}"
run_job 0
expect 0 "$atomic" auction explain latest --room "$room" --json
jq -e 'all(.[].record.input; .weights.risk == 100000000 and ([.exclusions[] | select(.kind == "quota")] | length) == 1
    and ([.bids[] | select(.model | startswith("acme"))] | length) == 1)' "$work/output" >/dev/null || fail "the quota is not kept"
[ "$(jq '[.[].record.input.exclusions[] | select(.kind == "quota").model] | unique | length' "$work/output")" = 2 ] ||
    fail "one of the publisher's models never has its turn"
[ -z "$(held 'select(.trial)')" ] || fail "somebody was tried before the room had learned"
expect 0 "$atomic" feedback latest "${labels[@]}" --room "$room"
cp -a "$room" "$work/template"

# The usual one is right half of the time. Everybody else is a newcomer now.
messages=() labels=()
for number in $(seq 50 99); do
    message "try-$number.eml" "an OFFER to TRY $number"
    messages+=("try-$number.eml")
    labels+=(--label "try-$number.eml/spam=true")
done
make_job_over "${messages[@]}"
run_job 0
job=$("$atomic" job list --room "$room" --json | jq -r '.[0].id')
[ "$(entries "$room" output.released)" -eq 90 ] || fail "$(entries "$room" output.released) of 90 answers left"
[ "$(held 'select(.trial | not) | .winner' | tail -n 50 | sort | uniq -c | tr -s ' ')" = ' 50 "usual"' ] ||
    fail "a newcomer won: $(held 'select(.trial | not) | .winner' | tail -n 50)"
tried() { held "select(.trial and .winner == \"$1\")" | wc -l; }
for model in newcomer broken; do
    [ "$(tried "$model")" -eq 8 ] || fail "$model was tried $(tried "$model") times"
done
expect 0 "$atomic" auction explain latest --room "$room" --message try-50.eml
grep -q "trial: 0 of 8 verified outcomes" "$work/output" || fail "$(cat "$work/output")"
grep -q ", a trial of job" "$work/output" || fail "$(cat "$work/output")"
expect 0 "$atomic" auction explain latest --room "$room"
grep -q ", trial" "$work/output" || fail "$(cat "$work/output")"
expect 0 "$atomic" audit tail --room "$room" -n 1000
grep -q "newcomer won a trial beside the answer" "$work/output" || fail "the log's story has no trial"
expect 0 python3 "$root/Tests/Independent/check_events.py" "$room"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"

# One label judges both answers; what left is what the summary counts.
expect 0 "$atomic" feedback "$job" "${labels[@]}" --room "$room" --json
jq -e '([.results[] | select(.released)] | length) == 50 and all(.results[]; .released == (.model == "usual"))
    and ([.results[] | select(.model == "newcomer" and .outcome == "right")] | length) >= 8' "$work/output" >/dev/null ||
    fail "$(cat "$work/output")"

# It was right each time, so it has earned its place.
message now.eml "an OFFER at last"
make_job_over now.eml
run_job 0
[ "$(held 'select(.trial | not) | .winner' | tail -n 1)" = '"newcomer"' ] || fail "the newcomer did not win: $("$atomic" auction explain latest --room "$room")"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
grep -q "all agree" "$work/output" || fail "$(cat "$work/output")"
expect 0 "$atomic" auction what-if latest --room "$room" --without newcomer

# Without its database the room knows the same of everybody.
rm -f "$room"/state.db*
message again.eml "an OFFER again"
make_job_over again.eml
run_job 0
[ "$(held 'select(.trial | not) | .winner' | tail -n 1)" = '"newcomer"' ] || fail "the log alone does not lead to the same"

# Without a permit to explore nobody is tried, and still no newcomer wins.
sed -e 's/sequence: 1,/sequence: 2,/' -e '/id: P4/d' "$work/room.policy.yaml" >"$work/second.yaml"
previous=$(jq -r '.payload' "$work/room.policy.json" | base64 -d | sha256sum | cut -d' ' -f1)
sed -i "s/expires: \"2090-01-01T00:00:00Z\"}/expires: \"2090-01-01T00:00:00Z\", previous: \"sha256:$previous\"}/" "$work/second.yaml"
"$atomic" policy sign "$work/second.yaml" --key "$work/keys/owner.key" --key "$work/keys/security.key" -o "$work/second.json" >"$work/output" 2>&1 ||
    fail "$(cat "$work/output")"
expect 0 "$atomic" policy accept "$work/second.json" --room "$room"
before=$(held 'select(.trial)' | wc -l)
message last.eml "an OFFER without trials"
make_job_over last.eml
run_job 0
[ "$(held 'select(.trial)' | wc -l)" -eq "$before" ] || fail "somebody was tried without a permit"
verified "$room"
# Killed after every entry of a message that a newcomer does as well: the answer leaves once, and everything verifies.
message killed.eml "an OFFER to TRY and to kill"
make_job_over killed.eml
rm -rf "$room"
before=$("$atomic" audit checkpoint --room "$work/template" --json | jq -r .size)
ended=$(events "$work/template" job.ended | wc -l)
cp -a "$work/template" "$room"
run_job 0
[ -n "$(held 'select(.trial and .winner != "broken")')" ] || fail "nobody was tried"
after=$("$atomic" audit checkpoint --room "$room" --json | jq -r .size)
for ((entry = before; entry < after - 1; entry++)); do
    rm -rf "$room" "$work/out"
    cp -a "$work/template" "$room"
    status=0
    ATOMIC_CRASH_AT_ENTRY="$entry:after" "$atomic" run "$work/job.yaml" --room "$room" >"$work/output" 2>&1 || status=$?
    [ "$status" -eq 137 ] || { cat "$work/output"; fail "not killed after entry $entry (exit $status)"; }
    # Who is tried is drawn by the job's id, so one run has more entries than another; a job that ended is not taken up again.
    if [ "$(events "$room" job.ended | wc -l)" -gt "$ended" ]; then break; fi
    run_job 0
    [ "$(entries "$room" output.released)" -eq 41 ] || fail "$(entries "$room" output.released) answers left after entry $entry"
    verified "$room"
done
[ "$((entry - before))" -gt 12 ] || fail "only $((entry - before)) entries were tried"
echo "newcomers earn their place, and publishers have no more bidders than they may"
