#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Logs and proofs of ours under the reference implementation of tiles and signed notes, golang.org/x/mod/sumdb, as Debian packages it. There is
# no package of a complete fsck. ATOMIC_REFERENCE_SIZES names other sizes than 600.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

packages=/usr/share/gocode
if ! command -v go >/dev/null || ! [ -d "$packages/src/golang.org/x/mod/sumdb/tlog" ]; then
    skip "needs Debian's golang-go and golang-golang-x-mod-dev"
fi
cd "$work" || exit 1
cp "$root/Tests/Independent/reference/main.go" .
GO111MODULE=off GOPATH=$packages GOCACHE=$work/cache GOFLAGS='' go build -o reference main.go || fail "the reference does not compile"

for size in 255 256 257 ${ATOMIC_REFERENCE_SIZES:-600}; do
    expect 0 "$atomic" init "$size" --name "sizes-$size"
    born=$("$atomic" audit checkpoint --room "$size" --json | jq -r .size)
    for number in $(seq $((born + 1)) "$size"); do echo '{"type":"x.test","data":{"n":'"$number"'}}'; done |
        "$atomic" audit append --room "$size" >answers || fail "nothing was appended"
    vkey=$("$atomic" audit checkpoint --room "$size" --json | jq -r .vkey)
    "$atomic" audit prove $((size - 2)) --room "$size" >proof
    expect 0 ./reference "$size/log" "$vkey" proof
    grep -qx "$size entries, root $("$atomic" audit checkpoint --room "$size" --json | jq -r .root)" output || fail "the reference says $(cat output)"
    expect 0 "$atomic" audit export --range 0: --output "$size.part-of-it" --room "$size"
    expect 0 ./reference "$size.part-of-it" "$vkey" proof

    # Its controls: it refuses what was changed, in the last file of each directory.
    for file in $(cd "$size.part-of-it" && find . -type f | sort | awk -F/ '{ last[$2 "/" $3] = $0 } END { for (each in last) print last[each] }'); do
        cp "$size.part-of-it/$file" good
        python3 - "$size.part-of-it/$file" <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
# Of a checkpoint, its root: the middle lies in the line of the ML-DSA-65 key, which the reference does not know.
data[data.index(b"\n\n") - 10 if sys.argv[1].endswith("/checkpoint") else len(data) // 2] ^= 1
open(sys.argv[1], "wb").write(data)
PYTHON
        expect 4 ./reference "$size.part-of-it" "$vkey"
        cp good "$size.part-of-it/$file"
    done
    sed 's/^index .*/index 1/' proof >other
    expect 4 ./reference "$size/log" "$vkey" other
    expect 4 ./reference "$size/log" "$("$atomic" audit checkpoint --room 255 --json | jq -r .vkey | sed 's/./x/')"
done
