#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# keygen, seal and open beyond stock age: labels that openssl can check, outputs that are whole or absent even on a pipe,
# keys that are never overwritten, and usage errors with exit code 2.
set -euo pipefail
command -v age >/dev/null || { echo "age is not installed"; exit 77; }
atomic=${ATOMIC_BIN:?the directory of the built programs}/atomic
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset ATOMIC_ROOM

expect() { # STATUS COMMAND...
    local wanted=$1 status=0
    shift
    "$@" >answer 2>complaint || status=$?
    [ "$status" -eq "$wanted" ] || { echo "$*: exit $status instead of $wanted"; cat answer complaint; return 1; }
}

# Keys: one file each, private, never overwritten; other types are named and refused.
recipient=$("$atomic" keygen -o id)
for type in ed25519 p384; do
    public=$("$atomic" keygen --type "$type" -o "$type.key")
    [ "$public" = "$type:$(openssl pkey -in "$type.key" -pubout -outform DER | base64 -w0)" ]
    [ "$(stat -c %a "$type.key")" = 600 ]
done
before=$(sha256sum id)
expect 1 "$atomic" keygen -o id
[ "$(sha256sum id)" = "$before" ]
for arguments in "--type pq" "--type p256" "--type rsa" "--in pkcs11:token=a" "--in tpm:0x81000001" "--in file:x"; do
    # shellcheck disable=SC2086 # two words
    expect 2 "$atomic" keygen $arguments -o absent
    [ ! -e absent ]
done
expect 2 "$atomic" keygen -o -

# A label is a DSSE envelope whose signature covers the encoding of the DSSE specification.
head -c 100000 /dev/urandom >plain
for type in ed25519 p384; do
    "$atomic" seal -r "$recipient" --class pii --purpose billing --purpose advice --owner "$type.key" --serial 4 plain -o f.age
    jq -e '.signatures | length == 1' f.age.label >/dev/null
    jq -r .payload f.age.label | base64 -d >payload
    { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(stat -c %s payload)"; cat payload; } >signed
    jq -r '.signatures[0].sig' f.age.label | base64 -d >signature
    openssl pkey -in "$type.key" -pubout -out public.pem
    if [ "$type" = ed25519 ]; then
        check=(openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in signed -sigfile signature)
    else
        check=(openssl dgst -sha384 -verify public.pem -signature signature signed)
    fi
    "${check[@]}" >/dev/null
    printf 'x' >>signed
    if "${check[@]}" >/dev/null 2>&1; then echo "openssl accepts anything"; exit 1; fi
    digest=$(sha256sum f.age | cut -d' ' -f1)
    jq -e --arg digest "$digest" --arg room "$recipient" '
        .subject[0].digest.sha256 == $digest and .predicate.class == "pii" and .predicate.serial == 4
        and .predicate.purposes == ["advice", "billing"] and .predicate.room == $room' payload >/dev/null
    "$atomic" open -i id f.age | cmp - plain
done

# A room's recipient, origin and owner come from its room.yaml.
mkdir -p room/keys
cp ed25519.key room/keys/owner.key
cat >room/room.yaml <<YAML
apiVersion: atomic/room/v1
name: "clinic"
origin: "clinic.example/log"
currency: EUR
recipient: $recipient
keys:
  log: "keys/log.key"
  statement: "keys/statement.key"
  recipient: "keys/recipient.key"
owner: "file:keys/owner.key"
YAML
"$atomic" seal --room room --class pii --purpose care --owner-id desk plain -o r.age
jq -r .payload r.age.label | base64 -d | jq -e '.predicate.room == "clinic.example/log" and .predicate.owner == "desk"' >/dev/null
"$atomic" open -i id r.age | cmp - plain
ATOMIC_ROOM=room "$atomic" seal plain -o e.age
[ ! -e e.age.label ]
"$atomic" open -i id e.age | cmp - plain

# Usage errors write nothing.
expect 2 "$atomic" seal plain -o absent
expect 2 "$atomic" seal -r age1broken plain -o absent
expect 2 "$atomic" seal -r "$recipient" --class pii --owner ed25519.key plain -o absent
expect 2 "$atomic" seal -r "$recipient" --purpose care --owner ed25519.key plain -o absent
expect 2 "$atomic" seal -r "$recipient" --class pii --purpose care plain -o absent
expect 2 "$atomic" seal -r "$recipient" --class pii --purpose care --owner ed25519.key --expires never plain -o absent
expect 2 "$atomic" seal -r "$recipient" --class pii --purpose care --owner ed25519.key plain -o -
expect 2 "$atomic" open f.age -o absent
[ ! -e absent ] && [ ! -e absent.label ]

# A pipe gets nothing of a file whose last byte is wrong, although its first chunk is good: age hands that one out.
{ head -c -1 f.age; printf '\x00'; } >damaged
cmp -s f.age damaged && { head -c -1 f.age; printf '\x01'; } >damaged
got=$({ "$atomic" open -i id damaged || true; } 2>/dev/null | wc -c)
[ "$got" -eq 0 ]
stock=$({ age -d -i id damaged || true; } 2>/dev/null | wc -c)
[ "$stock" -gt 0 ] || { echo "age hands out nothing either, so this test proves nothing"; exit 1; }
cp plain kept
expect 1 "$atomic" open -i id damaged -o kept
cmp plain kept

# Sealing is all or nothing, too: a full disk leaves no half file.
expect 1 "$atomic" seal -r "$recipient" plain -o /dev/full
# An empty payload makes an empty file; several identities are tried.
: >empty
"$atomic" seal -r "$recipient" empty -o empty.age
"$atomic" keygen -o second >/dev/null
"$atomic" open -i second -i id empty.age -o nothing
[ -e nothing ] && [ ! -s nothing ]
[ "$(stat -c %a nothing)" = 600 ]
leftovers=$(find . -name '*.part' -o -name '*.tmp')
[ -z "$leftovers" ] || { echo "left behind: $leftovers"; exit 1; }
