# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced after room.sh by the tests of task graphs: small models of several types, a parser, and a graph of five microtasks.

# json_bundle NAME TYPE CONFIDENCE PREFIX ANSWER [CASES]: a shell script that reads its input line by line and prints one JSON value.
# PREFIX sets variables, CASES are patterns of `case $line in`, ANSWER is a printf command.
json_bundle() {
    local bundle=$work/models/$1 bid="bid: {fixed: {confidence: $3, cost: \"0.0001 EUR\", latency: 20ms}}" price="0.00002 EUR"
    if [ "$2" = parse ]; then bid='' price="0 EUR"; fi
    mkdir -p "$bundle"
    cat >"$bundle/answer.sh" <<SCRIPT
$4
while IFS= read -r line || [ -n "\$line" ]; do
    case \$line in
        ${6:-nothing-of-the-kind) ;;}
    esac
done
$5
SCRIPT
    cat >"$bundle/model.yaml" <<YAML
name: $1
version: "1"
licence: MIT
tasks: [{type: $2, schema: "urn:atomic:schema:$2:v1"}]
languages: [en]
protocol: oneshot
argv: [/bin/sh, /model/answer.sh]
image: {closure: {programs: [/bin/sh]}}
mounts: [{source: answer.sh, target: /model/answer.sh}]
profile: executor
limits: {memory: 64MiB, wall: 2s, cpu: 2s, processes: 4, output: 16KiB}
prices: {call: "$price", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
$bid
answer: {json: true}
provenance: {source: "written for this test"}
YAML
}

# graph_models: a parser and two rivals for category; one model each for spam, language, priority and reply.
graph_models() {
    # shellcheck disable=SC2016 # the models' shells expand these, in their jails
    {
        json_bundle parser parse 0 'subject= text= body=' \
            'printf "{\"headers\":{\"subject\":\"%s\"},\"text\":\"%s\",\"attachments\":[]}" "$subject" "$text"' \
            '*PARSEFAULT*) exit 9 ;;
            "") body=1 ;;
            "Subject: "*) [ -n "$body" ] || subject=${line#Subject: } ;;
            *) [ -z "$body" ] || text="$text$line\\n" ;;'
        json_bundle filter spam 0.90 'spam=false' 'printf "{\"spam\":%s,\"confidence\":0.9}" $spam' \
            '*SPAMFAULT*) exit 9 ;; *FREE*) spam=true ;;'
        json_bundle tongue language 0.90 'language=en' 'printf "{\"language\":\"%s\"}" $language' \
            '*headers*BONJOUR*) language=fr ;;'
        json_bundle sorter category 0.90 'category=other confidence=0.9' \
            'printf "{\"category\":\"%s\",\"confidence\":%s}" $category $confidence' \
            '*CATEGORYFAULT*) exit 9 ;; *UNSURE*) category=billing confidence=0.3 ;; *INVOICE*) category=billing ;;'
        json_bundle guesser category 0.70 'category=other confidence=0.8' \
            'printf "{\"category\":\"%s\",\"confidence\":%s}" $category $confidence' \
            '*CATEGORYFAULT*) exit 9 ;; *VERYUNSURE*) confidence=0.1 ;;'
        json_bundle writer reply 0.90 'reply="Thank you."' 'printf "{\"reply\":\"%s\"}" "$reply"' \
            '*"\"answers\":"*billing*"\"text\":"*) reply="About your invoice." ;;'
    }
}

# graph_task: $work/tasks/graph.yaml and its schemas.
graph_task() {
    mkdir -p "$work/tasks"
    for member in spam:boolean language:string category:string reply:string; do
        cat >"$work/tasks/${member%:*}.json" <<SCHEMA
{"\$id": "urn:atomic:schema:${member%:*}:v1", "type": "object", "required": ["${member%:*}"], "additionalProperties": false,
 "properties": {"${member%:*}": {"type": "${member#*:}"}, "confidence": {"type": "number"}}}
SCHEMA
    done
    cat >"$work/tasks/graph.yaml" <<'YAML'
apiVersion: atomic/task/v1
name: email-triage
microtasks:
  - {id: spam, type: spam, schema: spam.json, needs: [], input: message}
  - {id: language, type: language, schema: language.json, needs: [], input: parsed}
  - {id: category, type: category, schema: category.json, needs: [spam], input: parsed, when: {spam.spam: false}, review: {below: 0.6}}
  - {id: reply, type: reply, schema: reply.json, needs: [category], input: answers, when: {category.category: billing}}
YAML
    task_graph=$work/tasks/graph.yaml
}

# answer NAME FILTER: a jq filter on the opened answer to a message.
answer() {
    "$atomic" open -i "$work/keys/requester.key" "$work/out/$1.json.age" -o "$work/opened" || return 1
    jq -c "$2" "$work/opened"
    rm -f "$work/opened"
}
