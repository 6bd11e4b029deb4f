#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# What a run tells: the tables, their JSON and the page name what happened and no content; the page is whole or not there; the same is
# told afterwards by atomic job, also from a copy of the room and beside a job that runs.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle first 0.98 'exit 3'
shell_bundle second 0.90
shell_bundle forbidden-third 0.99
make_keys
make_room room "$work/models/first" "$work/models/second" "$work/models/forbidden-third"

name='<script>alert(1)<img src=x onerror=y>.eml'
secret=Q7-plain-text-of-a-message
message "$name" FREE "$secret"
message b.eml "See you tomorrow. $secret"
message c.eml FAULT
make_job "$work/job.yaml"

# A page that cannot be written is refused before the job, not after it.
expect 2 "$atomic" run "$work/job.yaml" --room "$work/room" --report "$work/no/such/page.html"
[ "$(entries "$work/room" job.accepted)" -eq 0 ] || fail "a job ran although its page could not be written"

"$atomic" run "$work/job.yaml" --room "$work/room" --report "$work/page.html" --json >"$work/run.json" 2>"$work/progress" ||
    fail "the job ended with $?: $(cat "$work/progress")"
summary() { jq -r ".summary$1" "$work/run.json"; }
[ "$(summary .messages.total) $(summary .messages.released)" = "3 3" ] || fail "messages: $(summary .messages)"
first=$(summary '.models[] | select(.model == "first") | [.bids, .wins, .takeovers, .failed] | @csv')
second=$(summary '.models[] | select(.model == "second") | [.bids, .wins, .takeovers, .failed] | @csv')
[ "$first $second" = "3,2,0,1 3,1,1,0" ] || fail "wins and takeovers: $first $second"
[ "$(summary '.exclusions[] | [.model, .rules[0], .messages] | @csv')" = '"forbidden-third","F1",3' ] || fail "exclusions"
[ "$(jq '[.items[].cost] | add' "$work/run.json")" -eq "$(summary '.models | map(.cost) | add')" ] || fail "costs do not add up"
[ "$(summary '.models | map(.attempts) | add')" -eq "$(entries "$work/room" auction.settled)" ] || fail "an attempt is not counted"
[ "$(summary '.processes | map(.jails) | add')" -eq "$(entries "$work/room" jail.ended)" ] || fail "a jail is not counted"
[ "$(summary .totals.modelShare)" -gt 0 ] || fail "no time of models is known"

# The page: whole, no content, names escaped, nothing loaded.
tail -n 1 "$work/page.html" | grep -qx '</html>' || fail "the page has no end"
grep -q '&lt;script&gt;alert(1)&lt;img src=x onerror=y&gt;.eml' "$work/page.html" || fail "the page does not name the message"
if grep -qiE '<script|<img' "$work/page.html"; then fail "a file name became markup"; fi
grep -q "default-src 'none'" "$work/page.html" || fail "the page has no policy"
for output in "$work/page.html" "$work/run.json"; do
    if grep -qF "$secret" "$output"; then fail "$output has content of a message"; fi
done
grep -qF "$secret" "$work/inbox/b.eml" || fail "the positive control: the message has the secret"
[ -z "$(find "$work" -name '*.tmp')" ] || fail "a temporary file was left"

# The same afterwards, also from a copy that may not be written.
"$atomic" job show latest --room "$work/room" --json >"$work/show.json"
[ "$(jq -S .summary.models "$work/show.json")" = "$(jq -S .summary.models "$work/run.json")" ] || fail "job show tells another story"
"$atomic" job show latest --room "$work/room" >"$work/table"
grep -q 'took over: first' "$work/table" || fail "the table does not name the takeover: $(cat "$work/table")"
grep -q 'released 3 of 3; wins: first 2, second 1' "$work/table" || fail "the totals: $(cat "$work/table")"
"$atomic" job show latest --room "$work/room" --report "$work/later.html" >/dev/null
grep -q '<svg ' "$work/later.html" || fail "no page afterwards"
[ "$("$atomic" job list --room "$work/room" --json | jq '.[0] | .messages, .needsReview' | tr '\n' ' ')" = "3 0 " ] || fail "job list"
[ -z "$("$atomic" job list --needs-review --room "$work/room")" ] || fail "a job is listed although nothing needs a review"
"$atomic" job review latest --room "$work/room" | grep -q 'no message needs a review' || fail "job review"

# Labels are counted, and only counted; those of another job are refused before anything runs.
jq -n --arg name "$name" '{($name): "spam", "b.eml": {"spam": false}, "c.eml": "spam"}' >"$work/labels.json"
sed -i 's/cost: "[^"]*"/cost: "0.04 EUR"/' "$work/job.yaml"
before=$(entries "$work/room" job.accepted)
printf '{"x.eml": "spam"}' >"$work/strange.json"
expect 2 "$atomic" run "$work/job.yaml" --room "$work/room" --labels "$work/strange.json"
printf '{"b.eml": "eggs"}' >"$work/strange.json"
expect 2 "$atomic" run "$work/job.yaml" --room "$work/room" --labels "$work/strange.json"
[ "$(entries "$work/room" job.accepted)" -eq "$before" ] || fail "a job ran although its labels were refused"
"$atomic" run "$work/job.yaml" --room "$work/room" --labels "$work/labels.json" --json >"$work/run.json" 2>"$work/progress" ||
    fail "the labelled job ended with $?: $(cat "$work/progress")"
[ "$(summary '.models | map([.model, .accuracy.right, .accuracy.of]) | @json')" = '[["first",2,2],["second",0,1]]' ] ||
    fail "right answers: $(summary .models)"
[ "$(entries "$work/room" feedback.added)" -eq 0 ] || fail "labels of a run became feedback"

# Beside a job that runs: no lock is taken.
(
    flock -x 9
    expect 0 "$atomic" job show latest --room "$work/room"
    expect 0 "$atomic" job review latest --room "$work/room"
) 9<"$work/room/log-wal/lock"
