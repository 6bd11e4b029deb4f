#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# What an operator changes on disk is found before anything runs on it: a registered image, an accepted policy, an older policy
# that is put back. What a jail lacks ends with exit 5, the step and the errno, and nothing has run.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.90
shell_bundle hasty 0.70
make_keys
make_room room "$work/models/careful" "$work/models/hasty"
message a.eml FREE
make_job_over a.eml
room=$work/room
# The control: the job as it is. Every other run is one of its own, because its message is.
run_job 0
[ "$(verdict a.eml)" = true ] || fail "the control has no answer"

# stopped CODE PATTERN WHY: a new job ends so, says so, and neither runs nor releases anything.
runs=0
stopped() {
    local before
    before=$(entries "$room" input.delivered)
    runs=$((runs + 1))
    message "$runs.eml" "FREE $runs"
    make_job_over "$runs.eml"
    run_job "$1"
    grep -qE -- "$2" "$work/progress" || fail "$3: the message does not say so: $(cat "$work/progress")"
    [ "$(entries "$room" input.delivered)" -eq "$before" ] || fail "$3: an input was delivered"
    [ ! -e "$work/out/$runs.eml.json.age" ] || fail "$3: an answer was released"
}
# finishes: the same command, when the damage is repaired.
finishes() {
    run_job 0
    [ "$(verdict "$runs.eml")" = true ] || fail "no answer after the repair"
}
digest_of() { events "$room" model.registered | jq -r --arg name "$1" 'select(.name == $name) | .digest | ltrimstr("sha256:")'; }

# The registered image: one byte more in the winner's program; its list; its manifest.
careful=$room/models/$(digest_of careful)
printf '#\n' >>"$careful/image/model/judge.sh"
stopped 4 'model/judge.sh is not what was registered' "a changed program"
expect 0 "$atomic" model add "$work/models/careful" --room "$room"
finishes
for name in image.json manifest.json; do
    cp "$careful/$name" "$work/kept"
    sed -i 's/judge/fudge/' "$careful/$name"
    stopped 4 "$name is not what was registered" "a changed $name"
    cp "$work/kept" "$careful/$name"
    finishes
done
mv "$careful/image/bin/sh" "$careful/image/bin/other" 2>/dev/null || mv "$careful/image/usr/bin/sh" "$careful/image/usr/bin/other"
stopped 4 'bin/[a-z]*sh is not what was registered|bin/[a-z]*sh: No such file' "a missing program"
expect 0 "$atomic" model add "$work/models/careful" --room "$room"
finishes
mv "$careful" "$work/kept.model"
stopped 4 'careful' "a model that is gone"
mv "$work/kept.model" "$careful"
finishes
# A bundle that is put into models/ by hand is not a model of the room.
cp -a "$careful" "$room/models/$(printf '%064d' 7)"
message more.eml FREE more
make_job_over more.eml
run_job 0
events "$room" auction.held | tail -n 1 | jq -e '.bidders == 2' >/dev/null || fail "a bundle that nobody registered bids"

# The policy: changed, missing, and an older one put back, with the database of its time too.
cp "$room/policy/000001.json" "$work/first"
printf ' ' >>"$room/policy/000001.json"
stopped 4 '000001.json is not the policy that the log accepted' "a changed policy"
cp "$work/first" "$room/policy/000001.json"
finishes
cp "$room/state.db" "$work/state.db"
next_policy room 's/maxBytes: 4096/maxBytes: 2048/'
cp "$room/policy/000002.json" "$work/second"
cp "$work/first" "$room/policy/000002.json"
stopped 4 '000002.json is not the policy that the log accepted' "an older policy in the place of the newest"
rm "$room/policy/000002.json"
stopped 4 '000002.json' "the newest policy removed"
rm -f "$room"/state.db*
cp "$work/state.db" "$room/state.db"
stopped 4 '000002.json' "the newest policy removed and the database of before"
rm -f "$room"/state.db*
stopped 4 '000002.json' "the newest policy removed and no database"
cp "$work/second" "$room/policy/000002.json"
finishes
got=0
"$atomic" policy accept "$work/first" --room "$room" >"$work/output" 2>&1 || got=$?
case $got in 3 | 4) ;; *) fail "an older policy is accepted again, or refused with exit $got: $(cat "$work/output")" ;; esac
[ "$(entries "$room" policy.refused)" -eq 1 ] || fail "the refusal is no entry"
stopped_policy=$(events "$room" job.ended | wc -l)
[ "$stopped_policy" -gt 0 ] || fail "no job ended"

