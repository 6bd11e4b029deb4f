#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# `atomic audit`: proofs that leave the room, parts of the log as static files, and a follower that sees the log being rewritten.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

cd "$work" || exit 1
make_keys
expect 0 "$atomic" init room --name room --owner "file:$work/keys/owner.key"
append() { for i in $(seq "$1" "$2"); do echo '{"type":"x.test","data":{"n":'"$i"'}}'; done | "$atomic" audit append --room room >answers; }
append 1 600
size=$("$atomic" audit checkpoint --room room --json | jq -r .size)
vkey=$("$atomic" audit checkpoint --room room --json | jq -r .vkey)
[ "$size" -gt 600 ] || fail "$size entries"

# A proof is one file and needs no room.
for index in 0 1 255 256 $((size - 1)); do
    "$atomic" audit prove "$index" --room room >"$index.tlog-proof" || fail "no proof of $index"
    expect 0 "$atomic" audit prove --check "$index.tlog-proof" --vkey "$vkey"
    grep -q "is entry $index of $size in the log atomic-room/room/" output || fail "not said what was proved: $(cat output)"
    [ "$("$atomic" audit prove --check "$index.tlog-proof" --vkey "$vkey" --json | jq -r .entry)" = \
        "$("$atomic" audit show "$index" --room room --json)" ] || fail "entry $index is another one in the proof"
