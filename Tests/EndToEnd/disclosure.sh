#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A model that copies its input, leaks a canary or counts too few people loses its answer, and the runner-up gives one. Without
# the checks in the policy the same answers leave, and so does a clean one with them.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=Tests/EndToEnd/support/graph.sh
. "$(dirname "$0")/support/graph.sh"

mkdir -p "$work/tasks"
cat >"$work/tasks/summary.json" <<'SCHEMA'
{"$id": "urn:atomic:schema:summary:v1", "type": "object", "required": ["summary"], "additionalProperties": false,
 "properties": {"summary": {"type": "string"}, "table": {"type": "array", "items": {"type": "object"}}}}
SCHEMA
cat >"$work/tasks/graph.yaml" <<'YAML'
apiVersion: atomic/task/v1
name: email-triage
microtasks:
  - {id: summary, type: summary, schema: summary.json, needs: [], input: message}
YAML
task_graph=$work/tasks/graph.yaml
# shellcheck disable=SC2016 # the models' shells expand these, in their jails
{
    # A hostile one: it gives what it was given, in capitals and with other punctuation as far as a shell can.
    json_bundle writer summary 0.95 'text="A customer asks about an invoice." extra= body=' \
        'printf "{\"summary\":\"%s\"%s}" "$text" "$extra"' \
        '"DO COPY") body=1 text= ;;
        "DO LEAK") body=2 ;;
        "DO TABLE") extra=",\"table\":[{\"age\":\"0-9\",\"count\":40},{\"age\":\"10-19\",\"count\":3}]" ;;
        "DO SAFE") extra=",\"table\":[{\"age\":\"0-9\",\"count\":40},{\"age\":\"10-19\",\"count\":10}]" ;;
        *canary-*) [ "$body" != 2 ] || text="reference ${line#*canary-}" ;;
        *) [ "$body" != 1 ] || text="$text -- $line" ;;'
    json_bundle careful summary 0.70 'text="Somebody writes."' 'printf "{\"summary\":\"%s\"}" "$text"'
}
make_keys
expect 0 "$atomic" canary --json --count 2
jq -e '.canaries | length == 2 and all(test("^atomic-canary-[0-9a-f]{32}$"))' "$work/output" >/dev/null || fail "no tokens"
canary=$(jq -r '.canaries[0]' "$work/output")

said() { # the summary that was released for $1
    expect 0 "$atomic" open -i "$work/keys/requester.key" "$work/out/$1.json.age"
    jq -r .summary "$work/output"
}
judged() { # MESSAGE CODE: the writer's answer to it was rejected with the code, and careful's left
    rm -rf "$work/out"
    make_job_over "$1"
    run_job 0
    [ "$(said "$1")" = "Somebody writes." ] || fail "$1: the answer is $(said "$1")"
    events "$work/room" output.validated | tail -n 2 | jq -e -s --arg code "$2" \
        '.[0].model == "writer" and .[0].verdict == "rejected" and .[0].code == $code and .[1].verdict == "valid"' >/dev/null ||
        fail "$1: the log says $(events "$work/room" output.validated | tail -n 2)"
}
secret="Mrs Example was admitted on the third of May with a pain in the chest"
message copy.eml "DO COPY" "$secret" "and was discharged on the fifth"
message leak.eml "DO LEAK" "my reference is $canary" "thank you"
message table.eml "DO TABLE" "how many"
message safe.eml "DO SAFE" "how many"
message clean.eml "hello" "my reference is $canary" "where is my invoice"

# The control: nothing in the policy forbids it, so all of it leaves.
make_room room "$work/models/writer" "$work/models/careful"
make_job_over copy.eml leak.eml table.eml clean.eml
run_job 0
said copy.eml | grep -q "$secret" || fail "the control does not copy"
said leak.eml | grep -q "${canary#atomic-canary-}" || fail "the control does not leak"
[ "$(events "$work/room" output.validated | jq -r .verdict | sort -u)" = valid ] || fail "the control was rejected"

next_policy room 's/^  pii: {maxBytes: 4096}/  pii: {maxBytes: 4096, canaries: deny, minCell: 10, maxVerbatim: 40}/'
judged copy.eml verbatim
judged leak.eml canary
judged table.eml small-cell
for name in clean safe; do
    rm -rf "$work/out"
    make_job_over "$name.eml"
    run_job 0
    said "$name.eml" | grep -q invoice || fail "a clean answer was not released: $name"
done

# Nothing of what was found is anywhere in the log.
"$atomic" audit tail --room "$work/room" --json -n 100000 | grep -qE "${canary#atomic-canary-}|Mrs Example" && fail "the log has content"

# Where nobody else can answer, the message has no answer: exit 6.
next_policy room '/^  careful: /d'
rm -rf "$work/out"
make_job_over leak.eml
run_job 6
[ ! -e "$work/out/leak.eml.json.age" ] || fail "the canary left"
verified "$work/room"

# A graph whose schema the policy does not list is not taken; one that it lists is.
digest=$(python3 -c '
import hashlib, json, sys
print(hashlib.sha256(json.dumps(json.load(open(sys.argv[1])), sort_keys=True, separators=(",", ":")).encode()).hexdigest())' \
    "$work/tasks/summary.json")
next_policy room "s/^  pii: {maxBytes: 4096,/  pii: {maxBytes: 4096, schema: \"sha256:$(printf '0%.0s' {1..64})\",/"
make_job_over clean.eml
run_job 3
events "$work/room" job.denied | tail -n 1 | jq -e '.code == "schema"' >/dev/null || fail "the job was not denied for its schema"
next_policy room "s/schema: \"sha256:[0-9]*\"/schema: \"sha256:$digest\"/"
run_job 0
verified "$work/room"
