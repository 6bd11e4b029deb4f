#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The launcher under whatever may come: its parser by libFuzzer, and itself alive, with a seed that never changes and one that always
# does. scripts/soak runs the same for an hour.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/launcher.sh
. "$(dirname "$0")/support/launcher.sh"

build_launcher
build_programs
python3 "$fuzz/found.py" "$work/atomic-launcher" || fail "what was found once is back (above)"
if [ "$(id -u)" -eq 0 ]; then
    as_user 65534 found.py "$work/as-user/atomic-launcher" || fail "what was found once is back for an ordinary user (above)"
fi
variant=(--launcher @/atomic-launcher)
if [ -n "$clang" ]; then
    python3 "$fuzz/seeds.py" "$work/seeds"
    build_parser parser "$root/Sources/atomic-launcher/message.c"
    mkdir "$work/found"
    fuzz_parser parser -seed=1 -max_total_time=4 "$work/found" "$work/seeds" || { tail -n 30 "$work/parser.log" >&2; fail "the parser broke"; }
    tail -n 1 "$work/parser.log"
    # Control: a parser that forgets one check is found out by the seeds alone.
    sed '/trailing bytes/d' "$root/Sources/atomic-launcher/message.c" >"$work/message.c"
    build_parser forgetful "$work/message.c"
    if fuzz_parser forgetful -runs=0 "$work/seeds"; then fail "a parser that takes trailing bytes was not found out"; fi
    grep -q "broken: what was accepted is not what was sent" "$work/parser.log" || fail "the control broke for another reason"
    build_launcher_asan
    variant=(--launcher @/launcher-asan --asan @/report)
else
    echo "no clang: neither the parser's fuzzer nor the address sanitizer ran"
fi

# fuzz_live USER SECONDS SEED
fuzz_live() {
    live "$1" "$2" "$3" "${variant[@]}" >"$work/live.log" 2>&1 || { tail -n 60 "$work/live.log" >&2; fail "the launcher broke (above, with its seed)"; }
    tail -n 1 "$work/live.log"
}
fuzz_live "" 7 20261129
fuzz_live "" 6 "$RANDOM$RANDOM"
if [ "$(id -u)" -eq 0 ]; then
    fuzz_live 65534 6 "$RANDOM$RANDOM"
fi
