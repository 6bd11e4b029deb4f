#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# `atomic key rotate`: the log goes on under new keys; who has the old verifier key follows, and the old private keys are gone.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

cd "$work" || exit 1
make_keys
expect 0 "$atomic" init room --name room --owner "file:$work/keys/owner.key"
append() { for i in $(seq "$1" "$2"); do echo '{"type":"x.test","data":{"n":'"$i"'}}'; done | "$atomic" audit append --room room >answers; }
append 1 20
"$atomic" bundle trust --room room -o before.json >/dev/null || fail "no trust file"
old=$(jq -er '.rooms[0].vkey' before.json)
oldsecond=$(jq -er '.rooms[0].postQuantumVkey' before.json)
"$atomic" audit checkpoint --room room >early
[ "$(grep -c '^— atomic-room/room/' early)" -eq 2 ] || fail "a checkpoint with $(grep -c '^—' early) lines"
"$atomic" audit prove 3 --room room >early.tlog-proof
sha256sum room/keys/log.pem room/keys/log-mldsa65.pem | cut -d ' ' -f 1 >retired

# Another implementation of ML-DSA, where there is one.
if python3 -c 'from cryptography.hazmat.primitives.asymmetric import mldsa' 2>/dev/null; then
    expect 0 python3 "$root/Tests/Independent/make_mldsa65.py" --check early --vkey "$oldsecond"
    sed '2s/.*/999/' early >bad
    expect 4 python3 "$root/Tests/Independent/make_mldsa65.py" --check bad --vkey "$oldsecond"
else
    echo "skipped: no second implementation of ML-DSA-65 here (the Python package cryptography 48 or later)" >&2
fi
# A log whose published checkpoint has lost its second line.
cp -a room stripped
head -n -1 room/log/checkpoint >stripped/log/checkpoint
expect 4 "$atomic" audit verify --vkey "$old" --room stripped
grep -q 'ML-DSA-65' output || fail "not said what is missing: $(cat output)"
expect 0 "$atomic" audit verify --vkey "$old" --post-quantum-vkey "$oldsecond" --room room