done
# The same by a reader that shares no code: the format's text, RFC 6962 section 2.1.1, hashlib.
python3 - ./*.tlog-proof <<'PYTHON' || fail "an independent reader refuses a proof"
import base64, hashlib, sys
sha = lambda data: hashlib.sha256(data).digest()
for name in sys.argv[1:]:
    head, note = open(name, "rb").read().decode().split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ") and lines[2].startswith("index "), name
    entry, index = base64.b64decode(lines[1][6:]), int(lines[2][6:])
    origin, size, root = note.split("\n")[:3]
    here, node, last = sha(b"\0" + entry), index, int(size) - 1
    for line in lines[3:]:
        other = base64.b64decode(line)
        if node & 1 or node == last:
            here = sha(b"\1" + other + here)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            here = sha(b"\1" + here + other)
        node, last = node >> 1, last >> 1
    assert last == 0 and here == base64.b64decode(root), name
PYTHON
"$atomic" init other --name other --owner "file:$work/keys/owner.key" >/dev/null 2>&1
stranger=$("$atomic" audit checkpoint --room other --json | jq -r .vkey)
expect 4 "$atomic" audit prove --check 1.tlog-proof --vkey "$stranger"
sed 's/^index 1$/index 2/' 1.tlog-proof >bad
expect 4 "$atomic" audit prove --check bad --vkey "$vkey"
python3 - <<'PYTHON'
import base64
text = open("1.tlog-proof").read().split("\n")
entry = bytearray(base64.b64decode(text[1][6:]))
entry[-3] ^= 1
text[1] = "extra " + base64.b64encode(entry).decode()
open("bad", "w").write("\n".join(text))
PYTHON
expect 4 "$atomic" audit prove --check bad --vkey "$vkey"
head -c 300 1.tlog-proof >bad
expect 4 "$atomic" audit prove --check bad --vkey "$vkey"
expect 2 "$atomic" audit prove --check 1.tlog-proof
expect 1 "$atomic" audit prove "$size" --room room
grep -q "is not in a log of $size entries" output || fail "$(cat output)"
# Without its extra line it is the proof that `show --proof` prints, and takes the entry from beside it.
"$atomic" audit show 7 --proof --room room >plain
"$atomic" audit prove 7 --room room | grep -v '^extra ' | cmp -s - plain || fail "two proofs of one entry differ"
expect 2 "$atomic" audit prove --check plain --vkey "$vkey"
printf %s "$("$atomic" audit show 7 --room room --json)" >entry
expect 0 "$atomic" audit prove --check plain --entry entry --vkey "$vkey"

# A part of the log: what every tile client asks for, byte for byte as in log/.
expect 0 "$atomic" audit export --range 0: --output whole --room room
expect 0 python3 "$root/Tests/Independent/check_log.py" --tiles whole --vkey "$vkey"
expect 0 "$atomic" audit export --range 300:310 --output part --room room
[ "$(cd part && find . -type f | sort | tr '\n' ' ')" = \
    "./checkpoint ./tile/0/001 ./tile/0/002.p/$((size - 512)) ./tile/1/000.p/2 ./tile/entries/001 " ] ||
    fail "in the part: $(cd part && find . -type f | sort)"
for file in $(cd part && find . -type f); do cmp -s "part/$file" "whole/$file" || fail "$file of the part is another one"; done
[ "$("$atomic" audit export --range :5 --output first --room room --json | jq -r '"\(.from) \(.to)"')" = "0 5" ] || fail "the range is not said"
for range in 5:5 6:5 0:$((size + 1)) 5 a:b :0; do expect 2 "$atomic" audit export --range "$range" --output none --room room; done
expect 2 "$atomic" audit export --range 0: --output part --room room
if [ -e none ] || [ -e none.part ]; then fail "a refused export left something"; fi
# What an export that died has left is of another moment of the log: nothing is added to it.
mkdir -p half.part/tile && echo old >half.part/tile/old
expect 2 "$atomic" audit export --range 0: --output half --room room
grep -q 'half.part exists' output || fail "not said why: $(cat output)"
if [ -e half ] || [ "$(find half.part -type f)" != half.part/tile/old ]; then fail "an export took up the remains of another"; fi
rm -r half.part
expect 0 "$atomic" audit export --range 0: --output half --room room
expect 0 python3 "$root/Tests/Independent/check_log.py" --tiles half --vkey "$vkey"

# Wrong use of every verb is said in words and, with --json, in one object; the exit code tells it from damage.
refused() { # CODE PATTERN ARGUMENT...
    local json
    expect "$1" "$atomic" audit "${@:3}"
    grep -qE -- "$2" output || fail "audit ${*:3}: says $(cat output)"
    json=$("$atomic" audit "${@:3}" --json 2>/dev/null)
    jq -e '.error | .code != "" and .message != "" and .remedy != ""' <<<"$json" >/dev/null || fail "audit ${*:3} --json: says $json"
}
for verb in "show" "prove"; do
    refused 1 "is not in a log of $size entries" "$verb" "$size" --room room
    refused 1 "is not in a log of $size entries" "$verb" 18446744073709551615 --room room
    for number in 18446744073709551616 abc 1.5 +1 0x1 ""; do refused 2 "whole number from 0" "$verb" "$number" --room room; done
done
refused 2 . show -1 --room room
refused 2 "'-1' is invalid" tail -n -1 --room room
refused 2 "'x' is invalid" tail -n x --room room
refused 2 "is not a range of entries in a log of $size" export --range 7:3 --output none --room room
refused 2 "'-1:2' is invalid" export --range -1:2 --output none --room room
refused 2 "invalid" export --range 0:99999999999999999999 --output none --room room
refused 2 "no room is given" tail
mkdir empty
for verb in "tail" "verify" "checkpoint" "show 0" "prove 0" "export --range 0: --output none"; do
    # shellcheck disable=SC2086 # words
    refused 2 "no room" $verb --room nowhere
    # shellcheck disable=SC2086
    refused 2 "no room with a log in empty" $verb --room empty
done
refused 2 "no room" append --room nowhere
cp -a room gone && rm -r gone/log gone/log-wal
refused 4 "its log is gone" verify --room gone
refused 4 "its log is gone" tail --room gone
refused 2 "name.hash.base64" verify --vkey nonsense --room room
refused 2 "name.hash.base64" prove --check 1.tlog-proof --vkey ""
"$atomic" audit checkpoint --room room >seen
expect 0 "$atomic" audit verify --from seen --room room
refused 1 "No such file" verify --from missing --room room
refused 1 "Is a directory" verify --from empty --room room
: >nothing
head -c 40 seen >piece
for file in nothing piece /etc/passwd; do refused 4 "^error: $file: " verify --from "$file" --room room; done
"$atomic" audit checkpoint --room other >strange
refused 4 "^error: strange: " verify --from strange --room room
[ "$("$atomic" audit tail -n 0 --room room | wc -l)" -eq 0 ] || fail "none were asked for"
[ "$("$atomic" audit tail -n 18446744073709551615 --room room | wc -l)" -eq "$size" ] || fail "all were asked for"

# Who has read enough goes away, and nobody complains; a full disk is another matter.
for verb in "tail -n 600" "tail -n 600 --json" "tail -n 1 --follow" "checkpoint"; do
    # shellcheck disable=SC2086
    { "$atomic" audit $verb --room room 2>errors; echo $? >status; } | head -n 1 >beginning
    if [ "$(cat status)" -ne 0 ] || [ -s errors ] || ! [ -s beginning ]; then fail "audit $verb | head -n 1: $(cat status errors)"; fi
    # shellcheck disable=SC2086
    if "$atomic" audit ${verb/ --follow/} --room room >/dev/full 2>errors; then fail "audit $verb: a full disk is no success"; fi
done

# What a person reads of an entry of another program: no control character of it.
printf '{"type":"x.evil","data":{"text":"\\u001b[2J\\nentry"}}\n' | "$atomic" audit append --room other >answers
"$atomic" audit tail -n 1 --room other >line
if [ "$(wc -l <line)" -ne 1 ] || grep -q "$(printf '\033')" line; then fail "an entry drives the terminal: $(cat -v line)"; fi
grep -qE '^ +[0-9]+  [0-9-]{10} [0-9:.]{12}  uid:[0-9]+ +x.evil +text=' line || fail "a line reads $(cat line)"

# A follower prints what is acknowledged later, across new bundles.
"$atomic" audit tail -n 1 --follow --json --room room >followed 2>errors &
follower=$!
append 601 1200
for _ in $(seq 1 100); do
    [ "$(wc -l <followed)" -lt 601 ] || break
    sleep 0.1
done
[ "$(jq -r 'select(.type == "x.test") | .data.n' followed | tail -n 601 | tr '\n' ' ')" = "$(seq 600 1200 | tr '\n' ' ')" ] ||
    fail "followed: $(wc -l <followed) lines; $(cat errors)"
kill -0 "$follower" || fail "the follower ended: $(cat errors)"
# While nothing is appended it reads nothing; what comes then it reads.
read_so_far() { sed -n 's/^rchar: //p' "/proc/$follower/io"; }
before=$(read_so_far)
sleep 1
[ "$(read_so_far)" = "$before" ] || fail "a follower reads $(($(read_so_far) - before)) bytes a second of a log that does not grow"
# An older copy of the room is put back under it.
cp -a room saved
append 1201 1300
for _ in $(seq 1 100); do
    [ "$(wc -l <followed)" -lt 701 ] || break
    sleep 0.1
done
[ "$(read_so_far)" -gt "$before" ] || fail "a follower that prints has read nothing"
kill -STOP "$follower"
mv room newer && mv saved room
kill -CONT "$follower"
status=0
wait "$follower" || status=$?
[ "$status" -eq 4 ] || fail "the follower of a log that was set back ended with $status: $(cat errors)"
grep -q 'seen before' followed errors || fail "and does not say why: $(cat errors)"
