#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# No plaintext outside sealed memory and jails. A canary in the messages, which hostile models repeat on every way out that they
# have, is looked for as bytes, in hexadecimal, base64 and UTF-16, in everything that can be written: the room, the answers'
# directory, the temporary directories, what was printed, the bundle. After a good run, after failing models, after a damaged
# input, after a kill at every entry, and after kills and core dumps while a model has its input.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

for tool in cc age; do command -v "$tool" >/dev/null || skip "needs $tool"; done

# Letters, so that no escaping can hide it, and a multiple of three.
canary="canary$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | tr 0-9 g-p)"
forms=(-e "$canary" -e "$(printf '%s' "$canary" | od -An -v -tx1 | tr -d ' \n')")
for before in "" x xx; do
    # One form for each place in a group of three bytes, without the digits at the edges, which depend on what stands there.
    encoded=$(printf '%s%sxx' "$before" "$canary" | base64 -w0)
    forms+=(-e "${encoded:4:64}")
done
wide=$(printf '%s' "$canary" | sed 's/./&\\x00/g; s/\\x00$//')

# Everything that this test's processes can write, but for the messages that the owner keeps in clear.
found() {
    find /tmp /var/tmp /dev/shm /run -xdev -type d -name inbox -prune -o -type f -print0 | xargs -0r grep -laF "${forms[@]}"
    find /tmp /var/tmp /dev/shm /run -xdev -type d -name inbox -prune -o -type f -print0 | LC_ALL=C xargs -0r grep -laP "$wide"
}
look() {
    local where
    where=$(found | sort -u)
    [ -z "$where" ] || fail "$1: plaintext in $where"
}

# The positive controls: each form is found wherever it may be, and so is the message itself.
mkdir -p "$work/room"
place=$work/room/control
for where in "$place" /tmp/control /var/tmp/control /dev/shm/control /run/control; do
    for form in raw hex base64 utf-16le utf-16be; do
        text=$(printf 'some "%s" text' "$canary")
        case $form in
            raw) printf 'x\0%s\0y' "$text" ;;
            hex) printf '%s' "$text" | od -An -v -tx1 | tr -d ' \n' ;;
            base64) printf '%s' "$text" | base64 -w0 ;;
            *) printf '%s' "$text" | iconv -t "$form" ;;
        esac >"$where"
        [ "$(found | sort -u)" = "$where" ] || fail "the search does not find the canary ($form) in $where"
        rm "$where"
    done
done
message control.eml "$canary"
[ -z "$(found)" ] || fail "the search finds what is not there"
cp "$work/inbox/control.eml" "$place"
[ -n "$(found)" ] || fail "the search does not find the message"
rm -r "$work/room"

# The hostile rivals come before the honest one, who bids less.
"$root/Tests/Fixtures/models/make-fault-models" "$work/models" leak leak-line leak-value
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle careful 0.95 'case $line in
    *hang*) while :; do :; done ;;
    esac
    echo "$line"; echo "$line" >&2; echo "$line" >/tmp/kept; kill -SEGV $$'
# `executor` lets nobody send signals, and a crash is sent here.
sed -i 's/profile: executor/profile: strict/' "$work/models/careful/model.yaml"
shell_bundle hasty 0.70
make_keys
make_room room "$work/models"/*
room=$work/room
# What a crash would leave if it were let.
ulimit -c unlimited
cd "$work" || fail "cd"

message well.eml "$canary"
sed -i 's/Subject: test/Subject: FAULT/' "$work/inbox/well.eml"
make_job_over well.eml
run_job 0
[ "$(verdict well.eml)" = false ] || fail "no answer of the honest model"
[ "$(entries "$room" auction.settled)" -eq 5 ] || fail "not every hostile model ran: $(events "$room" auction.settled)"
verified "$room"
"$atomic" auction explain latest --room "$room" --message well.eml >"$work/explained"
"$atomic" audit tail --room "$room" -n 1000 >"$work/tail"
"$atomic" job list --room "$room" >"$work/list"
look "after hostile models"

# A sealed message that is damaged, with a label that says so be it.
printf 'Subject: test\n\n%s\n' "$canary" | "$atomic" seal --room "$room" --class pii --purpose customer-support \
    --owner "$work/keys/owner.key" --owner-id dpo - -o "$work/damaged.age" 2>"$work/progress" ||
    { mkdir -p "$work/inbox" && "$atomic" seal --room "$room" --class pii --purpose customer-support --owner "$work/keys/owner.key" \
        --owner-id dpo "$work/inbox/well.eml" -o "$work/damaged.age"; } || fail "seal"
printf '\0\0\0\0' | dd of="$work/damaged.age" bs=1 seek=$(($(stat -c %s "$work/damaged.age") - 12)) conv=notrunc status=none
make_job "$work/job.yaml"
sed -i 's|^input: .*|input: {sealed: [damaged.age]}|' "$work/job.yaml"
run_job 3
look "after a damaged input"

# Killed after every entry of a job, so also while the input is in the jail; each time from the same room.
message killed.eml "$canary"
make_job_over killed.eml
size=$("$atomic" audit checkpoint --room "$room" --json | jq -r .size)
mv "$room" "$work/template"
kills=0
while true; do
    rm -rf "$room"
    cp -a "$work/template" "$room"
    status=0
    ATOMIC_CRASH_AT_ENTRY="$((size + kills)):after" "$atomic" run "$work/job.yaml" --room "$room" \
        >"$work/table" 2>"$work/progress" || status=$?
    look "killed after entry $((size + kills))"
    [ "$status" -eq 137 ] || break
    kills=$((kills + 1))
done 2>/dev/null
[ "$status" -eq 0 ] || fail "the job fails when it is not killed: $(cat "$work/progress")"
[ "$kills" -ge 20 ] || fail "only $kills kills: not every step is an entry, or the kill does not work"

# While a model has the input: what lies on the disk then, and what a kill and a core dump of the supervisor leave.
message hang.eml "FAULT hang $canary"
make_job_over hang.eml
runs_in_jail() { pgrep -f '^/bin/sh /model/judge.sh' >/dev/null; }
for signal in KILL SEGV ABRT; do
    "$atomic" run "$work/job.yaml" --room "$room" >"$work/table" 2>"$work/progress" &
    supervisor=$!
    deadline=$((SECONDS + 20))
    # The model that hangs is the one of the scripts that runs for more than a moment.
    until runs_in_jail; do [ "$SECONDS" -lt "$deadline" ] || fail "the model did not run: $(cat "$work/progress")"; done
    kill -STOP "$supervisor"
    look "while a model has the input"
    kill -"$signal" "$supervisor"
    kill -CONT "$supervisor"
    status=0
    wait "$supervisor" 2>/dev/null || status=$?
    [ "$status" -gt 128 ] || fail "the supervisor survived SIG$signal (exit $status): $(cat "$work/progress")"
    nobody_left "after SIG$signal"
    look "after SIG$signal"
done
# The control: a process that does not forbid it leaves its core here.
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ]; then
    { bash -c "secret='$canary'; kill -SEGV \$\$"; } 2>/dev/null
    [ -n "$(found)" ] || fail "no core dump of a common program: the test of ours proves nothing"
    rm -f "$work"/core*
fi
run_job 0
look "at the end"
verified "$room"
look "in the bundle of it all"
