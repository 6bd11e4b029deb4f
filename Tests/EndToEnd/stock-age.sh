#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sealed files are stock age files: what we seal, Debian's age opens, and the other way round, in both encodings.
# Whatever is wrong with a file, nothing of its content comes out, and the error has the contract's name.
set -euo pipefail
command -v age >/dev/null || { echo "age is not installed"; exit 77; }
atomic=${ATOMIC_BIN:?the directory of the built programs}/atomic
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

recipient=$("$atomic" keygen -o ours.key)
[ "$(stat -c %a ours.key)" = 600 ]
[ "$(age-keygen -y ours.key)" = "$recipient" ]
age-keygen -o theirs.key 2>/dev/null
other=$(age-keygen -y theirs.key)

: >empty
printf 'x' >one
head -c 65536 /dev/urandom >chunk
head -c 200001 /dev/urandom >chunks
for file in empty one chunk chunks; do
    for armor in "" --armor; do
        # shellcheck disable=SC2086 # no argument when empty
        "$atomic" seal $armor -r "$recipient" -r "$other" "$file" -o sealed
        age -d -i theirs.key sealed | cmp - "$file"
        "$atomic" open -i ours.key sealed -o opened && cmp opened "$file"
        # shellcheck disable=SC2086
        age ${armor:+-a} -r "$recipient" -o sealed "$file"
        rm -f opened
        "$atomic" open -i ours.key sealed -o opened && cmp opened "$file"
        rm -f opened sealed
    done
done

refused() { # CODE FILE
    local answer status=0
    answer=$("$atomic" open --json -i ours.key "$2" -o opened) || status=$?
    [ "$status" -ne 0 ] || { echo "$2 was opened"; return 1; }
    [ ! -e opened ] || { echo "$2 left a partial plaintext"; return 1; }
    [ "$(jq -r .error.code <<<"$answer")" = "$1" ] || { echo "$2: expected $1, got $answer"; return 1; }
}
age -r "$recipient" -o good chunks
head -c -1 good >truncated
{ head -c -10 good; printf 'XXXXXXXXXX'; } >changed
age -r "$other" -o foreign chunks
printf 'age-encryption.org/v2\n' >version
refused payload truncated
refused payload changed
refused no-match foreign
refused header version
