#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Windows of random policies in sixteen zones mean what Python's zoneinfo says they mean, most of all where clocks are put forward and
# back. The control: whoever forgets summer time is found.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
atomic=${ATOMIC_BIN:-$root/.build/debug}/atomic
[[ -e /usr/share/zoneinfo/Europe/Berlin ]] || { echo "needs the package tzdata"; exit 77; }
compare() { python3 -B "$root/Tests/Independent/policy_times.py" --atomic "$atomic" "$@"; }
compare --policies 80 --seed 1 || { echo "FAILED: Python's zoneinfo decides otherwise" >&2; exit 1; }
found=$(compare --policies 30 --seed 1 --wrong | tail -n 1)
case $found in
    *": 0 decided otherwise") echo "FAILED: forgotten summer time was not found: $found" >&2; exit 1 ;;
    *" decided otherwise") echo "the control, without summer time: $found" ;;
    *) echo "FAILED: the control did not run: $found" >&2; exit 1 ;;
esac
