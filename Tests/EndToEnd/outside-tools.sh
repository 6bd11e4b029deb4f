#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Tools that others wrote to look at, enter or leave a sandbox, run inside `atomic jail`: none of them finds anything. Each has its
# control: the same command does work outside. A tool that is not installed is named and left out; three must be there.
set -euo pipefail
bin=${ATOMIC_BIN:?the directory of the built programs}
[ "$(id -u)" = 0 ] || { echo "needs root: outside, most of these tools do"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
PATH=$PATH:/usr/sbin:/sbin
tried=0 left_out=''
inside=("$bin/atomic" jail --wall 20 --env PATH=/usr/sbin:/usr/bin:/sbin:/bin -- env)

fail() { echo "$*" >&2; exit 1; }

installed() {
    local path
    path=$(command -v "$1") || { left_out+=" $1"; return 1; }
    # Only what is in the image: a tool of a home directory is not.
    case $(readlink -f "$path") in /usr/*) return 0 ;; *) left_out+=" $1"; return 1 ;; esac
}

# refused TOOL COMMAND…: works outside (in namespaces of its own, so that the machine is not changed), and not inside.
refused() {
    local tool=$1
    shift
    installed "$tool" || return 0
    unshare --mount --uts --ipc --net "$@" >outside 2>&1 </dev/null || fail "control: $* does not work outside: $(tail -n 2 outside)"
    if "${inside[@]}" "$@" >inside 2>&1 </dev/null; then fail "inside, $* worked: $(cat inside)"; fi
    # Refused by the jail, not because there was nothing to run.
    if grep -qE '^env: ' inside; then fail "$* was not found inside: $(cat inside)"; fi
    tried=$((tried + 1))
    echo "refused: $*: $(tail -n 1 inside)"
}

# finds_nothing PATTERN TOOL COMMAND…: outside its output has the pattern, inside it has not.
finds_nothing() {
    local pattern=$1 tool=$2
    shift 2
    installed "$tool" || return 0
    "$@" >outside 2>&1 </dev/null || true
    grep -qE -- "$pattern" outside || fail "control: $* shows no '$pattern' outside: $(head -n 5 outside)"
    "${inside[@]}" "$@" >inside 2>&1 </dev/null || true
    if grep -qE -- "$pattern" inside; then fail "inside, $* shows '$pattern': $(cat inside)"; fi
    tried=$((tried + 1))
    echo "nothing: $*: $(head -n 1 inside)"
}

# Leaving: namespaces, mounts, other roots.
refused unshare unshare --user --map-root-user true
refused unshare unshare --mount true
refused unshare unshare --pid --fork true
# shellcheck disable=SC2016 # for the shell inside
refused nsenter sh -c 'nsenter --target $$ --uts true'
refused mount mount -t tmpfs none /tmp
refused mount mount -o remount,rw,bind /
refused umount sh -c 'umount /tmp || umount -l /proc'
refused chroot chroot / true
refused bwrap bwrap --ro-bind / / --proc /proc true
refused pivot_root sh -c 'mkdir -p /tmp/new && mount -t tmpfs none /tmp/new && mkdir /tmp/new/old && pivot_root /tmp/new /tmp/new/old'

# Looking at others.
refused strace strace -f -o /dev/null true
# shellcheck disable=SC2016 # for the shell inside
refused gdb sh -c 'sleep 5 & gdb -batch -nx -p $! -ex "info registers" 2>&1 | grep -q rip'
finds_nothing 'systemd|init|bash' ps ps -e -o comm
# shellcheck disable=SC2016 # for the shell inside
finds_nothing '^ *net' lsns sh -c 'lsns -n -o TYPE -p $$'
finds_nothing 'cap_sys_admin|cap_net_admin' capsh capsh --print
# shellcheck disable=SC2016 # for the shell inside
finds_nothing 'cap_' getpcaps sh -c 'getpcaps $$'

# The network.
refused curl sh -c 'curl --max-time 2 --silent file:///etc/passwd'
if installed curl; then
    python3 -m http.server 0 --bind 127.0.0.1 >server 2>&1 &
    server=$!
    trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
    port=
    for _ in $(seq 200); do
        port=$(sed -nE 's/.*port ([0-9]+).*/\1/p' server)
        [ -n "$port" ] && break
        read -rt 0.05 <> <(:) || true
    done
    curl --max-time 5 --silent "http://127.0.0.1:$port/" >/dev/null || fail "control: curl reaches no server outside"
    if "$bin/atomic" jail -- curl --max-time 5 --silent "http://127.0.0.1:$port/" >inside 2>&1; then
        fail "inside, curl reached the host: $(cat inside)"
    fi
    tried=$((tried + 1))
    kill "$server"
fi
finds_nothing '^[0-9]+: (eth|ens|lo)' ip ip -o link

# The kernel.
refused dmesg dmesg
refused sysctl sysctl -w kernel.hostname=elsewhere
finds_nothing 'kernel\.' sysctl sysctl -a
refused keyctl keyctl show
refused bpftool bpftool prog list
refused perf perf stat true

# The same by hand, with Debian's Python: what a program can call without any tool.
probe() {
    local name=$1 code=$2
    [ -x /usr/bin/python3 ] || { left_out+=" python3"; return 0; }
    code="import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*a):
    r = libc.syscall(*a)
    sys.exit(0 if r >= 0 else 1)
$code"
    unshare --mount /usr/bin/python3 -I -c "$code" >outside 2>&1 || fail "control: $name does not work outside: $(cat outside)"
    if "${inside[@]}" /usr/bin/python3 -I -c "$code" >inside 2>&1 </dev/null; then fail "inside, $name worked"; fi
    if grep -q ModuleNotFound inside; then fail "$name did not get as far as its call: $(cat inside)"; fi
    tried=$((tried + 1))
}
# The control of all of them: Python and its ctypes do run inside.
if [ -x /usr/bin/python3 ]; then
    "$bin/atomic" jail -- /usr/bin/python3 -I -c 'import ctypes; ctypes.CDLL(None).getpid()' || fail "Python does not run inside"
fi
if [ "$(uname -m)" = x86_64 ]; then
    probe unshare 'call(272, 0x10000000)'
    probe io_uring_setup 'call(425, 2, ctypes.create_string_buffer(120))'
    probe ptrace 'call(101, 0, 0, 0, 0)'
    probe keyctl 'call(250, 0, -3, 1)'
    probe vsock 'call(41, 40, 1, 0)'
    probe pidfd_getfd 'call(438, libc.syscall(434, os.getpid(), 0), 0, 0)'
fi
probe abstract-socket 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("\0atomic-test-outside-tools"); sys.exit(0)'
probe host-files 'open("/etc/passwd"); sys.exit(0)'
probe write-to-usr 'os.access("/usr/bin", os.W_OK) or sys.exit(1)'
probe other-processes 'sys.exit(0 if len([p for p in os.listdir("/proc") if p.isdigit()]) > 2 else 1)'
probe device 'open("/dev/kmsg"); sys.exit(0)'

[ "$tried" -ge 12 ] || fail "only $tried probes ran; not installed:$left_out"
echo "$tried probes found nothing; not installed:${left_out:- none}"
