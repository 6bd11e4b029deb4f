#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A disk that is full stops a job with a clear error and exit 1. Whatever was acknowledged is there afterwards, and when there is
# space again the same command finishes the same job.
set -uo pipefail
# Alone, so that the small disk goes away with the test.
# shellcheck source=Tests/EndToEnd/support/alone.sh
. "$(dirname "$0")/support/alone.sh"
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

shell_bundle careful 0.98
make_keys
make_room room "$work/models/careful"
for name in a b c d; do message "$name.eml" "FREE $name"; done
make_job_over a.eml b.eml c.eml d.eml

cp -a "$work/room" "$work/template"
rm -rf "$work/room"
mkdir "$work/room"
small=$(($(du -sk --apparent-size "$work/template" | cut -f1) + 2048))
mount -t tmpfs -o "size=${small}k" none "$work/room"
trap 'umount "$work/room"; rm -rf "$work"' EXIT

# fill KIB: what is left of the disk.
fill() {
    local free
    free=$(df -k --output=avail "$work/room" | tail -n 1)
    [ "$free" -le "$1" ] || head -c "$(((free - $1) * 1024))" /dev/zero >"$work/room/ballast"
}

stopped=0
for left in 0 4 8 16 24 32 48 64 96 128 192 256; do
    find "$work/room" -mindepth 1 -delete
    rm -rf "$work/out"
    cp -a "$work/template/." "$work/room/"
    fill "$left"
    status=0
    "$atomic" run "$work/job.yaml" --room "$work/room" >"$work/table" 2>"$work/progress" || status=$?
    if [ "$status" -ne 0 ]; then
        stopped=$((stopped + 1))
        [ "$status" -eq 1 ] || { cat "$work/progress"; fail "$left KiB left: exit $status instead of 1"; }
        grep -qiE 'no space|full' "$work/progress" || { cat "$work/progress"; fail "$left KiB left: the error does not say that the disk is full"; }
        expect 0 "$atomic" audit verify --room "$work/room"
    fi
    before=$(events "$work/room" output.released | jq -r .ciphertext | sort)
    rm -f "$work/room/ballast"
    run_job 0
    for name in a b c d; do [ "$(verdict "$name.eml")" = true ] || fail "$left KiB left: no answer for $name afterwards"; done
    # What was released before the disk was full is still the answer that lies there.
    for digest in $before; do
        [ "$status" -eq 0 ] || sha256sum "$work"/out/*.age | grep -q "^${digest#sha256:}" || fail "$left KiB left: a released answer was replaced"
    done
    verified "$work/room"
done
[ "$stopped" -ge 3 ] || fail "the disk was full only $stopped times: this proves little"
