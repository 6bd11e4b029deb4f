#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# `atomic jail` for a shell user: exit codes, causes, binds, streams, the report, and the same for an ordinary user.
set -euo pipefail
bin=${ATOMIC_BIN:?the directory of the built programs}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

fail() { echo "$*" >&2; exit 1; }

# ends CODE TEXT ARGUMENTS…: the exit code, and a text on standard error.
ends() {
    local code=$1 text=$2 status=0
    shift 2
    "${as[@]}" "$bin/atomic" jail "$@" >out 2>err </dev/null || status=$?
    [ "$status" = "$code" ] || fail "jail $*: exit $status instead of $code: $(cat err)"
    [ -z "$text" ] || grep -qF -- "$text" err || fail "jail $*: no '$text' on stderr: $(cat err)"
}

cause() { [ "$(jq -r .cause "$work/$1.json")" = "$2" ] || fail "$1: cause $(jq -r .cause "$work/$1.json") instead of $2"; }

exercise() {
    ends 0 "" -- true
    ends 7 "" -- sh -c 'exit 7'
    ends 5 "exec /nowhere: No such file or directory (errno 2)" -- /nowhere
    ends 5 "mount-source" --ro-bind /proc:/x -- true
    ends 5 "name a source that exists" --ro-bind /no/such -- true
    ends 2 "" --
    ends 2 "" --memory 0 -- true
    ends 2 "" --profile no-such-profile -- true
    ends 134 "signal 6" -- sh -c 'kill -ABRT $$'
    ends 159 "syscall" -- unshare -U true
    ends 137 "wall-limit" --wall 0.2 -- sleep 20
    ends 137 "memory-limit" --memory 64M -- dd if=/dev/zero of=/dev/null bs=256M count=1
    ends 137 "pids-limit" --pids 8 --wall 20 -- sh -c '(while :; do sleep 20 & done); while :; do :; done'
    ends 137 "output-limit" --output-limit 1000 -- yes
    [ "$(wc -c <out)" = 1000 ] || fail "output was not cut at the limit"
    ends 153 "file-limit" --file-limit 4K -- dd if=/dev/zero of=/tmp/x bs=64K count=1

    ends 0 "" -- sh -c 'env; ls /; id -u'
    [ "$(tr '\n' ' ' <out)" = "PWD=/ bin dev lib lib64 proc sbin tmp usr 1000 " ] || fail "inside: $(cat out)"
    # shellcheck disable=SC2016 # for the shell inside
    ends 0 "" --env A=1 --chdir /tmp -- sh -c 'echo $A; pwd'
    [ "$(tr '\n' ' ' <out)" = "1 /tmp " ] || fail "environment or directory: $(cat out)"

    echo secret >"$work/note"
    ends 0 "" --ro-bind "$work/note:/note" -- cat /note
    [ "$(cat out)" = secret ] || fail "a bound file was not seen"
    ends 1 "" --ro-bind "$work/note:/note" -- sh -c 'echo more 2>/dev/null >>/note || exit 1'
    # PID 1 of the jail is the launcher's file (CVE-2019-5736). Control: the same shell writes where it may.
    ends 0 "" -- sh -c 'echo x >>/tmp/x'
    local launcher
    launcher=$(sha256sum <"$bin/atomic-launcher")
    ends 1 "" -- sh -c 'echo x 2>/dev/null >>/proc/1/exe || exit 1'
    ends 1 "" -- sh -c 'cat /proc/1/exe || exit 1'
    [ "$launcher" = "$(sha256sum <"$bin/atomic-launcher")" ] || fail "a jail wrote the launcher"
    [ "$("${as[@]}" "$bin/atomic" jail -- tr a-z A-Z <<<"through")" = THROUGH ] || fail "standard input was not relayed"
}

as=()
exercise
for limit in exited memory-limit wall-limit; do
    case $limit in
        exited) arguments=(-- true) code=0 ;;
        memory-limit) arguments=(--memory 64M -- dd if=/dev/zero of=/dev/null bs=256M count=1) code=137 ;;
        wall-limit) arguments=(--wall 0.1 -- sleep 20) code=137 ;;
    esac
    ends "$code" "" --report "$work/$limit.json" "${arguments[@]}"
    cause "$limit" "$limit"
    jq -e '(.measurement.digest | test("^sha256:[0-9a-f]{64}$")) and (.accounting | has("cpuNs") and has("peakBytes"))
        and has("exit") and has("signal") and has("syscall") and has("limits")' "$limit.json" >/dev/null ||
        fail "the report lacks a field: $(cat "$limit.json")"
done
# Nothing ran: no report, no trace.
ends 5 "" --report "$work/none.json" --chdir /nowhere -- true
[ ! -e none.json ] || fail "a jail that was not built left a report"

# A writable bind is written by the jail's uid.
mkdir -m 777 open
ends 0 "" --bind "$work/open:/open" -- touch /open/made
[ -e open/made ] || fail "a writable bind was not written"

# No terminal inside, even when there is one outside.
if command -v script >/dev/null; then
    script -qec "'$bin/atomic' jail -- ls -l /proc/self/fd" /dev/null >terminal </dev/null
    if grep -qE 'pts|tty' terminal; then fail "a terminal is inside: $(cat terminal)"; fi
    grep -q pipe terminal || fail "the control shows nothing: $(cat terminal)"
fi

"$bin/atomic" doctor >/dev/null || fail "doctor finds that jails cannot be built, and yet they were"
[ "$("$bin/atomic" doctor --json | jq .ready)" = true ] || fail "doctor --json"

# The same as somebody who is not root, if we may become somebody.
if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    if "${as[@]}" test -x "$bin/atomic"; then exercise; else echo "nobody cannot reach $bin: the ordinary user's part did not run"; fi
fi
