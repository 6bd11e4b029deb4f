#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Two thousand launches, good and bad, one, four and 32 at a time: no process, mount, namespace, cgroup or descriptor more than before.
# scripts/soak makes a hundred thousand.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/launcher.sh
. "$(dirname "$0")/support/launcher.sh"

[ "$(id -u)" -eq 0 ] || skip "needs root: it reads what the kernel keeps for others"
build_launcher
build_programs
python3 "$root/Tests/Soak/launches.py" --launcher "$work/atomic-launcher" --program "$work/true" --victim "$work/victim" \
    --launches 2000 --warm 100 --seed "$RANDOM" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "something is left"; }
grep -E "launches in|network namespaces on|nothing is left" "$work/log"
