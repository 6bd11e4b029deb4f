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

# shellcheck disable=SC2054 # the comma is the compiler's
sanitize=(-fsanitize=address,undefined -fsanitize-trap=undefined -fno-omit-frame-pointer -g -O1)

build_launcher() { "$root/scripts/build-launcher" "$work" || fail "the launcher does not compile"; }
build_launcher_asan() { compile launcher-asan "$clang" -std=c11 "${sanitize[@]}" "$fuzz/asan.c" "$root"/Sources/atomic-launcher/*.c; }
build_programs() {
    echo 'int main(void) { return 0; }' >"$work/true.c"
    compile true cc -O1 -static "$work/true.c"
    local victims
    mapfile -t victims < <(find "$root/Tests/JailVictims" -name '*.c' ! -name as-nobody.c ! -name with-key.c)
    compile victim cc -std=gnu11 -O1 -static "${victims[@]}"
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

# as_user UID PROGRAM.py ARGUMENTS…: one of Tests/Fuzz as somebody else, with copies that they can read in $work/as-user.
as_user() {
    local as=(setpriv --reuid "$1" --regid "$1" --clear-groups) program=$2 name python
    shift 2
    mkdir -p "$work/as-user"
    chmod 777 "$work/as-user"
    for name in "$fuzz"/*.py "$work/atomic-launcher" "$work/launcher-asan" "$work/true" "$work/inject" "$work/inside"; do
        [ ! -e "$name" ] || install -m 755 "$name" "$work/as-user/"
    done
    for python in "$(command -v python3)" /usr/bin/python3; do
        if "${as[@]}" "$python" -c '' 2>/dev/null; then
            "${as[@]}" "$python" "$work/as-user/$program" "$@"
            return
        fi
    done
    echo "user ${as[2]} has no Python: the ordinary user's part did not run"
}

# live USER SECONDS SEED ARGUMENTS…: the live fuzzer, as ourselves when USER is empty; an @ stands for the directory of the programs.
live() {
    local user=$1 arguments=(--seconds "$2" --seed "$3" --program @/true "${@:4}")
    if [ -n "$user" ]; then
        as_user "$user" live.py "${arguments[@]//@/$work/as-user}"
    else
        python3 "$fuzz/live.py" "${arguments[@]//@/$work}"
    fi
}
