# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Runs as root in the guest of Tests/EndToEnd/cgroup2.sh, in the root cgroup of a cgroup v2 hierarchy.
say() { echo "cgroup2: $*"; }
fail() { say "FAILED: $*"; exit 1; }
atomic=$ATOMIC_BIN/atomic
groups=/sys/fs/cgroup
cd /tmp || exit 1

say "Linux $(uname -r)"
"$atomic" doctor --json >doctor.json || fail "the doctor: $(cat doctor.json)"
jq -e '.checks[] | select(.name == "limits") | .found == "cgroup2"' doctor.json >/dev/null || fail "limits: $(cat doctor.json)"

bash "$ATOMIC_ROOT/Tests/EndToEnd/jail.sh" || fail "jail.sh"
say "jail.sh holds"

# Each limit by its own name and with what the kernel counted.
"$atomic" jail --report memory.json --memory 64M -- dd if=/dev/zero of=/dev/null bs=256M count=1
jq -e '.limits == "cgroup2" and .cause == "memory-limit" and .teardown.cgroupEmpty and (.accounting.peakBytes | tonumber) > 60000000' \
    memory.json >/dev/null || fail "memory: $(cat memory.json)"
"$atomic" jail --report cpu.json --cpu-seconds 1 -- sh -c '(while :; do :; done) & while :; do :; done'
jq -e '.cause == "cpu-limit" and (.accounting.cpuNs | tonumber) >= 1000000000' cpu.json >/dev/null || fail "cpu: $(cat cpu.json)"
"$atomic" jail --report pids.json --pids 8 --wall 60 -- sh -c '(while :; do sleep 20 & done); while :; do :; done'
jq -e '.cause == "pids-limit"' pids.json >/dev/null || fail "pids: $(cat pids.json)"
# A quota of a tenth. Control: without it the same second of wall time holds more CPU.
for quota in 10 100; do
    "$atomic" jail --report "quota-$quota.json" --cpu "$quota" --wall 3 -- sh -c 'while :; do :; done'
done
jq -e -s '(.[0].accounting.cpuNs | tonumber) * 3 < (.[1].accounting.cpuNs | tonumber)' quota-10.json quota-100.json >/dev/null ||
    fail "quota: $(cat quota-10.json quota-100.json)"
say "memory, cpu, pids and quota hold"

# Started where processes already are, as in a delegated scope: launcher and supervisor step aside. The next one takes away what
# that left.
mkdir "$groups/leaf"
for _ in 1 2; do
    bash -c "echo \$\$ >$groups/leaf/cgroup.procs; exec '$atomic' jail --report /tmp/leaf.json -- true"
    jq -e '.limits == "cgroup2" and .cause == "exited"' leaf.json >/dev/null || fail "leaf: $(cat leaf.json)"
done
[ "$(find "$groups/leaf" -mindepth 1 -type d | wc -l)" -le 1 ] || fail "left in the leaf: $(find "$groups/leaf" -type d)"
say "a scope with processes in it can be used"

python3 "$SHARE/found.py" "$SHARE/atomic-launcher" || fail "what the fuzzer once found is back"
python3 "$SHARE/live.py" --launcher "$SHARE/atomic-launcher" --program "$SHARE/true" --seconds 30 >live.log 2>&1 || fail "the launcher broke: $(tail -n 30 live.log)"
say "$(tail -n 1 live.log)"
for _ in $(seq 1 50); do
    [ -n "$(find "$groups" -mindepth 1 -maxdepth 1 -name 'atomic-*')" ] || break
    sleep 0.2
done
[ -z "$(find "$groups" -mindepth 1 -maxdepth 1 -name 'atomic-*')" ] || fail "cgroups are left: $(find "$groups" -maxdepth 1 -name 'atomic-*')"
say "nothing is left"