# The launcher beside the program: missing, not a program, a program of another kind, writable by others.
mkdir "$work/bin"
cp "$atomic" "$(dirname "$atomic")/atomic-room" "$work/bin/"
[ ! -e "$bin/../share" ] || fail "look where the profiles are found"
size() { "$atomic" audit checkpoint --room "$room" --json | jq -r .size; }
# Whether a launcher is installed beside the system's programs decides what "missing" means.
[ -e /usr/libexec/atomic/atomic-launcher ] || unusable=(missing)
for launcher in "${unusable[@]}" empty text false writable; do
    rm -f "$work/bin/atomic-launcher"
    case $launcher in
        empty) : >"$work/bin/atomic-launcher" ;;
        text) echo "this is no program" >"$work/bin/atomic-launcher" ;;
        false) cp /bin/false "$work/bin/atomic-launcher" ;;
        writable) cp "$bin/atomic-launcher" "$work/bin/atomic-launcher" ;;
    esac
    [ "$launcher" = missing ] || chmod 755 "$work/bin/atomic-launcher"
    [ "$launcher" != writable ] || chmod 777 "$work/bin/atomic-launcher"
    before=$(size)
    expect 5 "$work/bin/atomic" run "$work/job.yaml" --room "$room"
    grep -q launcher "$work/output" || fail "$launcher: $(cat "$work/output")"
    [ "$(wc -l <"$work/output")" -eq 2 ] || fail "$launcher: not one clear error: $(cat "$work/output")"
    [ "$(size)" -eq "$before" ] || fail "$launcher: the log has grown"
done
nobody_left "after launchers that are none"

# A jail that cannot be built: there is no memory for its first process. With a rival, the rival answers; without, it is exit 5.
shell_bundle broken 0.99
rm -r "$work/models/broken/sample"
sed -i 's|memory: [^,]*|memory: 4KiB|' "$work/models/broken/model.yaml"
expect 0 "$atomic" model add "$work/models/broken" --room "$room" --json
broken=$(jq -r .digest "$work/output")
next_policy room "s|^  hasty: .*|&\n  broken: {digest: \"$broken\", deployment: onprem, jurisdiction: DE, maxClass: pii, isolation: process}|"
message rival.eml FREE rival
make_job_over rival.eml
run_job 0
[ "$(verdict rival.eml)" = true ] || fail "the rival did not take over from a model that has no jail"
grep -q '^no jail *broken: ' "$work/progress" || fail "untold: $(cat "$work/progress")"
events "$room" auction.settled | jq -e -s 'map(select(.model == "broken" and .outcome == "jail")) | length == 1' >/dev/null ||
    fail "the log does not say that there was no jail"
next_policy room '/^  \(hasty\|careful\):/d'
runs=$((runs + 1))
message "$runs.eml" "FREE $runs"
make_job_over "$runs.eml"
run_job 5
grep -q '^no jail *broken: the jail cannot be built: [a-z-]* .* (errno [0-9]*)' "$work/progress" ||
    fail "neither step nor errno: $(cat "$work/progress")"
[ ! -e "$work/out/$runs.eml.json.age" ] || fail "an answer without a jail"
events "$room" output.withheld | tail -n 1 | jq -e '.code == "jail"' >/dev/null || fail "not withheld for the jail"
nobody_left "at the end"
verified "$room"
# The database is a convenience: without it, and with one that lags behind, a reader tells the same story.
rm -f "$room"/state.db*
verified "$room"
cp "$work/state.db" "$room/state.db"
verified "$room"
