#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A hundred thousand random requests over two hundred random policies are decided as Cedar's own engine decides them, through a compiler
# in Python that shares nothing with ours, and through what `atomic policy export --cedar` writes. The control: a compiler with a mistake
# is found. scripts/install-cedarpy fetches the engine.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
atomic=${ATOMIC_BIN:-$root/.build/debug}/atomic
python=$("$root/scripts/install-cedarpy" 2>/dev/null) || { echo "needs cedarpy from PyPI, and python3-venv"; exit 77; }
compare() { "$python" -B "$root/Tests/Independent/policy_cedar.py" --atomic "$atomic" "$@"; }
compare --policies 200 --requests 500 --seed 1 || { echo "FAILED: Cedar decides otherwise" >&2; exit 1; }
found=$(compare --policies 30 --requests 250 --seed 1 --wrong | tail -n 1)
case $found in
    *" 0 decided otherwise") echo "FAILED: a wrong compiler was not found: $found" >&2; exit 1 ;;
    *" decided otherwise") echo "the control, a compiler without inheritance of forbids: $found" ;;
    *) echo "FAILED: the control did not run: $found" >&2; exit 1 ;;
esac
