#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A dozen bidders that say what is no bid, say it too late, for another question, or without end. Each of them sits the auction out by
# name, in the record and in the log; all are asked at once, so the hanging ones are waited for together; the honest model wins, and what a
# bidder did in one auction keeps it out of the next. A bidder that is well behaved is the control.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# Why there is no bid: a value on no step is `invalid`, no answer in time is `late`, everything else ends the bidder (`failed`).
declare -A reasons=(
    [nan]=failed [infinite]=failed [negative]=failed [above-one]=failed [fraction]=failed [huge]=invalid [more-members]=failed [no-cost]=failed
    [foreign]=failed [hang]=late [hang-too]=late [quit]=failed [flood]=failed [chatter]=failed [garbage]=failed
)
shell_bundle honest 0.60
for kind in "${!reasons[@]}" twice behaved; do
    shell_bundle "$kind" 0.99
    bundle=$work/models/$kind
    cat >"$bundle/bid.sh" <<'SCRIPT'
# Lines of JSON-RPC on descriptor 3.
reply() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2" >&3; }
while IFS= read -r line <&3; do
    id=${line#*\"id\":}
    id=${id%%[,\}]*}
    good='{"confidence":0.99,"cost":10,"latency":1000000}'
    case $line in
        *initialize*) reply "$id" "{\"name\":\"$1\",\"version\":\"1\",\"tasks\":[\"spam\"]}" ;;
        *shutdown*) reply "$id" '{}'; exit 0 ;;
        *)
            case $1 in
                behaved) reply "$id" "$good" ;;
                nan) reply "$id" '{"confidence":NaN,"cost":10,"latency":1000000}' ;;
                infinite) reply "$id" '{"confidence":1e999,"cost":10,"latency":1000000}' ;;
                negative) reply "$id" '{"confidence":0.99,"cost":-10,"latency":1000000}' ;;
                above-one) reply "$id" '{"confidence":1.01,"cost":10,"latency":1000000}' ;;
                fraction) reply "$id" '{"confidence":0.99,"cost":0.5,"latency":1000000}' ;;
                huge) reply "$id" '{"confidence":0.99,"cost":9000000000000000,"latency":1000000}' ;;
                more-members) reply "$id" '{"confidence":0.99,"cost":10,"latency":1000000,"please":true}' ;;
                no-cost) reply "$id" '{"confidence":0.99,"latency":1000000}' ;;
                foreign) reply 4711 "$good" ;;
                twice) reply "$id" "$good"; reply "$id" "$good" ;;
                hang | hang-too) read -r line <&3 ;;
                quit) exit 0 ;;
                flood) while :; do printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' >&3; done ;;
                chatter) while :; do printf '{"jsonrpc":"2.0","method":"progress","params":{"id":"x"}}\n' >&3; done ;;
                garbage) printf '\377\376\n' >&3 ;;
            esac
            ;;
    esac
done
SCRIPT
    sed -i -e 's#^mounts: \[#&{source: bid.sh, target: /model/bid.sh}, #' \
        -e "s#^bid: .*#bid: {program: [/bin/sh, /model/bid.sh, $kind]}#" -e 's/wall: 1s, cpu: 1s/wall: 20s, cpu: 10s/' "$bundle/model.yaml"
done
make_keys
make_room room "$work"/models/*
room=$work/room

message first.eml FREE
make_job_over first.eml
start=$(date +%s)
run_job 0
took=$(($(date +%s) - start))
expect 0 "$atomic" auction explain latest --room "$room" --json
cp "$work/output" "$work/first.json"
for kind in "${!reasons[@]}"; do
    reason=$(jq -r --arg model "$kind" '.[0].record.input.late[] | select(.model == $model).reason' "$work/first.json")
    [ "$reason" = "${reasons[$kind]}" ] || fail "$kind sat out as '$reason' instead of ${reasons[$kind]}"
done
jq -e '[.[0].record.input.bids[].model] | (. - ["behaved", "honest", "twice"] | length) == 0 and index("behaved") and index("honest")' "$work/first.json" \
    >/dev/null || fail "others than the well-behaved bid: $(jq -c '.[0].record.input.bids' "$work/first.json")"
# Two hang for five seconds each, and are waited for together.
[ "$took" -lt 14 ] || fail "the auction took $took seconds"
expect 0 "$atomic" auction explain latest --room "$room" --message first.eml
grep -q "No bid: " "$work/output" || fail "$(cat "$work/output")"
[ "$(verdict first.eml)" = true ] || fail "nobody answered"

# In the next job they are asked anew, and answer twice once more; within a job nobody who failed is asked again.
for number in 1 2 3 4; do message "more-$number.eml" "FREE $number"; done
make_job_over more-1.eml more-2.eml more-3.eml more-4.eml
start=$(date +%s)
run_job 0
took=$(($(date +%s) - start))
[ "$took" -lt 24 ] || fail "four auctions took $took seconds"
[ "$(entries "$room" jail.started)" -eq "$(entries "$room" jail.ended)" ] || fail "a jail without an end"
expect 0 "$atomic" auction explain latest --room "$room" --json
jq -e 'length >= 4 and all(.[].record.input; ([.bids[].model] | index("behaved") and index("honest")))' "$work/output" >/dev/null ||
    fail "the well-behaved are not asked any more"
# A second answer to one question is no answer to the next: at most one auction took it.
[ "$(jq '[.[].record.input.bids[] | select(.model == "twice")] | length' "$work/output")" -le 1 ] || fail "who answers twice bids on"
verified "$room"
expect 0 "$atomic" auction replay "$work/bundle.atomic"
echo "what is no bid keeps nobody from bidding"
