#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Every `atomic VERB` that the documentation shows exists, and its help has an example.
set -euo pipefail
cd "$(dirname "$0")/../.."
atomic=${ATOMIC_BIN:?the directory of the built programs}/atomic

mapfile -t verbs < <(grep -hoE '(^|`|\$ )atomic( [a-z][a-z-]+){1,2}' README.md SECURITY.md docs/*.md |
    sed -E 's/^.*atomic //' | awk '
        $1 ~ /^(model|policy|auction|audit|bundle|job|key|task|witness|airlock)$/ { if ($2 != "") print $1, $2; next }
        { print $1 }' | sort -u)
[ "${#verbs[@]}" -ge 8 ] || { echo "found only ${#verbs[@]} verbs in the documentation: the pattern is wrong"; exit 1; }

missed=0
for verb in "${verbs[@]}"; do
    # shellcheck disable=SC2086 # a verb may be two words
    help=$("$atomic" $verb --help 2>&1) || true
    # The parser answers an unknown verb with its parent's help, so the usage line has to name this one.
    if ! grep -qE "^USAGE: atomic $verb( |$)" <<<"$help"; then
        echo "documented, but not a verb: atomic $verb"
        missed=1
    elif ! grep -qiE "example" <<<"$help"; then
        echo "no example in the help of: atomic $verb"
        missed=1
    fi
done
if "$atomic" no-such-verb >/dev/null 2>&1; then
    echo "an unknown verb succeeds, so this test proves nothing"
    missed=1
fi
exit "$missed"
