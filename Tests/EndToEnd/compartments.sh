#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A model leaves something behind in every place it knows (Tests/Fixtures/state) and calls a message spam when it finds something. Within
# a job it does from the second message on: one process answers them, and that is the control. In the next job it finds nothing again.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

bundle=$work/models/state
mkdir -p "$bundle"
cc -std=gnu11 -O1 -static -s -o "$bundle/state" "$root/Tests/Fixtures/state/state.c" || skip "no C compiler for the fixture"
cat >"$bundle/model.yaml" <<YAML
name: state
version: "1"
licence: MIT
tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
protocol: jsonrpc
argv: [/model/state, verdict]
image: {closure: {}}
mounts: [{source: state, target: /model/state}]
profile: executor
limits: {memory: 64MiB, wall: 60s, call: 10s, cpu: 5s, processes: 4, output: 4KiB}
prices: {call: "0.00001 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
bid: {fixed: {confidence: 0.9, cost: "0.00001 EUR", latency: 5ms}}
YAML
make_keys
make_room room "$bundle"

# How many of these messages are spam by the model's word.
found() {
    local name count=0
    for name in "$@"; do [ "$(verdict "$name")" != true ] || count=$((count + 1)); done
    echo "$count"
}

for round in 1 2 3; do
    names=()
    for name in a b c; do
        message "$round$name.eml" "message $name of round $round"
        names+=("$round$name.eml")
    done
    make_job_over "${names[@]}"
    run_job 0
    [ "$(found "${names[@]}")" -eq 2 ] || fail "job $round: $(found "${names[@]}") of 3 messages met what another had left, not 2"
done
[ "$(entries "$work/room" jail.started)" -eq 3 ] || fail "three jobs are three processes"
verified "$work/room"
