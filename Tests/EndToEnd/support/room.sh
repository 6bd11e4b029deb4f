# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced by the end-to-end tests: makes rooms, policies and jobs of their own in a temporary directory.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
bin=${ATOMIC_BIN:-$root/.build/debug}
atomic=$bin/atomic
work=$(mktemp -d /tmp/atomic-e2e.XXXXXX)
trap 'rm -rf "$work"' EXIT

skip() { echo "$*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || skip "needs root: the jails of the supervisor are built as root in this version"
command -v bogofilter >/dev/null || skip "needs Debian's bogofilter"

# expect CODE COMMAND...: runs it, keeps its output in $work/output, demands its exit code.
expect() {
    local wanted=$1 got=0
    shift
    "$@" >"$work/output" 2>&1 || got=$?
    [ "$got" -eq "$wanted" ] || { cat "$work/output" >&2; fail "exit $got instead of $wanted: $*"; }
}

# make_keys: the people of a test room.
make_keys() {
    mkdir -p "$work/keys"
    for person in owner security; do
        "$atomic" keygen --type ed25519 -o "$work/keys/$person.key" >"$work/keys/$person.pub"
    done
    "$atomic" keygen -o "$work/keys/requester.key" >"$work/keys/requester.pub" 2>/dev/null
}

# bogofilter_bundle DIRECTORY NAME CONFIDENCE: a spam filter trained on a handful of messages; cheap to start.
bogofilter_bundle() {
    local directory=$1 name=$2 confidence=$3
    mkdir -p "$directory/sample"
    find "$root/Examples/email-triage/training/spam" -name '*.eml' -print0 | sort -z | sed -zn '1,12p' |
        xargs -0 bogofilter -C -d "$directory" -s -B
    find "$root/Examples/email-triage/training/ham" -name '*.eml' -print0 | sort -z | sed -zn '1,12p' |
        xargs -0 bogofilter -C -d "$directory" -n -B
    rm -f "$directory"/__db.* "$directory"/log.* "$directory"/lockfile*
    cp "$root/Examples/email-triage/inbox/16-thanks.eml" "$directory/sample/"
    sed -e "s/^name: .*/name: $name/" -e "s/{confidence: 0[.0-9]*,/{confidence: $confidence,/" \
        "$root/Models/bogofilter/model.yaml" >"$directory/model.yaml"
}

# make_room NAME BUNDLE...: a room in $work/NAME with these models permitted on pii, except those named forbidden-*.
make_room() {
    local name=$1 room=$work/$1 models="" bundle digest model deployment graph
    shift
    "$atomic" init "$room" --name "$name" --owner "file:$work/keys/owner.key" >/dev/null 2>&1
    for bundle in "$@"; do
        digest=$("$atomic" model add "$bundle" --room "$room" --json | jq -r .digest)
        model=$(sed -n 's/^name: *//p' "$bundle/model.yaml" | tr -d '"')
        deployment=onprem
        case $model in forbidden-*) deployment=cloud ;; esac
        models+="  $model: {digest: \"$digest\", deployment: $deployment, jurisdiction: DE, maxClass: pii, isolation: process}
"
    done
    graph=$("$atomic" task add "${task_graph:-$root/Tests/Fixtures/tasks/email-triage.yaml}" --room "$room")
    cat >"$work/$name.policy.yaml" <<POLICY
apiVersion: atomic/sovereign/v1
kind: SovereignPolicy
metadata: {id: $name, sequence: 1, notBefore: "2020-01-01T00:00:00Z", expires: "2090-01-01T00:00:00Z"}
authority:
  threshold: 2
  keys:
    - {id: dpo, role: data-owner, key: "$(cat "$work/keys/owner.pub")"}
    - {id: ciso, role: security, key: "$(cat "$work/keys/security.pub")"}
  requireRoles: [data-owner]
  emergencyStop: {threshold: 1, may: [halt, revoke]}
dataClasses:
  public: {}
  pii: {above: [public]}
  phi: {above: [pii]}
models:
$models
rules:
  - {id: P1, effect: permit, action: [bid, run, key-release], class: pii, when: {purpose: customer-support}}
  - {id: P2, effect: permit, action: release, class: pii, when: {output.check: pass}}
  - {id: F1, effect: forbid, action: bid, class: pii, when: {model.deployment: cloud}, reason: stays here}
outputs:
  pii: {maxBytes: 4096}
tasks:
  email-triage: {digest: "$graph"}
requesters:
  desk-4: {recipient: "$(cat "$work/keys/requester.pub")", uid: $(id -u), roles: [requester]}
auction:
  weights: {quality: 0.6, price: 0.3, latency: 0.1}
  explorationFloor: 0
  minBids: 1
POLICY
    ${POLICY_EDIT:-true} "$work/$name.policy.yaml"
    "$atomic" policy sign "$work/$name.policy.yaml" --key "$work/keys/owner.key" --key "$work/keys/security.key" \
        -o "$work/$name.policy.json" >/dev/null 2>&1 || fail "the policy of $name was not signed"
    "$atomic" policy accept "$work/$name.policy.json" --room "$room" >/dev/null || fail "the policy of $name was refused"
}

# make_job FILE [PATTERN]: a job over what is in $work/inbox and messages of the example inbox, answers in $work/out.
make_job() {
    mkdir -p "$work/inbox"
    [ -z "${2:-}" ] || (cd "$root/Examples/email-triage/inbox" && eval "cp $2 '$work/inbox/'")
    cat >"$1" <<JOB
apiVersion: atomic/job/v1
task: email-triage
input: {files: ["inbox/*.eml"]}
class: pii
purpose: customer-support
requester: desk-4
budget: {cost: "0.05 EUR", wall: 5m}
output: {dir: $work/out, seal: true}
JOB
}

