#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Some hundreds of candidates for the next policy of a room (rotations, thresholds, missing, repeated, unknown and bad signatures, rollback,
# gap, fork, expiry, damage) are accepted and refused as python-tuf's client judges root metadata with the same meaning; where our rules
# differ by intent the test says so and holds both to it. The control: a mapping that asks one signer less is found. scripts/install-tuf
# fetches python-tuf.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
atomic=${ATOMIC_BIN:-$root/.build/debug}/atomic
python=$("$root/scripts/install-tuf" 2>/dev/null) || { echo "needs python-tuf from PyPI, and python3-venv"; exit 77; }
compare() { "$python" -B "$root/Tests/Independent/policy_tuf.py" --atomic "$atomic" "$@"; }
compare --cases 300 --seed 1 || { echo "FAILED: python-tuf judges otherwise" >&2; exit 1; }
found=$(compare --cases 60 --seed 2 --wrong | tail -n 1)
case $found in
    *" 0 judged otherwise") echo "FAILED: a wrong mapping was not found: $found" >&2; exit 1 ;;
    *" judged otherwise") echo "the control, a mapping that asks one signer less: $found" ;;
    *) echo "FAILED: the control did not run: $found" >&2; exit 1 ;;
esac