expect 0 "$atomic" key rotate --room room --json
new=$(jq -er .vkey output)
newsecond=$(jq -er .postQuantumVkey output)
entry=$(jq -er .entry output)
[ "$new" != "$old" ] || fail "the key is the old one"
[ "$(ls room/keys)" = "$(printf 'inputs.key\nlog-mldsa65.pem\nlog.pem\nrecipient.age\nstatement.pem')" ] || fail "in keys/: $(ls room/keys)"
sha256sum room/keys/* | cut -d ' ' -f 1 | grep -qxF -f retired && fail "a retired key is still there"
[ "$("$atomic" audit show "$entry" --room room --json | jq -r .type)" = key.rotated ] || fail "entry $entry is not the announcement"
append 21 40
for key in "$old" "$new"; do
    expect 0 "$atomic" audit verify --vkey "$key" --from early --room room
    expect 0 python3 "$root/Tests/Independent/check_log.py" room --vkey "$key"
done
expect 0 "$atomic" audit verify --vkey "$old" --post-quantum-vkey "$oldsecond" --room room
expect 0 "$atomic" audit verify --vkey "$new" --post-quantum-vkey "$newsecond" --room room
expect 4 "$atomic" audit verify --vkey "$new" --post-quantum-vkey "$oldsecond" --room room
"$atomic" init other --name other --owner "file:$work/keys/owner.key" >/dev/null 2>&1
stranger=$("$atomic" audit checkpoint --room other --json | jq -r .vkey)
expect 4 "$atomic" audit verify --vkey "$stranger" --room room

# Proofs: from before, from after, and from after with the announcement at hand.
expect 0 "$atomic" audit prove --check early.tlog-proof --vkey "$old"
"$atomic" audit prove 30 --room room >late.tlog-proof
expect 0 "$atomic" audit prove --check late.tlog-proof --vkey "$new" --post-quantum-vkey "$newsecond"
expect 4 "$atomic" audit prove --check late.tlog-proof --vkey "$old"
"$atomic" audit show "$entry" --room room --json >announcement
"$atomic" audit prove "$entry" --room room >announcement.tlog-proof
for file in announcement announcement.tlog-proof; do
    expect 0 "$atomic" audit prove --check late.tlog-proof --vkey "$old" --rotation "$file"
    expect 0 "$atomic" audit prove --check late.tlog-proof --vkey "$old" --post-quantum-vkey "$oldsecond" --rotation "$file"
done
# The announcement is enough for itself.
expect 0 "$atomic" audit prove --check announcement.tlog-proof --vkey "$old"
expect 4 "$atomic" audit prove --check late.tlog-proof --vkey "$stranger" --rotation announcement
python3 - <<'PYTHON'
text = open("announcement").read()
place = text.index('"statement":"') + 40
open("forged", "w").write(text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1:])
PYTHON
expect 4 "$atomic" audit prove --check late.tlog-proof --vkey "$old" --rotation forged

# Bundles, by who trusts the keys of before and those of now.
expect 0 "$atomic" bundle export --room room -o room.atomic
"$atomic" bundle trust --room room -o after.json >/dev/null
[ "$(jq -r '.rooms[0].vkey' after.json)" = "$new" ] || fail "the trust file has the old key"
for trust in before.json after.json; do
    expect 0 "$ATOMIC_BIN/atomic-verify" room.atomic --trust "$trust"
    expect 0 "$atomic" bundle verify room.atomic --trust "$trust"
done
jq -c --arg key "${stranger#*+}" '.rooms[0].vkey = "x+" + $key' before.json >wrong.json
expect 4 "$ATOMIC_BIN/atomic-verify" room.atomic --trust wrong.json

# A log in which the old key goes on behind its retirement.
cp -a room twice
expect 0 "$atomic" key rotate --room twice
cp room/keys/log.pem room/keys/log-mldsa65.pem twice/keys/
expect 4 "$atomic" audit append --room twice </dev/null

# Killed at every step of the log's work: the room opens, keeps its keys in two files, and old readers follow.
deaths=0
for step in wal-written:1 wal-synced:1 wal-written:2 wal-synced:2 key-announced:1 wal-created:1 wal-created:2 publish-file:1 publish-synced:1 \
    publish-checkpoint:1 wal-removed:1; do
    rm -rf killed && cp -a room killed
    status=0
    # In a shell of its own, which says nothing of the death.
    (ATOMIC_CRASH_AT_LOG_STEP=$step "$atomic" key rotate --room killed >/dev/null 2>&1; exit $?) 2>/dev/null || status=$?
    [ "$status" -ne 137 ] || deaths=$((deaths + 1))
    expect 0 "$atomic" audit verify --vkey "$old" --room killed
    expect 0 "$atomic" audit append --room killed <<<'{"type":"x.test","data":{"n":0}}'
    [ "$(find killed/keys -name 'log*' | wc -l)" -eq 2 ] || fail "$step: in keys/: $(ls killed/keys)"
    expect 0 "$atomic" audit verify --vkey "$old" --post-quantum-vkey "$oldsecond" --room killed
    expect 0 python3 "$root/Tests/Independent/check_log.py" killed --vkey "$old"
    expect 0 "$atomic" key rotate --room killed
    expect 0 "$atomic" audit verify --vkey "$new" --room killed
done
[ "$deaths" -ge 10 ] || fail "only $deaths of the steps were reached"

# The same through a daemon that has the room.
"$ATOMIC_BIN/atomicd" --room room >daemon.log 2>&1 &
daemon=$!
for _ in $(seq 1 100); do
    [ ! -S room/run/atomicd.sock ] || break
    sleep 0.1
done
expect 0 "$atomic" key rotate --room room
append 41 50
expect 0 "$atomic" audit verify --vkey "$old" --room room
kill "$daemon"
wait "$daemon" || fail "the daemon ended with $?: $(cat daemon.log)"
expect 0 "$atomic" audit verify --vkey "$old" --room room
[ "$(find room/keys -name 'log*' | wc -l)" -eq 2 ] || fail "in keys/: $(ls room/keys)"
