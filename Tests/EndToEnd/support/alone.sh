# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced first by tests that look for what is left behind: runs the test again alone, with process numbers, mounts, /tmp,
# /var/tmp, /dev/shm and /run of its own. Nothing of the machine is searched, nothing is left on it, and when the test
# ends or is killed its processes die with it.

if [ -z "${ATOMIC_ALONE:-}" ]; then
    unshare --mount --pid --fork --mount-proc true 2>/dev/null ||
        { echo "needs root and namespaces: it looks for processes and files that are left behind"; exit 77; }
    export ATOMIC_ALONE=1
    exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

# What the test needs stays in sight when the temporary directories become empty ones.
alone_keep() {
    local path
    for path in "$@"; do
        case $path in
            /tmp/*) mkdir -p "/mnt/${path#/tmp/}" && mount --bind "$path" "/mnt/${path#/tmp/}" ;;
        esac
    done
}
mount -t tmpfs -o mode=1777 tmpfs /mnt
alone_keep "$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
[ -z "${ATOMIC_BIN:-}" ] || alone_keep "$ATOMIC_BIN"
mount --move /mnt /tmp
for directory in /var/tmp /dev/shm /run; do
    mount -t tmpfs -o mode=1777 tmpfs "$directory"
done
mounts_at_start=$(wc -l </proc/self/mountinfo)

# nobody_left WHEN: within ten seconds no process is left but this shell, and no mount but those of the start.
nobody_left() {
    local deadline=$((SECONDS + 10)) left pid name key value state
    while :; do
        left=
        for pid in /proc/[0-9]*; do
            pid=${pid#/proc/}
            [ "$pid" -ne "$$" ] || continue
            name='' state=''
            while read -r key value; do
                case $key in
                    Name:) name=$value ;;
                    State:) state=$value ;;
                esac
            done 2>/dev/null <"/proc/$pid/status"
            case $state in '' | Z*) ;; *) left+=" $name($pid)" ;; esac
        done
        [ -n "$left" ] || break
        [ "$SECONDS" -lt "$deadline" ] || fail "$1: processes left behind:$left"
    done
    [ "$(wc -l </proc/self/mountinfo)" -eq "$mounts_at_start" ] || fail "$1: mounts left behind: $(cat /proc/self/mountinfo)"
}
