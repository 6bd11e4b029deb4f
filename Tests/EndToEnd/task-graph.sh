#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A graph with a parser, conditions, an escalation and answers as input, over messages of which each goes another way: every
# answer is what it must be, partial ones say what is missing, and the log tells a verifier the whole story.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=Tests/EndToEnd/support/graph.sh
. "$(dirname "$0")/support/graph.sh"

graph_models
graph_task
make_keys
make_room room "$work"/models/*
room=$work/room

message good.eml "INVOICE 7"
message spam.eml FREE
message french.eml BONJOUR
message unsure.eml UNSURE
message very-unsure.eml VERYUNSURE UNSURE
message category.eml CATEGORYFAULT
message filter.eml SPAMFAULT
message parse.eml PARSEFAULT
names=(good spam french unsure very-unsure category filter parse)
make_job_over "${names[@]/%/.eml}"
# Models failed at some microtasks: 6, although every message has an answer.
run_job 6

is() {
    local got
    got=$(answer "$1.eml" "$2") || fail "$1: no answer"
    [ "$got" = "$3" ] || fail "$1: $2 is $got instead of $3"
}
is good '[.spam, .language, .category, .reply]' '[false,"en","billing","About your invoice."]'
is good '[.models.category, .needsReview, .skipped, .failed]' '["sorter",null,null,null]'
is spam '[.spam, .skipped]' '[true,["category","reply"]]'
is french '[.language, .category, .skipped]' '["fr","other",["reply"]]'
# The surer of two models answers; when neither is sure enough the surest answer stays, for a person.
is unsure '[.category, .models.category, .answers.category.confidence, .needsReview]' '["other","guesser",0.8,null]'
is very-unsure '[.category, .models.category, .answers.category.confidence, .needsReview]' '["billing","sorter",0.3,["category"]]'
is very-unsure '.reply' '"About your invoice."'
is category '[.category, .failed, .needsReview]' '[null,{"category":"exhausted","reply":"needs-failed"},["category","reply"]]'
is filter '[.spam, .language, .failed]' '[null,"en",{"category":"needs-failed","reply":"needs-failed","spam":"exhausted"}]'
is parse '[.spam, .failed.language, .failed.category, .failed.reply]' '[false,"parse-model-error","parse-model-error","needs-failed"]'

[ "$(entries "$room" key.released)" -eq 8 ] || fail "the key of each message is released once"
events "$room" jail.started | jq -s -e 'map(select(.role == "parser")) | length == 8' >/dev/null || fail "a parser for each message"
events "$room" output.released | jq -s -e 'map(select(.review)) | length == 4' >/dev/null || fail "four messages for a person"
events "$room" job.ended | jq -e '.state == "released" and .released == 8 and .review == 4' >/dev/null ||
    fail "$(events "$room" job.ended)"
[ "$(entries "$room" jail.started)" -eq "$(entries "$room" jail.ended)" ] || fail "jails without an end"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
# A second reader, which shares no code with us, follows each message as well.
python3 "$root/Tests/Independent/check_log.py" "$room" --story >"$work/story" || fail "a second reader: $(cat "$work/story")"
jq -e '.story == {"jobs": 1, "outcomes": 8, "released": 8}' "$work/story" >/dev/null || fail "a second reader: $(cat "$work/story")"

# A policy that does not let the parser have such data: what needs it is denied, the rest is answered.
next_policy room 's/^  parser: {\(.*\)onprem/  parser: {\1cloud/; s/^rules:$/rules:\n  - {id: F9, effect: forbid, action: [run, key-release], class: pii, when: {model.deployment: cloud}, reason: stays here}/'
make_job_over good.eml
run_job 3
is good '[.spam, .failed]' '[false,{"category":"parser-denied","language":"parser-denied","reply":"needs-failed"}]'
verified "$room"

# A model whose answers may not leave: the others' answers do.
next_policy room 's/^  parser: {\(.*\)cloud/  parser: {\1onprem/; s/^  tongue: {\(.*\)onprem/  tongue: {\1private-cloud/; s/^  - {id: F9.*/  - {id: F9, effect: forbid, action: release, class: pii, when: {model.deployment: private-cloud}, reason: stays here}/'
run_job 3
is good '[.spam, .language, .category, .failed]' '[false,null,"billing",{"language":"release-denied"}]'
verified "$room"
