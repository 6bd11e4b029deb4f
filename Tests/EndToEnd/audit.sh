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
# An older copy of the room is put back under it.
cp -a room saved
append 1201 1300
for _ in $(seq 1 100); do
    [ "$(wc -l <followed)" -lt 701 ] || break
    sleep 0.1
done
kill -STOP "$follower"
mv room newer && mv saved room
kill -CONT "$follower"
status=0
wait "$follower" || status=$?
[ "$status" -eq 4 ] || fail "the follower of a log that was set back ended with $status: $(cat errors)"
grep -q 'seen before' followed errors || fail "and does not say why: $(cat errors)"
