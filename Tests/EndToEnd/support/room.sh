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
    find "$root/Examples/email-triage/training/spam" -name '*.eml' -print0 | sort -z | head -z -n 12 |
        xargs -0 bogofilter -C -d "$directory" -s -B
    find "$root/Examples/email-triage/training/ham" -name '*.eml' -print0 | sort -z | head -z -n 12 |
        xargs -0 bogofilter -C -d "$directory" -n -B
    rm -f "$directory"/__db.* "$directory"/log.* "$directory"/lockfile*
    cp "$root/Examples/email-triage/inbox/16-thanks.eml" "$directory/sample/"
    sed -e "s/^name: .*/name: $name/" -e "s/confidence: 0.80/confidence: $confidence/" \
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
    graph=$("$atomic" task add "$root/Models/tasks/email-triage.yaml" --room "$room")
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

# make_job FILE PATTERN: a job over messages of the example inbox, answers in $work/out.
make_job() {
    mkdir -p "$work/inbox"
    (cd "$root/Examples/email-triage/inbox" && eval "cp $2 '$work/inbox/'")
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

# verified ROOM: its log verifies, and so does a bundle of it.
verified() {
    expect 0 "$atomic" audit verify --room "$1"
    expect 0 "$atomic" bundle export --room "$1" -o "$work/bundle.atomic"
    expect 0 "$atomic" bundle trust --room "$1" -o "$work/trust.json"
    expect 0 "$bin/atomic-verify" "$work/bundle.atomic" --trust "$work/trust.json"
}

# entries ROOM TYPE: how many entries of a type the log has.
entries() { "$atomic" audit tail --room "$1" --json -n 100000 | jq -r .type | grep -cx "$2" || true; }
