#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A policy's `isolation: microvm` puts the model into a virtual machine: the log's jail.started names a measurement that says
# so. Where the parts are missing the job ends with exit 5 and says what to install; nothing runs in a weaker tier.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

# measurements ROOM: of the jails that were started, one JSON a line.
measurements() {
    local digest
    events "$1" jail.started | jq -r .measurement | while read -r digest; do
        find "$1/blobs" -type f -name "*${digest#sha256:??}" -exec cat {} +
        echo
    done
}

shell_bundle careful 0.98
# A guest that is emulated needs its time to come up.
sed -i 's/wall: [0-9]*s/wall: 5m/; s/cpu: [0-9]*s/cpu: 5m/' "$work/models/careful/model.yaml"
make_keys
in_a_microvm() { sed -i 's/isolation: process/isolation: microvm/' "$1"; }
POLICY_EDIT=in_a_microvm make_room room "$work/models/careful"
message a.eml FREE
make_job_over a.eml

# Without the parts: programs that have no microvm directory beside them.
mkdir "$work/bare"
for program in atomic atomic-room atomicd atomic-launcher; do cp "$bin/$program" "$work/bare/"; done
mkdir "$work/bare/Policies" && cp -R "$root/Policies/seccomp" "$work/bare/Policies/"
if [ ! -e /usr/libexec/atomic/microvm ]; then
    status=0
    "$work/bare/atomic" run "$work/job.yaml" --room "$work/room" >"$work/output" 2>&1 || status=$?
    [ "$status" -eq 5 ] || fail "exit $status instead of 5 without the parts: $(cat "$work/output")"
    grep -q 'scripts/make-microvm' "$work/output" || fail "nobody says what to install: $(cat "$work/output")"
    [ "$(measurements "$work/room" | grep -c '"tier":"process"')" -eq 0 ] || fail "a process jail ran in its stead"
    status=0
    "$work/bare/atomic" jail --tier microvm -- true >"$work/output" 2>&1 || status=$?
    [ "$status" -eq 5 ] || fail "atomic jail: exit $status instead of 5 without the parts"
    "$work/bare/atomic" doctor --json | jq -e '.checks[] | select(.name == "microvm") | .ok == false and (.remedy | length) > 0' \
        >/dev/null || fail "the doctor does not say what is missing"
fi

# Asked once: it starts a guest.
"$atomic" doctor --json | jq '.checks[] | select(.name == "microvm")' >"$work/doctor"
jq -e .ok "$work/doctor" >/dev/null || skip "no guest can run here: $(jq -r '.found + "; " + .remedy' "$work/doctor")"

rm -rf "$work/out"
run_job 0
[ "$(verdict a.eml)" = true ] || fail "no answer"
measurements "$work/room" | jq -e -s 'length > 0 and all(.tier | startswith("microvm")) and all(.machine.kernel | startswith("sha256:"))' \
    >/dev/null || fail "a measurement does not say microvm: $(measurements "$work/room")"
verified "$work/room"

# Each emulated guest takes ten seconds and more.
if grep -q EMULATED "$work/doctor" && [ -z "${ATOMIC_EMULATED_MICROVM:-}" ]; then
    echo "the rest needs hardware virtualization, or ATOMIC_EMULATED_MICROVM=1 and minutes"
    exit 0
fi

# `atomic jail --tier microvm`: the exit code, the other kernel, a bind, and what is refused.
expect 7 "$atomic" jail --tier microvm -- sh -c 'exit 7'
echo content >"$work/file"
chmod 755 "$work" && chmod 644 "$work/file"
expect 0 "$atomic" jail --tier microvm --ro-bind "$work/file:/data/file" --report "$work/report.json" -- \
    sh -c 'uname -r; cat /data/file'
grep -q content "$work/output" || fail "the bind is not there: $(cat "$work/output")"
! grep -qxF "$(uname -r)" "$work/output" || fail "the guest has the host's kernel"
jq -e '.measurement.of.tier | startswith("microvm")' "$work/report.json" >/dev/null || fail "the report does not say microvm"
expect 2 "$atomic" jail --tier microvm --bind "$work:/work" -- true
