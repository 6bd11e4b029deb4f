#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The jail on cgroup v2 and on Debian's own kernel, in a virtual machine: QEMU emulates one where there is no hardware for it. The
# guest's root is this machine's, read-only; what it runs are the programs under test.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/launcher.sh
. "$(dirname "$0")/support/launcher.sh"
bin=$(readlink -f "${ATOMIC_BIN:?the directory of the built programs}")

[ "$(id -u)" -eq 0 ] || skip "the guest needs the whole of this machine's files, so root starts it"
qemu=$(command -v qemu-system-x86_64) || skip "qemu-system-x86_64 is missing"
tree=$(find "$root/.build/microvm-kernel" -mindepth 2 -maxdepth 2 -name tree -print -quit 2>/dev/null || true)
[ -n "$tree" ] || skip "no kernel was unpacked: scripts/make-microvm says why"
release=$(ls "$tree/lib/modules")
case "$bin" in /tmp/* | /run/*) skip "$bin is not seen by the guest, whose /tmp and /run are its own" ;; esac

compile init cc -std=gnu11 -O1 -static -Wall -Wextra -Werror "$root/Tests/Guest/init.c"
build_launcher
build_programs
# What is compiled here lies where the guest sees it, which has its own /tmp.
share=$(mktemp -d "$root/.build/guest.XXXXXX")
trap 'rm -rf "$work" "$share"' EXIT
cp "$work/atomic-launcher" "$work/true" "$fuzz"/*.py "$share/"
# Without the parts of a microvm beside them: a guest in this guest would take the doctor minutes to start.
mkdir "$share/bin"
cp -R "$bin/atomic" "$bin/atomic-room" "$bin/atomic-launcher" "$bin/filters" "$share/bin/"
chmod 755 "$share" "$share/bin"
{
    printf "export ATOMIC_BIN='%s/bin' ATOMIC_ROOT='%s' SHARE='%s'\n" "$share" "$root" "$share"
    cat "$root/Tests/Guest/cgroup2.sh"
} >"$work/command"
PYTHONPATH=$root/scripts PYTHONDONTWRITEBYTECODE=1 python3 - "$work" "$tree/lib/modules/$release/kernel" <<'PYTHON'
import sys
from newc import Archive
work, kernel = sys.argv[1:]
archive = Archive()
archive.add("root", 0o040755)
archive.add("init", 0o100755, open(f"{work}/init", "rb").read())
archive.add("command", 0o100644, open(f"{work}/command", "rb").read())
order = archive.add_modules(kernel, [
    "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci_legacy_dev", "drivers/virtio/virtio_pci", "fs/netfs/netfs", "fs/fscache/fscache", "net/9p/9pnet",
    "net/9p/9pnet_virtio", "fs/9p/9p"])
archive.add("modules/order", 0o100644, "".join(name + "\n" for name in order).encode())
open(f"{work}/initrd", "wb").write(archive.finish())
PYTHON

accelerator=tcg,thread=multi
if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then accelerator=kvm; fi
timeout 900 "$qemu" -machine pc -accel "$accelerator" -cpu max -smp 2 -m 3G -nodefaults -no-user-config -display none -nic none \
    -serial "file:$work/console" -no-reboot -kernel "$tree/boot/vmlinuz-$release" -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1 cgroup_no_v1=all" \
    -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap 2>"$work/errors" ||
    fail "the guest did not end: $(cat "$work/errors"; tail -n 20 "$work/console")"
grep -q "^guest: ended with 0" "$work/console" || fail "in the guest: $(tail -n 40 "$work/console")"
grep -a "^cgroup2: " "$work/console"
