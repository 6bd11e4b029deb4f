# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced by what handles the launcher itself: compiles it, its fuzzers and the programs they run in jails into $work.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$(mktemp -d /tmp/atomic-launcher-test.XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
fuzz=$root/Tests/Fuzz

fail() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }

# Clang has libFuzzer and the address sanitizer; it comes with Swift.
clang=$(command -v clang || true)
[ -n "$clang" ] || clang=$(dirname "$(readlink -f "$(command -v swift || echo /nowhere)")")/clang
[ -x "$clang" ] || clang=

# compile OUTPUT COMPILER ARGUMENTS…: quiet unless it fails; gold warns about what the sanitizer hides.
compile() {
    local output=$1
    shift
    "$@" -D_GNU_SOURCE -o "$work/$output" 2>"$work/errors" || { cat "$work/errors" >&2; fail "$output does not compile"; }
}

sanitize=(-fsanitize=address,undefined -fsanitize-trap=undefined -fno-omit-frame-pointer -g -O1)

build_launcher() { "$root/scripts/build-launcher" "$work" || fail "the launcher does not compile"; }
build_launcher_asan() { compile launcher-asan "$clang" -std=c11 "${sanitize[@]}" "$fuzz/asan.c" "$root"/Sources/atomic-launcher/*.c; }
build_programs() {
    echo 'int main(void) { return 0; }' >"$work/true.c"
    compile true cc -O1 -static "$work/true.c"
    compile victim cc -std=gnu11 -O1 -static \
        $(find "$root/Tests/JailVictims" -name '*.c' ! -name as-nobody.c)
}

# build_parser OUTPUT MESSAGE.C: the fuzzer of a parser.
build_parser() {
    compile "$1" "$clang" -std=c11 -I"$root/Sources/atomic-launcher" -fsanitize=fuzzer "${sanitize[@]}" \
        "$fuzz/parser.c" "$2" "$root/Sources/atomic-launcher/failure.c"
}

# fuzz_parser FUZZER ARGUMENTS…: its output in $work/parser.log.
fuzz_parser() {
    local program=$1
    shift
    (cd "$work" && ASAN_OPTIONS=symbolize=0 "./$program" -dict="$fuzz/parser.dict" -artifact_prefix="$work/found-" -max_len=16384 "$@" >parser.log 2>&1)
}

# live USER SECONDS SEED ARGUMENTS…: the live fuzzer, as root when USER is empty.
live() {
    local user=$1 seconds=$2 seed=$3 as=() python=python3
    shift 3
    if [ -n "$user" ]; then
        as=(setpriv --reuid "$user" --regid "$user" --clear-groups)
        mkdir -p "$work/as-user"
        cp "$fuzz"/*.py "$work/launcher-asan" "$work/atomic-launcher" "$work/true" "$work/as-user/" 2>/dev/null
        chmod -R go=u "$work/as-user"
        "${as[@]}" "$(command -v python3)" -c '' 2>/dev/null || python=/usr/bin/python3
        chmod 777 "$work/as-user"
        "${as[@]}" "$python" "$work/as-user/live.py" --program "$work/as-user/true" --seconds "$seconds" --seed "$seed" \
            "${@//@/$work/as-user}"
    else
        "$python" "$fuzz/live.py" --program "$work/true" --seconds "$seconds" --seed "$seed" "${@//@/$work}"
    fi
}
