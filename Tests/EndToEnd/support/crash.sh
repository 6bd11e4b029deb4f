# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced by what crashes a log: compiles the shim and the bare programs of Tests/Soak/log into $work.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
if [ -z "${work:-}" ]; then
    work=$(mktemp -d /tmp/atomic-crash.XXXXXX)
    trap 'rm -rf "$work"' EXIT
fi

build_crash() {
    local name
    for name in cc python3 openssl; do
        command -v "$name" >/dev/null || { echo "needs $name"; exit 77; }
    done
    cc -std=gnu11 -O1 -Wall -Wextra -shared -fPIC -o "$work/shim.so" "$root/Tests/Soak/log/shim.c" -ldl
    cc -std=gnu11 -O1 -Wall -Wextra -o "$work/bare" "$root/Tests/Soak/log/bare.c"
}

# crash ARGUMENTS…: crash.py with what it needs.
crash() {
    python3 -B "$root/Tests/Soak/log/crash.py" --bin "${ATOMIC_BIN:-$root/.build/debug}" --shim "$work/shim.so" --bare "$work/bare" \
        --work "$work" "$@"
}
