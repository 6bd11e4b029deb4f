#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# One of the launcher's system calls fails, another one in each run: an error and no jail, or the same jail as ever, never a weaker one.
# A part of all calls in the time that a test may take; scripts/soak takes them all.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/launcher.sh
. "$(dirname "$0")/support/launcher.sh"

[ "$(uname -m)" = x86_64 ] || skip "fails system calls on x86-64 only"
build_launcher
compile inject cc -std=c11 -O1 "$fuzz/inject.c"
compile inside cc -std=c11 -O1 -static "$fuzz/inside.c"
inject() {
    python3 "$fuzz/inject.py" --launcher "$work/$1" --inject "$work/inject" --inside "$work/inside" --work "$work" --case template \
        --most 2 "${@:2}" >"$work/said" 2>&1
}
inject atomic-launcher --errors EPERM --every 5 --seconds 30 || { grep -E "WRONG|Error|inject:" "$work/said" >&2; tail -n 20 "$work/said" >&2; fail "something degrades"; }
tail -n 1 "$work/said"
# Control: a launcher that goes on without its filter is found out.
mkdir "$work/sources"
cp "$root"/Sources/atomic-launcher/*.[ch] "$work/sources/"
sed -i 's/    if (landlock_enter(p, l->flags, f)) return -1;/    landlock_enter(p, l->flags, f);/' "$work/sources/program.c"
compile careless cc -std=c11 -O1 -static "$work"/sources/*.c
if inject careless --errors EPERM --only "program landlock_restrict_self"; then fail "a launcher that goes on without Landlock was not found out"; fi
grep -q "WRONG.*landlock" "$work/said" || { cat "$work/said" >&2; fail "the control broke for another reason"; }
