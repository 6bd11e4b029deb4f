#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A room that demands a witness's signature lets nothing leave without it: not when the witness is down, not when it has seen
# a longer or another history of the log. What was staged leaves once when it is back. Every refusal has its positive control.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
support=$root/Tests/EndToEnd/support

servers=()
# shellcheck disable=SC2317 # called by the trap
finish() { exec 2>/dev/null; [ ${#servers[@]} -eq 0 ] || kill -9 "${servers[@]}" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT

# serve NAME PORT [ARGUMENT...]: starts the witness in $work/NAME; sets $witness (its process) and $port.
serve() {
    local name=$1 listen=$2
    shift 2
    : >"$work/$name.log"
    "$atomic" witness serve --state "$work/$name" --key "$work/$name.pem" --listen "127.0.0.1:$listen" "$@" 2>"$work/$name.log" &
    witness=$!
    servers+=("$witness")
    # Waits for the event itself: the line that says where it is ready, or the end of the process.
    grep -m 1 -q "is ready at" < <(timeout 20 tail -f --pid="$witness" -n +1 "$work/$name.log" 2>/dev/null) ||
        { cat "$work/$name.log" >&2; fail "the witness $name did not start"; }
    port=$(sed -n 's|.*is ready at http://127.0.0.1:||p' "$work/$name.log")
}

# Nothing of a message may be in the output directory.
held() { [ ! -e "$work/out/$1.json.age" ] || fail "$1 left without a cosignature"; }
says() { grep -q -- "$1" "$2" || { cat "$2" >&2; fail "nobody says: $1"; }; }

shell_bundle careful 0.98
make_keys
make_room room "$work/models/careful"
room=$work/room
for name in a b c d e f g h i j k; do message "$name.eml" FREE; done
log=$("$atomic" audit checkpoint --room "$room" --json | jq -r .vkey)

w1=$("$atomic" witness init --state "$work/w1" --name witness.example/w1 --key "$work/w1.pem")
w2=$("$atomic" witness init --state "$work/w2" --name witness.example/w2 --key "$work/w2.pem")
[ "$(stat -c %a "$work/w1.pem")" = 600 ] || fail "the witness's key is not the owner's alone"
expect 2 "$atomic" audit witness --room "$room"
serve w1 0 --log "$log"
first=$witness first_port=$port

# --- What the witness itself refuses.
python3 "$support/witness_requests.py" "$port" >"$work/output" || fail "the requests could not be made"
[ ! -s "$work/output" ] || { cat "$work/output" >&2; fail "the witness answered wrongly"; }
expect 75 "$atomic" witness serve --state "$work/w1" --key "$work/w1.pem" --listen 127.0.0.1:0 --log "$log"
expect 1 "$atomic" witness serve --state "$work/w2" --key "$work/w2.pem" --listen "127.0.0.1:$port" --log "$log"
says "Address already in use" "$work/output"
expect 1 "$atomic" witness serve --state "$work/w2" --key "$work/nowhere.pem" --listen 127.0.0.1:0 --log "$log"
expect 4 "$atomic" witness serve --state "$work/w2" --key "$work/w1.pem" --listen 127.0.0.1:0 --log "$log"
expect 2 "$atomic" witness serve --state "$work/out" --key "$work/w1.pem" --listen 127.0.0.1:0 --log "$log"

# --- With the witness, an answer leaves; what it signed covers the release.
cp "$room/room.yaml" "$work/room.yaml"
demand() {
    { cat "$work/room.yaml"; echo "witnesses:"; printf '  - {%s}\n' "${@:2}"; echo "cosignatures: $1"; } >"$room/room.yaml"
}
demand 1 "vkey: \"$w1\", url: \"http://127.0.0.1:$port\""
make_job_over a.eml
run_job 0
[ "$(verdict a.eml)" = true ] || fail "the answer did not leave although the witness signed"
released=$("$atomic" audit tail -n 1000 --room "$room" --json | jq 'select(.type == "output.released") | .seq')
event=$(events "$room" checkpoint.cosigned)
[ "$(jq .size <<<"$event")" -gt "$released" ] || fail "what was cosigned does not cover the release: $event"
[ "$(jq -r '.witnesses[].name' <<<"$event")" = witness.example/w1 ] || fail "the entry does not name who signed"
verified "$room"
# The proof of the release carries the signature; openssl, not we, says that it is the witness's.
expect 0 "$atomic" audit prove "$released" --room "$room"
cp "$work/output" "$work/proof"
expect 0 "$atomic" audit prove --check "$work/proof" --vkey "$log" --witness "$w1"
expect 4 "$atomic" audit prove --check "$work/proof" --vkey "$log" --witness "$w2"
python3 - "$work/proof" "$w1" "$work" <<'PYTHON' || fail "the cosignature is not what C2SP tlog-cosignature says"
import base64, hashlib, subprocess, sys
proof, vkey, work = sys.argv[1:]
note = open(proof, encoding="utf-8").read().split("\n\n", 1)[1]
text, lines = note.split("\n\n")
text += "\n"
name, _, key = vkey.split("+", 2)
key = base64.b64decode(key)
line = next(each for each in lines.splitlines() if each.startswith(f"\u2014 {name} "))
raw = base64.b64decode(line.split(" ")[2])
assert raw[:4] == hashlib.sha256(name.encode() + b"\n" + key).digest()[:4] and key[0] == 4 and len(raw) == 76
stamp = int.from_bytes(raw[4:12], "big")
for path, content in (
    ("key.der", bytes.fromhex("302a300506032b6570032100") + key[1:]), ("signature", raw[12:]),
    ("message", f"cosignature/v1\ntime {stamp}\n{text}".encode()),
):
    with open(f"{work}/{path}", "wb") as file:
        file.write(content)
subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", f"{work}/key.der",
                "-in", f"{work}/message", "-sigfile", f"{work}/signature"], check=True, stdout=subprocess.DEVNULL)
PYTHON
cp -a "$room" "$work/older"

# --- Killed: what it answered it still knows, nothing leaves, and the error says who and why.
{ kill -9 "$first" && wait "$first"; } 2>/dev/null
[ "$("$atomic" witness show --state "$work/w1" --json | jq '.logs[0].size')" -eq "$(jq .size <<<"$event")" ] ||
    fail "the witness forgot what it had answered"
make_job_over b.eml c.eml
run_job 75
held b.eml; held c.eml
says "witness.example/w1 cannot be reached: Connection refused" "$work/progress"
before=$(entries "$room" output.released)
[ "$before" -gt 1 ] || fail "nothing was released into the outbox, so this proves nothing"
run_job 75
held b.eml; held c.eml

# --- Back: it leaves, once, and no model runs again for what was released.
serve w1 "$first_port" --log "$log"
second=$witness
run_job 0
[ "$(verdict b.eml) $(verdict c.eml)" = "true true" ] || fail "what was staged did not leave"
[ "$(entries "$room" output.released)" -eq 3 ] || fail "three answers are three releases"
[ -z "$(ls "$room/outbox")" ] || fail "something is staged still"

# --- Killed when the witness has signed and nothing is placed: it leaves with the next run, once.
make_job_over h.eml
next=$("$atomic" audit checkpoint --room "$room" --json | jq .size)
run_job 0
crash=$("$atomic" audit tail -n 1000 --room "$room" --json | jq "select(.seq >= $next and .type == \"checkpoint.cosigned\") | .seq")
make_job_over i.eml
again=$("$atomic" audit checkpoint --room "$room" --json | jq .size)
{ ATOMIC_CRASH_AT_ENTRY="$((crash - next + again)):after" run_job 137; } 2>/dev/null
held i.eml
[ "$(events "$room" checkpoint.cosigned | tail -n 1 | jq .size)" -eq "$((crash - next + again))" ] ||
    fail "it was not killed where the witness had just signed, so this proves nothing"
run_job 0
[ "$(verdict i.eml)" = true ] || fail "what the witness had signed for did not leave after the kill"
[ "$(entries "$room" output.released)" -eq 5 ] || fail "five answers are five releases"
verified "$room"

# --- One of two is enough for one, not for two; and a witness that does not know the log says so.
"$atomic" init "$work/elsewhere" >/dev/null 2>&1
serve w2 0 --log "$("$atomic" audit checkpoint --room "$work/elsewhere" --json | jq -r .vkey)"
both=("vkey: \"$w1\", url: \"http://127.0.0.1:$first_port\"" "vkey: \"$w2\", url: \"http://127.0.0.1:$port\"")
make_job_over d.eml
demand 2 "${both[@]}"
run_job 1
held d.eml
says "witness.example/w2 does not know this log" "$work/progress"
demand 1 "${both[@]}"
run_job 0
[ "$(verdict d.eml)" = true ] || fail "one of two witnesses was not enough for one"
expect 0 "$atomic" audit witness --room "$room" --json
[ "$(jq -r '.cosignatures[].witness, .refusals[].witness' "$work/output" | paste -sd ' ')" = "witness.example/w1 witness.example/w2" ] ||
    fail "the report by hand is wrong: $(cat "$work/output")"

# --- The policy's quorum demands two, whatever room.yaml says: a room that has one witness takes no job.
demand 0 "${both[0]}"
next_policy room 's/maxBytes: 4096/&, cosignatures: 2/'
make_job_over j.eml
run_job 3
says "2 cosignatures, and room.yaml names 1 witnesses" "$work/progress"
[ "$(events "$room" job.denied | tail -n 1 | jq -r .code)" = witness ] || fail "the denial does not say why"
demand 0 "${both[@]}"
run_job 1
held j.eml
says "witness.example/w2 does not know this log" "$work/progress"
kill "$witness"
wait "$witness" || fail "the second witness did not end with 0"
serve w2 0 --log "$log"
both[1]="vkey: \"$w2\", url: \"http://127.0.0.1:$port\""
demand 0 "${both[@]}"
run_job 0
[ "$(verdict j.eml)" = true ] || fail "the answer did not leave although both witnesses signed"
verified "$room"
says "answers left under as many cosignatures as their policy demands" "$work/output"
# Who trusts one of the two does not believe that two signed.
jq 'del(.rooms[0].witnesses[1])' "$work/trust.json" >"$work/trusts-one.json"
expect 4 "$bin/atomic-verify" "$work/bundle.atomic" --trust "$work/trusts-one.json"
says "demands 2 cosignatures" "$work/output"
next_policy room 's/, cosignatures: 2//'

# --- The policy says whose signature counts: not that of a witness which only room.yaml names.
w3=$("$atomic" witness init --state "$work/w3" --name witness.example/w3 --key "$work/w3.pem")
# shellcheck disable=SC2016 # sed means its own dollar
next_policy room 's/maxBytes: 4096/&, cosignatures: 1/;$a witnesses: ["'"$w3"'"]'
make_job_over k.eml
run_job 3
held k.eml
says "room.yaml names 0 of the witnesses that the policy lists" "$work/progress"
next_policy room 's|^witnesses: .*|witnesses: ["'"$w2"'"]|'
make_job_over k.eml
run_job 0
[ -e "$work/out/k.eml.json.age" ] || fail "the witness that the policy lists signed, and nothing left"
verified "$room"
says "answers left under as many cosignatures" "$work/output"
expect 2 "$atomic" policy lint <(sed 's|^witnesses: .*|witnesses: ["'"$w2"'", "'"$w2"'"]|' "$work/room.policy.yaml")
says "the key of witness.example/w2 again" "$work/output"
expect 2 "$atomic" policy lint <(sed 's|cosignatures: 1|cosignatures: 2|' "$work/room.policy.yaml")
says "the number of witnesses that the policy lists" "$work/output"
next_policy room 's/, cosignatures: 1//;/^witnesses: /d'

# --- Over TLS, with a root of one's own; without that root it is nobody.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls.key" -out "$work/tls.pem" -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null || fail "openssl made no certificate"
mkfifo "$work/tls.port"
python3 "$support/tls_front.py" "$work/tls.pem" "$work/tls.key" "$first_port" >"$work/tls.port" &
servers+=($!)
read -r tls <"$work/tls.port"
demand 1 "vkey: \"$w1\", url: \"https://localhost:$tls\""
expect 75 "$atomic" audit witness --room "$room"
says "TLS" "$work/output"
demand 1 "vkey: \"$w1\", url: \"https://localhost:$tls\", roots: \"$work/tls.pem\""
expect 0 "$atomic" audit witness --room "$room"
demand 1 "vkey: \"$w1\", url: \"http://127.0.0.1:$first_port\""

# --- Rolled back: the witness has seen more.
mv "$room" "$work/current"
cp -a "$work/older" "$room"
expect 4 "$atomic" audit witness --room "$room"
says "witness.example/w1 has signed a longer history of this log" "$work/output"
make_job_over e.eml
run_job 4
held e.eml
says "witness.example/w1 has signed a" "$work/progress"
says "history of this log" "$work/progress"
rm -rf "$room"
cp -a "$work/current" "$room"
expect 0 "$atomic" audit witness --room "$room"

# --- A split view: two copies go on, each its own way, and the second to ask is refused.
cp -a "$room" "$work/twin"
make_job_over f.eml
expect 0 "$atomic" run "$work/job.yaml" --room "$work/twin"
for _ in $(seq 300); do echo '{"type":"x.filler","data":{}}'; done | "$atomic" audit append --room "$room" >/dev/null || fail "nothing was appended"
expect 4 "$atomic" audit witness --room "$room"
says "witness.example/w1 has signed another history of this log" "$work/output"
make_job_over g.eml
run_job 4
held g.eml
says "another history of this log" "$work/progress"
expect 0 "$atomic" audit witness --room "$work/twin"

# --- A memory that was damaged is not begun anew.
kill "$second"
wait "$second" || fail "the witness did not end with 0 when it was told to stop"
file=$(find "$work/w1/logs" -type f)
cp "$file" "$work/kept"
head -c 100 "$work/kept" >"$file"
expect 4 "$atomic" witness serve --state "$work/w1" --key "$work/w1.pem" --listen 127.0.0.1:0 --log "$log"
says "$file" "$work/output"
cp "$work/kept" "$file"
serve w1 0 --log "$log"
echo "witnesses hold"
