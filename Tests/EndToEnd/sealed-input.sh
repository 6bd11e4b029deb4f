#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Inputs that arrive sealed and labelled, made by atomic seal or with stock tools only (age, openssl, jq). What a label does not
# say, or does not say of this file, in this room, now, by this owner, is refused by name, is an entry in the log, and nothing of
# the input is opened.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

for tool in age openssl jq; do command -v "$tool" >/dev/null || skip "needs $tool"; done

shell_bundle hasty 0.70
make_keys
make_room room "$work/models/hasty"
room=$work/room
recipient=$(sed -n 's/^recipient: //p' "$room/room.yaml")
origin=$(sed -n 's/^origin: "\(.*\)"/\1/p' "$room/room.yaml")
mkdir -p "$work/inbox" "$work/plain"

# stock NAME TEXT: a message sealed by Debian's age.
stock() {
    printf 'Subject: test\n\n%s\n' "$2" >"$work/plain/$1"
    age -r "$recipient" -o "$work/inbox/$1.age" "$work/plain/$1" || fail "age"
}

# label NAME [EDIT [KEY [KEYID-KEY]]]: a label made with openssl and jq, its predicate changed by a jq expression.
label() {
    local file=$work/inbox/$1.age key=$work/keys/${3:-owner}.key keyid payload
    payload=$work/payload
    keyid=$(openssl pkey -in "$work/keys/${4:-${3:-owner}}.key" -pubout -outform DER | sha256sum | cut -d' ' -f1)
    jq -ncSj --arg digest "$(sha256sum "$file" | cut -d' ' -f1)" --arg room "$origin" --arg salt "$(head -c 16 /dev/urandom | base64)" '
        {_type: "https://in-toto.io/Statement/v1", predicateType: "urn:atomic:label:v1",
         subject: [{name: "x", digest: {sha256: $digest}}],
         predicate: {class: "pii", purposes: ["customer-support"], owner: "dpo", serial: 1, room: $room,
            notBefore: "2020-01-01T00:00:00.000000000Z", expires: "2090-01-01T00:00:00.000000000Z", retention: "30d", salt: $salt}}
        | .predicate |= ('"${2:-.}"')' >"$payload"
    { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(stat -c %s "$payload")"; cat "$payload"; } >"$work/pae"
    openssl pkeyutl -sign -inkey "$key" -rawin -in "$work/pae" -out "$work/signature" || fail "openssl"
    jq -ncSj --arg payload "$(base64 -w0 "$payload")" --arg keyid "$keyid" --arg sig "$(base64 -w0 "$work/signature")" \
        '{payload: $payload, payloadType: "application/vnd.in-toto+json", signatures: [{keyid: $keyid, sig: $sig}]}' >"$file.label"
}

# job NAME...: $work/job.yaml over these sealed messages.
job() {
    make_job "$work/job.yaml"
    sed -i "s|^input: .*|input: {sealed: [$(printf '"inbox/%s.age",' "$@" | sed 's/,$//')]}|" "$work/job.yaml"
}

# refused EXIT CODE NAME...: the job over these is refused by this code, with an entry, and no key is released.
refused() {
    local wanted=$1 code=$2 got=0 denials keys
    shift 2
    job "$@"
    denials=$(entries "$room" job.denied) keys=$(entries "$room" key.released)
    rm -rf "$work/out"
    "$atomic" run "$work/job.yaml" --room "$room" --json >"$work/answer" 2>"$work/progress" || got=$?
    [ "$got" -eq "$wanted" ] || fail "$*: exit $got instead of $wanted: $(cat "$work/answer" "$work/progress")"
    [ "$(jq -r .error.code "$work/answer")" = "$code" ] || fail "$*: not $code: $(cat "$work/answer")"
    [ "$(entries "$room" key.released)" -eq "$keys" ] || fail "$*: a key was released"
    [ "$(entries "$room" job.denied)" -eq "$((denials + 1))" ] || fail "$*: the refusal is no entry"
    [ ! -e "$work/out" ] || fail "$*: something was released"
}
reason() { events "$room" job.denied | tail -n 1 | jq -r .code; }

# Good ones, by both tools, in one job; the names of the answers are those of the messages.
printf 'Subject: test\n\nFREE\n' >"$work/plain/ours.eml"
expect 0 "$atomic" seal --room "$room" --class pii --purpose customer-support --owner "$work/keys/owner.key" --owner-id dpo \
    "$work/plain/ours.eml" -o "$work/inbox/ours.eml.age"
stock theirs.eml "how are you"
label theirs.eml
job ours.eml theirs.eml
run_job 0
[ "$(verdict ours.eml)" = true ] || fail "no answer to what atomic sealed"
[ "$(verdict theirs.eml)" = false ] || fail "no answer to what age sealed"
# A label may name the room by its recipient, as one does who knows nothing else of it, and the owner by the key.
stock known.eml FREE
label known.eml ".room = \"$recipient\" | .owner = \"$(openssl pkey -in "$work/keys/owner.key" -pubout -outform DER | sha256sum | cut -d' ' -f1)\""
job known.eml
run_job 0
[ "$(verdict known.eml)" = true ] || fail "no answer where the label names the recipient"

# The same message twice is two inputs; running the job again finds the same ciphertexts.
message twice.eml FREE
cp "$work/inbox/twice.eml" "$work/inbox/thrice.eml"
make_job_over twice.eml thrice.eml
run_job 0
for name in twice thrice; do [ "$(verdict "$name.eml")" = true ] || fail "not both of two equal messages were answered"; done
inputs=$(find "$room/inputs" -name '*.age' | wc -l)
run_job 0
[ "$(find "$room/inputs" -name '*.age' | wc -l)" -eq "$inputs" ] || fail "the same messages were sealed again"

# Without a label the class is the top of the lattice, whatever the job says, also beside labelled ones.
stock bare.eml FREE
refused 3 denied bare.eml
[ "$(reason)" = class ] || fail "unlabelled: $(reason)"
refused 3 denied ours.eml bare.eml
sed -i 's/^class: .*/class: phi/' "$work/job.yaml"
got=0
"$atomic" run "$work/job.yaml" --room "$room" >"$work/output" 2>&1 || got=$?
[ "$got" -eq 3 ] || fail "an unlabelled input is taken as phi: exit $got"

# What a label can say that is not good enough, each by its name.
stock a.eml FREE
label a.eml '.room = "atomic-room/another/00000000"'; refused 3 label-room a.eml
label a.eml '.expires = "2021-01-01T00:00:00.000000000Z"'; refused 3 label-expired a.eml
grep -q 'a.eml' "$work/answer" || fail "the message does not name the file: $(cat "$work/answer")"
label a.eml '.notBefore = "2080-01-01T00:00:00.000000000Z"'; refused 3 label-not-yet-valid a.eml
label a.eml '.owner = "nobody"'; refused 3 label-owner a.eml
label a.eml . security; refused 3 label-owner a.eml
label a.eml '.owner = "ciso"' security; refused 3 label-owner a.eml
label a.eml . security owner; refused 4 signature a.eml
label a.eml '.purposes = ["research"]'; refused 3 denied a.eml
[ "$(reason)" = purpose ] || fail "another purpose: $(reason)"
for class in public phi secret; do
    label a.eml ".class = \"$class\""; refused 3 denied a.eml
    [ "$(reason)" = class ] || fail "class $class: $(reason)"
done
label a.eml '.more = 1'; refused 4 statement a.eml
label a.eml '.serial = -1'; refused 4 statement a.eml
# A label of another file, of a file that was changed, and one that was itself changed.
cp "$work/inbox/theirs.eml.age.label" "$work/inbox/a.eml.age.label"; refused 3 label-subject a.eml
label a.eml
printf 'x' >>"$work/inbox/a.eml.age"; refused 3 label-subject a.eml
stock a.eml FREE
label a.eml
jq -cSj '.payload |= (@base64d | sub("pii"; "public") | @base64)' "$work/inbox/a.eml.age.label" >"$work/changed"
mv "$work/changed" "$work/inbox/a.eml.age.label"; refused 4 signature a.eml
label a.eml
printf ' ' >>"$work/inbox/a.eml.age.label"; refused 4 envelope a.eml
printf 'nonsense' >"$work/inbox/a.eml.age.label"; refused 4 envelope a.eml

# Serials: a newer one replaces, an older one that is put back is refused: after a job that ran, and after one that was denied.
stock a.eml FREE
label a.eml '.serial = 5'; job a.eml; run_job 0
cp "$work/inbox/a.eml.age.label" "$work/five"
label a.eml '.serial = 4'; refused 3 label-replayed a.eml
label a.eml '.serial = 6 | .class = "phi"'; refused 3 denied a.eml
cp "$work/five" "$work/inbox/a.eml.age.label"; refused 3 label-replayed a.eml
label a.eml '.serial = 7'; job a.eml; run_job 0
rm -f "$room"/state.db*
label a.eml '.serial = 6'; refused 3 label-replayed a.eml

# Well labelled, but not for this room's key, or damaged before it was labelled: that message stays without an answer (1), the
# other one in the job gets its own.
printf 'FREE\n' | age -r "$(cat "$work/keys/requester.pub")" -o "$work/inbox/foreign.eml.age"
label foreign.eml
stock damaged.eml "FREE and some more"
printf '\0' | dd of="$work/inbox/damaged.eml.age" bs=1 seek=$(($(stat -c %s "$work/inbox/damaged.eml.age") - 20)) conv=notrunc status=none
printf 'not an age file at all\n' >"$work/inbox/plain.eml.age"
label plain.eml
label damaged.eml
job foreign.eml ours.eml damaged.eml plain.eml
run_job 1
[ "$(verdict ours.eml)" = true ] || fail "the sound message got no answer"
for name in foreign damaged plain; do [ ! -e "$work/out/$name.eml.json.age" ] || fail "an answer to $name"; done
events "$room" output.withheld | jq -e -s 'map(.code) == ["input", "input", "input"]' >/dev/null || fail "$(events "$room" output.withheld)"
verified "$room"
