#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A watch over a maildir answers each message exactly once: messages that Debian's procmail delivers while it runs and while it
# does not, across restarts and kills, alone and through a daemon; what is no message is refused by name and moves on.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

command -v procmail >/dev/null || skip "needs Debian's procmail, which delivers the mail"

shell_bundle careful 0.98
make_keys
make_room room "$work/models/careful"
room=$work/room
make_job "$work/job.yaml"
sed -i 's|^input: .*|input: {files: ["replaced-by-each-message"]}|; s/wall: 5m/wall: 30s/' "$work/job.yaml"
maildir=$work/Maildir
mkdir -p "$maildir"/{new,cur,tmp}
cat >"$work/procmailrc" <<RC
MAILDIR=$work
LOGFILE=$work/procmail.log
:0
$maildir/
RC

background=()
# shellcheck disable=SC2317,SC2329 # called by the trap
stop_all() {
    for pid in "${background[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap stop_all EXIT

# deliver LINE: one message, as a mail server would deliver it.
deliver() { printf 'From: a@example.org\nSubject: test\n\n%s\n' "$1" | procmail "$work/procmailrc" || fail "procmail did not deliver"; }
start_watch() {
    "$atomic" watch --maildir "$maildir" --job "$work/job.yaml" --room "$room" -i "$work/keys/requester.key" --json \
        >>"$work/watched" 2>>"$work/notes" &
    watch=$!
    background+=("$watch")
}
# until_true WHAT COMMAND...: within a minute.
until_true() {
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || { cat "$work/notes" >&2; fail "$what"; }
        read -r -t 0.05 <> <(:)
    done
}
count() { find "$1" -mindepth 1 -maxdepth 1 | wc -l; }
is_empty() { [ "$(count "$1")" -eq 0 ]; }
starts() { [ "$(grep -c "atomicd: ready" "$work/notes")" -ge "$1" ]; }
cur_has() { [ "$(count "$maildir/cur")" -ge "$1" ]; }
drain() { expect 0 "$atomic" watch --maildir "$maildir" --job "$work/job.yaml" --room "$room" -i "$work/keys/requester.key" --once; }
# answered NUMBER: so many messages were answered, each once, and every answer is what was released.
answered() {
    local file
    events "$room" output.released >"$work/released"
    [ "$(wc -l <"$work/released")" -eq "$1" ] || fail "$(wc -l <"$work/released") answers were released instead of $1"
    [ "$(find "$work/out" -name '*.json.age' | wc -l)" -eq "$1" ] || fail "not every answer is in its place"
    for file in "$work"/out/*.json.age; do
        grep -q "sha256:$(sha256sum "$file" | cut -d' ' -f1)" "$work/released" || fail "$file is not what was released"
        jq -e 'has("spam")' "${file%.age}" >/dev/null || fail "${file%.age} was not opened"
    done
    is_empty "$maildir/new" || fail "messages are left in new/"
}

# Messages that wait at the start, that come meanwhile, and a restart in between.
for number in 1 2 3 4 5; do deliver "message $number"; done
start_watch
for number in 6 7 8 9 10; do deliver "FREE message $number"; done
until_true "the first ten were not answered" cur_has 10
for number in 11 12 13; do deliver "message $number"; done
kill -TERM "$watch"
wait "$watch" || fail "a watch that is told to stop does not end well: $?"
for number in 14 15; do deliver "message $number"; done
start_watch
for number in 16 17 18 19 20; do deliver "message $number"; done
until_true "twenty were not answered" cur_has 20
kill -TERM "$watch"
wait "$watch" || fail "the second watch did not end well: $?"
answered 20
[ "$(jq -r .message "$work/watched" | sort -u | wc -l)" -eq 20 ] || fail "the list of the watch does not name 20 messages"
[ "$(find "$maildir/cur" -name '*:2,' | wc -l)" -eq 20 ] || fail "not every message is in cur/ with its flags"
[ "$(cat "$work"/out/*.json | jq .spam | grep -c true)" -eq 5 ] || fail "not the five messages that say FREE are spam"

# What is no message: each is refused by name, once, and the watch goes on.
outside=$work/outside
printf 'Subject: secret\n\nnot delivered here\n' >"$outside"
ln -s "$outside" "$maildir/new/1.symlink"
mkdir "$maildir/new/2.directory"
mkfifo "$maildir/new/3.fifo"
truncate -s 70M "$maildir/new/4.huge"
printf 'Subject: x\n\nx\n' >"$maildir/new/5.wild*card"
printf 'Subject: x\n\nx\n' >"$maildir/new/$(printf '6.new\nline')"
printf 'Subject: x\n\nx\n' >"$maildir/new/$(printf '7.\377')"
printf 'Subject: x\n\nx\n' >"$maildir/new/.hidden"
printf 'Subject: x\n\nx\n' >"$maildir/tmp/8.half"
deliver "message 21"
drain
rm "$maildir/new/.hidden"
answered 21
for code in symlink directory not-a-file too-large bad-name; do
    grep -q "^refused .*: $code" "$work/output" || fail "nothing was refused as $code: $(cat "$work/output")"
done
[ "$(grep -c '^refused' "$work/output")" -eq 7 ] || fail "seven were to be refused: $(cat "$work/output")"
[ "$(LC_ALL=C find "$maildir/cur" -name '*:2,F' -printf x | wc -c)" -eq 7 ] || fail "what was refused is not flagged in cur/"
[ -e "$maildir/tmp/8.half" ] || fail "tmp/ was touched"
drain
[ ! -s "$work/output" ] || ! grep -q refused "$work/output" || fail "something was refused twice"
rm -rf "$maildir"/cur/*:2,F

# Killed at every entry of one message's job, before and after it: answered once, nothing lost.
entries_before=$("$atomic" audit tail -n 1 --room "$room" --json | jq .seq)
deliver "message 22"
drain
answered 22
per_message=$(($("$atomic" audit tail -n 1 --room "$room" --json | jq .seq) - entries_before))
number=22
for offset in $(seq 2 2 "$per_message"); do
    for when in before after; do
        number=$((number + 1))
        deliver "message $number"
        entry=$(($("$atomic" audit tail -n 1 --room "$room" --json | jq .seq) + offset))
        got=0
        ATOMIC_CRASH_AT_ENTRY="$entry:$when" "$atomic" watch --maildir "$maildir" --job "$work/job.yaml" --room "$room" \
            -i "$work/keys/requester.key" --once >/dev/null 2>"$work/notes" || got=$?
        [ "$got" -eq 137 ] || [ "$got" -eq 0 ] || { cat "$work/notes" >&2; fail "exit $got at entry +$offset $when"; }
        drain
    done
done 2>/dev/null
answered "$number"

# A new policy between the crash and the restart: what was released before it is not released again.
number=$((number + 1))
deliver "message $number"
released=$(($("$atomic" audit tail -n 1 --room "$room" --json | jq .seq) + per_message - 1))
cp -a "$room" "$work/copy"
drain
at=$("$atomic" audit tail -n 1000 --room "$room" --json | jq -s 'map(select(.type == "output.released")) | last | .seq')
[ "$at" -le $((released + 1)) ] || fail "the release is at $at"
rm -rf "$room"
mv "$work/copy" "$room"
mv "$maildir"/cur/*:2, "$work/" 2>/dev/null
last=$(find "$work" -maxdepth 1 -name '*:2,' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
name=$(basename "$last" ':2,')
mv "$last" "$maildir/new/$name"
rm -f "$work/out/$name".*
{ ATOMIC_CRASH_AT_ENTRY="$at:after" "$atomic" watch --maildir "$maildir" --job "$work/job.yaml" --room "$room" --once; } >/dev/null 2>&1
[ ! -e "$work/out/$name.json.age" ] || fail "the answer was placed before the kill, so this proves nothing"
next_policy room 's/explorationFloor: 0$/explorationFloor: 0.01/'
drain
answered "$number"
jq -s -e 'map(select(.)) | length > 0' "$work/released" >/dev/null

# Killed from outside at arbitrary moments while mail comes in, through a daemon that is killed as well.
RANDOM=20261121
: >"$work/notes"
"$bin/atomicd" --room "$room" 2>>"$work/notes" &
daemon=$!
background+=("$daemon")
until_true "the daemon did not start" starts 1
: >"$work/watched"
for round in 1 2 3 4 5 6; do
    start_watch
    for message in 1 2 3; do
        number=$((number + 1))
        deliver "FREE $round $message"
    done
    read -r -t "0.$((RANDOM % 600 + 100))" <> <(:)
    kill -KILL "$watch" 2>/dev/null
    wait "$watch" 2>/dev/null
    if [ $((round % 3)) -eq 0 ]; then
        kill -KILL "$daemon"
        wait "$daemon" 2>/dev/null
        "$bin/atomicd" --room "$room" 2>>"$work/notes" &
        daemon=$!
        background+=("$daemon")
        until_true "the daemon did not start again" starts $((round / 3 + 1))
    fi
done
drain
answered "$number"
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not end well: $?"
verified "$room"

# Not a maildir; not the requester's identity: said at once, and nothing is moved.
expect 2 "$atomic" watch --maildir "$work/out" --job "$work/job.yaml" --room "$room" --once
deliver "message for another identity"
"$atomic" keygen -o "$work/keys/stranger.key" >/dev/null 2>&1
expect 1 "$atomic" watch --maildir "$maildir" --job "$work/job.yaml" --room "$room" -i "$work/keys/stranger.key" --once
[ "$(count "$maildir/new")" -eq 1 ] || fail "a message moved on although its answer could not be opened"
drain
answered $((number + 1))
echo "$((number + 1)) messages, each answered once"