# verified ROOM: its log verifies, its entries are what their schemas say, and a bundle of it verifies.
verified() {
    expect 0 "$atomic" audit verify --room "$1"
    expect 0 python3 "$root/Tests/Independent/check_events.py" "$1"
    expect 0 "$atomic" bundle export --room "$1" -o "$work/bundle.atomic"
    expect 0 "$atomic" bundle trust --room "$1" -o "$work/trust.json"
    expect 0 "$bin/atomic-verify" "$work/bundle.atomic" --trust "$work/trust.json"
}

# entries ROOM TYPE: how many entries of a type the log has.
entries() { "$atomic" audit tail --room "$1" --json -n 100000 | jq -r .type | grep -cx "$2" || true; }

# shell_bundle NAME CONFIDENCE [FAULT]: a bundle in $work/models/NAME whose model is a shell script: a message with a line that
# contains FREE is spam. FAULT is shell code that runs for lines that contain FAULT; the samples at registration have none.
shell_bundle() {
    local bundle=$work/models/$1
    mkdir -p "$bundle/sample"
    cat >"$bundle/judge.sh" <<SCRIPT
verdict=1
while IFS= read -r line; do
    case \$line in
        *FAULT*) ${3:-:} ;;
        *FREE*) verdict=0 ;;
    esac
done
echo "confidence 0.75"
exit \$verdict
SCRIPT
    cat >"$bundle/model.yaml" <<YAML
name: $1
version: "1"
licence: MIT
tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
languages: [en]
protocol: oneshot
argv: [/bin/sh, /model/judge.sh]
image: {closure: {programs: [/bin/sh]}}
mounts: [{source: judge.sh, target: /model/judge.sh}]
profile: executor
limits: {memory: 64MiB, wall: 1s, cpu: 1s, processes: 4, output: 4KiB}
prices: {call: "0.00002 EUR", cpuSecond: "0.002 EUR", kibibyte: "0.000001 EUR"}
bid: {fixed: {confidence: $2, cost: "0.0001 EUR", latency: 20ms}}
answer:
  exit: {0: {spam: true}, 1: {spam: false}}
  confidence: {regex: '^confidence ([0-9.]+)\$', scale: 1}
provenance: {source: "written for this test"}
YAML
    printf 'Subject: FREE\n\nFREE\n' >"$bundle/sample/spam"
    printf 'Subject: hello\n\nhow are you\n' >"$bundle/sample/ham"
}

# message NAME LINE...: a message in $work/inbox.
message() {
    local name=$1
    shift
    mkdir -p "$work/inbox"
    { printf 'Subject: test\n\n'; printf '%s\n' "$@"; } >"$work/inbox/$name"
}

# make_job_over NAME...: $work/job.yaml over these messages of $work/inbox.
make_job_over() {
    make_job "$work/job.yaml"
    sed -i "s|^input: .*|input: {files: [$(printf '"inbox/%s",' "$@" | sed 's/,$//')]}|" "$work/job.yaml"
}

# run_job CODE: runs $work/job.yaml in $work/room and demands the exit code; the table goes to $work/table, progress to $work/progress.
run_job() {
    local got=0
    "$atomic" run "$work/job.yaml" --room "$work/room" >"$work/table" 2>"$work/progress" || got=$?
    [ "$got" -eq "$1" ] || { cat "$work/progress" >&2; fail "the job ended with $got instead of $1"; }
}

# verdict NAME: true or false, from the opened answer.
verdict() {
    "$atomic" open -i "$work/keys/requester.key" "$work/out/$1.json.age" -o "$work/opened" || return 1
    jq .spam "$work/opened"
    rm -f "$work/opened"
}

# events ROOM TYPE: the data of all entries of a type, one per line.
events() { "$atomic" audit tail --room "$1" --json -n 100000 | jq -c --arg type "$2" 'select(.type == $type) | .data'; }

# next_policy NAME SED: changes the policy of the room $work/NAME, lets the quorum sign it as the next one and puts it in force.
next_policy() { next_policy_by 0 "$1" "$2" owner security; }

# next_policy_by CODE NAME SED KEY...: the same, signed by these keys of $work/keys; to accept it ends with CODE.
next_policy_by() {
    local code=$1 name=$2 edit=$3 room=$work/$2 accepted key keys=()
    shift 3
    for key in "$@"; do keys+=(--key "$work/keys/$key.key"); done
    accepted=$(events "$room" policy.accepted | tail -n 1)
    sed -i -e "s/sequence: [0-9]*,/sequence: $(($(jq .sequence <<<"$accepted") + 1)),/" \
        -e "s/^\(metadata: {id: [^,]*,\)\( previous: \"[^\"]*\",\)\{0,1\}/\1 previous: $(jq .digest <<<"$accepted"),/" \
        -e "$edit" "$work/$name.policy.yaml"
    rm -f "$work/$name.policy.json"
    expect 0 "$atomic" policy sign "$work/$name.policy.yaml" "${keys[@]}" -o "$work/$name.policy.json" \
        --previous "$(find "$room/policy" -name '*.json' | sort | tail -n 1)"
    expect "$code" "$atomic" policy accept "$work/$name.policy.json" --room "$room"
}

# until_true WHAT COMMAND...: within half a minute.
until_true() {
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || fail "$what"
        read -r -t 0.02 <> <(:)
    done
}
