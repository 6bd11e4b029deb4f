#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The gate finds what it is there to find: one breach of every rule in a copy of the sources, and one line about each.
# Without this, a gate whose pattern never matches would pass for ever.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
done | tar -c --null -T - | tar -x -C "$copy"
cd "$copy"
git init -q .

header='// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
'
printf '%s\nimport CleanRoom\n\nfunc upward() {}\n' "$header" >Sources/AtomicBase/Upward.swift
printf '%s\nimport Foundation\n\nfunc foreign() {}\n' "$header" >Sources/Sealing/Foreign.swift
printf '%s\nimport Glibc\n\nfunc impure() {}\n' "$header" >Sources/Auction/Impure.swift
printf '%s\nfunc clock() { _ = SystemClock.real }\n' "$header" >Sources/SovereignPolicy/Clock.swift
printf '%s\nfunc bare(_ p: UnsafePointer<Int>) -> Int {\n    unsafe p.pointee\n}\n' "$header" >Sources/Sealing/Bare.swift
printf '%s\nfunc stops() { fatalError("no") }\n' "$header" >Sources/Sealing/Stops.swift
printf '%s\nfunc  badly( ){}\n' "$header" >Sources/Sealing/Badly.swift
printf '%s\nstruct KeyManager {}\n' "$header" >Sources/Sealing/KeyManager.swift
printf 'struct Unlicensed {}\n' >Sources/Sealing/Unlicensed.swift
printf '%s\nimport Sealing\n\nfunc nap() { sleep(1) }\n' "$header" >Tests/SealingTests/Nap.swift
# shellcheck disable=SC2016 # the careless line must not expand here
printf '#!/usr/bin/env bash\n# SPDX-License-Identifier: MIT\n# Copyright (c) 2026 The Atomic authors\nrm -rf $1/*\n' >scripts/careless
printf '%s\nint unused(void) { int x; return 0; }\n' "$header" >Sources/careless.c
printf '# Notes\n\nAtomic is fully compliant. See [there](nowhere.md).\n' >docs/claims.md
mkdir Stuff && printf 'x\n' >Stuff/x
printf ' ' >>Tests/Vectors/canonical/strict.json
if [ -d Attestation/events ]; then printf '{}\n' >Attestation/events/never.documented.json; fi

if scripts/check --no-tests >"$copy/.git/out" 2>&1; then
    echo "the gate passed although every rule is broken"
    exit 1
fi
missed=0
demand() {
    if ! grep -qE "$1" "$copy/.git/out"; then
        echo "the gate does not see: $1"
        missed=1
    fi
}
demand 'AtomicBase/Upward.swift: .* comes later'
demand 'Sealing/Foreign.swift: .* may not import Foundation'
demand 'Auction/Impure.swift: .* may not import Glibc'
demand 'SovereignPolicy/Clock.swift:.* no I/O'
demand 'atomic-verify would link'
demand 'Sealing/Bare.swift:.* unsafe without a reason'
demand 'Sealing/Stops.swift:.* can stop the process'
demand 'Sealing/Badly.swift:.*swift format'
demand 'KeyManager.swift: a name that says nothing'
demand 'Unlicensed.swift: no licence header'
demand 'Nap.swift:.* sleeps'
demand 'scripts/careless:.*SC2'
demand 'careless.c:.*warning'
demand 'docs/claims.md:.* compliant'
demand 'docs/claims.md: links to nowhere.md'
demand 'Stuff: not a name for the top level'
demand 'Tests/Vectors: the generator makes other bytes'
[ ! -d Attestation/events ] || demand 'event never.documented has a schema'
[ "$missed" -eq 0 ] || sed -n 1,60p "$copy/.git/out"
exit "$missed"
