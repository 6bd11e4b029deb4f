#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A model that goes by the examples it is shown gets better on messages that nobody corrected: the room shows it the labelled
# messages that are most like the one at hand. So does one that takes all examples before its first call. The log names the
# examples and tells nothing of them.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
command -v python3 >/dev/null || skip "needs python3: the fixture's models are written in it"

# python_bundle NAME TASK PROTOCOL LINE...: a bundle whose model is support/examples.py in the mode NAME.
python_bundle() {
    local bundle=$work/models/$1 name=$1 task=$2 protocol=$3
    shift 3
    mkdir -p "$bundle/program" "$bundle/sample"
    cp "$root/Tests/EndToEnd/support/examples.py" "$bundle/program/"
    {
        cat <<YAML
name: $name
version: "1"
licence: MIT
tasks: [{type: $task, schema: "urn:atomic:schema:$task:v1"}]
protocol: $protocol
argv: [/usr/bin/python3, -I, -S, /model/program/examples.py, $name]
image: {closure: {python: {interpreter: /usr/bin/python3}}}
mounts: [{source: program, target: /model/program}]
profile: executor
limits: {memory: 256MiB, wall: 10m, cpu: 1m, processes: 2, output: 64KiB}
YAML
        printf '%s\n' "$@"
        echo 'provenance: {source: "written for this test"}'
    } >"$bundle/model.yaml"
    if [ "$task" = parse ]; then
        printf 'Subject: one\n\ntwo three\n' >"$bundle/sample/a.eml"
    else
        printf '{"attachments":[],"headers":{"subject":"one"},"text":"two three"}' >"$bundle/sample/a.json"
    fi
}
free='prices: {call: "0 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}'
paid='prices: {call: "0.00002 EUR", cpuSecond: "0.0001 EUR", kibibyte: "0.000001 EUR"}'
python_bundle splitter parse oneshot "$free" 'answer: {json: true}'
python_bundle words features jsonrpc "$free"
python_bundle follower spam jsonrpc "$paid" 'bid: {fixed: {confidence: 0.7, cost: "0.0001 EUR", latency: 100ms}}' \
    'adaptation: {demonstrations: 3, templates: [plain, examples]}'
python_bundle keeper spam jsonrpc "$paid" 'bid: {fixed: {confidence: 0.7, cost: "0.0001 EUR", latency: 100ms}}' \
    'adaptation: {memory: 50}'
make_keys

cp "$root/Models/tasks/spam.schema.json" "$work/"
cat >"$work/graph.yaml" <<YAML
apiVersion: atomic/task/v1
name: email-triage
microtasks:
  - {id: spam, type: spam, schema: spam.schema.json, needs: [], input: parsed}
YAML
# The policy permits to learn, and lists the graph that wants parsed messages.
edit_policy() {
    local digest
    digest=$("$atomic" task add "$work/graph.yaml" --room "$work/$room_name")
    sed -i -e '/id: P2/i\  - {id: P3, effect: permit, action: learn, class: pii, when: {purpose: customer-support}}' \
        -e "s|email-triage: {digest: .*|email-triage: {digest: \"$digest\"}|" "$1"
}

topics=(harvest orchard lantern anchor)
for topic in "${topics[@]}"; do
    for number in 1 2 3; do
        printf 'Subject: %s\n\n%s %s %s again %s zwiebelkuchen7\n' "$topic" "$topic" "$topic" "$topic" "$number" >"$work/$topic-$number.eml"
    done
done
mkdir -p "$work/inbox"
cp "$work"/*-[123].eml "$work/inbox/"
# By this customer's word harvest and anchor are spam, whatever anybody else thinks.
truth() { case $1 in harvest* | anchor*) echo true ;; *) echo false ;; esac; }
# right_of NUMBER...: how many of the messages with these numbers were answered rightly.
right_of() {
    local right=0 topic number
    for topic in "${topics[@]}"; do
        for number in "$@"; do
            [ "$(verdict "$topic-$number.eml")" != "$(truth "$topic")" ] || right=$((right + 1))
        done
    done
    echo "$right"
}

for model in follower keeper; do
    room_name=$model
    POLICY_EDIT=edit_policy make_room "$model" "$work/models/splitter" "$work/models/words" "$work/models/$model"
    room=$work/$model
    rm -rf "$work/out"
    make_job "$work/job.yaml"
    expect 0 "$atomic" run "$work/job.yaml" --room "$room"
    [ "$(right_of 2 3)" -eq 4 ] || fail "$model: without examples every answer is no spam: $(right_of 2 3) of 8"

    job=$("$atomic" job list --room "$room" --json | jq -r '.[0].id')
    for topic in "${topics[@]}"; do
        echo "{\"message\":\"$topic-1.eml\",\"labels\":{\"spam\":$(truth "$topic")}}"
    done >"$work/labels.jsonl"
    expect 0 "$atomic" feedback "$job" --from "$work/labels.jsonl" --room "$room"

    rm -rf "$work/out"
    expect 0 "$atomic" run "$work/job.yaml" --room "$room"
    [ "$(right_of 2 3)" -eq 8 ] || fail "$model: with one example of each topic all others are right: $(right_of 2 3) of 8"
    verified "$room"
    expect 0 "$atomic" auction replay "$work/bundle.atomic"
done

# The plans say which examples, why, and nothing else.
room=$work/follower
plan=$(events "$room" auction.held | tail -n 1 | jq -r .plan)
plan=$room/blobs/sha256/${plan#sha256:}
jq -e '.kind == "plan" and .model == "follower" and .template == "examples" and (.demonstrations | length) == 3
    and .reasons == ["nearest-demonstrations", "template-for-examples"]' "$plan" >/dev/null || fail "the plan: $(cat "$plan")"
known=$(events "$room" feedback.added | jq -s -c 'map(.memory)')
jq -e --argjson known "$known" '.demonstrations - $known == []' "$plan" >/dev/null || fail "an example that nobody labelled"
first=$(events "$room" auction.held | head -n 1 | jq -r .plan)
jq -e '.reasons == ["nothing-remembered", "default-template"] and .demonstrations == []' "$room/blobs/sha256/${first#sha256:}" >/dev/null ||
    fail "before anybody labelled there was nothing to show"
! grep -rqs zwiebelkuchen7 "$room" || fail "the room's files tell what a message says"

# What was erased is shown to nobody any more.
expect 0 "$atomic" feedback erase "$job" --room "$work/keeper"
rm -rf "$work/out"
expect 0 "$atomic" run "$work/job.yaml" --room "$work/keeper"
[ "$(right_of 2 3)" -eq 4 ] || fail "a model still knows what was erased"
