#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A daemon has the room: every verb does through it what it does alone, with the same output and exit code; clients that go away,
# are too many, too slow, malformed or somebody else's do no harm; it ends in order when it is told to and resumes after a kill.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

command -v python3 >/dev/null || skip "needs python3, which speaks to the socket"

shell_bundle careful 0.98
shell_bundle second 0.50
make_keys
make_room room "$work/models/careful"
room=$work/room
socket=$room/run/atomicd.sock
background=()
# shellcheck disable=SC2317,SC2329 # called by the trap
stop_all() {
    for pid in "${background[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap stop_all EXIT
# until_true WHAT COMMAND...: within half a minute.
until_true() {
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || { cat "$work/daemon" >&2; fail "$what"; }
        read -r -t 0.05 <> <(:)
    done
}
is_ready() { grep -q "atomicd: ready" "$work/daemon"; }
start_daemon() {
    : >"$work/daemon"
    "${limited[@]}" "$bin/atomicd" --room "$room" "$@" 2>"$work/daemon" &
    daemon=$!
    background+=("$daemon")
    until_true "the daemon did not start" is_ready
}
# With no more than the capabilities that the unit leaves it, where that can be tried.
limited=()
bounding=$(sed -n 's/^CapabilityBoundingSet=//p' "$root/scripts/atomicd.service" | sed 's/CAP_/+/g; s/ /,/g' | tr '[:upper:]' '[:lower:]')
[ -n "$bounding" ] || fail "the unit bounds no capabilities"
if setpriv --bounding-set "-all,$bounding" true 2>/dev/null; then limited=(setpriv --bounding-set "-all,$bounding"); fi
if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/libexec/atomic/atomicd|$bin/atomicd|" "$root/scripts/atomicd.service" >"$work/atomicd.service"
    expect 0 systemd-analyze verify "$work/atomicd.service"
    [ ! -s "$work/output" ] || fail "systemd says of the unit: $(cat "$work/output")"
fi

# speak: sends stdin to the socket as it is, prints what comes back.
speak() {
    python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect(sys.argv[1])
try:
    s.sendall(sys.stdin.buffer.read())
    s.shutdown(socket.SHUT_WR)
except OSError:
    pass
while True:
    try:
        got = s.recv(65536)
    except ConnectionResetError:    # it closed with bytes of ours unread: after what it had to say
        break
    if not got: break
    sys.stdout.buffer.write(got)
' "$socket"
}
status() { echo '{"v":1,"verb":"status"}' | speak | jq -r ".result.$1"; }

# Alone first: what the verbs say without a daemon.
message a.eml FREE
message b.eml "See you tomorrow."
make_job_over a.eml b.eml
cp -a "$room" "$work/alone"
cd "$work" || exit 1
sed -i 's|output: {dir: [^,]*,|output: {dir: out,|' "$work/job.yaml"
run() { "$atomic" run job.yaml --room "$1" --json 2>"$work/progress" | jq -S 'del(.. | .job?, .digest?, .wallNs?, .latencyNs?, .cost?, .summary?, .price?)'; }
run alone >"$work/run.alone"
# Inputs run side by side: their order is nobody's promise.
told() { sed 's/job-[0-9a-f-]*/JOB/; s/([0-9]* ms)//; s| [0-9]*/[0-9]* | |' "$work/progress" | sort; }
told >"$work/progress.alone"
rm -rf "$work/out"
printf '{"type":"x.test","data":{"ok":true}}\n{"type":"nothing"}\n' | "$atomic" audit append --room alone >"$work/append.alone" 2>&1
append_alone=$?

start_daemon
[ "$(stat -c %a "$room/run") $(stat -c %a "$socket")" = "700 600" ] || fail "the socket is open to others"
run room >"$work/run.daemon"
told >"$work/progress.daemon"
cmp "$work/run.alone" "$work/run.daemon" || fail "the job's report differs: $(diff "$work/run.alone" "$work/run.daemon")"
cmp "$work/progress.alone" "$work/progress.daemon" || fail "the progress differs"
[ "$(verdict a.eml) $(verdict b.eml)" = "true false" ] || fail "the answers are not where the client's working directory is"
printf '{"type":"x.test","data":{"ok":true}}\n{"type":"nothing"}\n' | "$atomic" audit append --room room >"$work/append.daemon" 2>&1
[ $? -eq "$append_alone" ] || fail "append ends with another code"
cmp <(sed 's/[0-9]*//g' "$work/append.alone") <(sed 's/[0-9]*//g' "$work/append.daemon") || fail "append answers differently"
[ "$(events "$room" x.test | wc -l)" -eq 1 ] || fail "the event is not in the log"
sed 's|files: .*|files: ["no-such-file"]}|' job.yaml >missing.yaml
expect 2 "$atomic" run missing.yaml --room room --json
jq -e '.error.code == "input"' "$work/output" >/dev/null || fail "the error did not come through: $(cat "$work/output")"
sed 's|requester: .*|requester: nobody|' job.yaml >denied.yaml
expect 3 "$atomic" run denied.yaml --room room
expect 0 "$atomic" model add "$work/models/second" --room room --json
jq -e '.name == "second"' "$work/output" >/dev/null || fail "model add says: $(cat "$work/output")"
next_policy room 's/explorationFloor: 0$/explorationFloor: 0.01/'
"$atomic" policy accept "$work/room.policy.json" --room room >/dev/null 2>&1 && fail "the same policy was accepted twice"
[ "$(entries "$room" policy.refused)" -eq 1 ] || fail "the refused policy is not in the log"
expect 75 "$bin/atomicd" --room room
grep -q "open for appending elsewhere" "$work/output" || fail "a second daemon says: $(cat "$work/output")"
expect 75 flock "$work/alone/log-wal/lock" "$atomic" run job.yaml --room alone

# Lines that are no requests, one too long, one that never ends: each is told so, nobody else notices.
echo 'not json' | speak | jq -e '.error.code == "request"' >/dev/null || fail "no JSON is not refused"
echo '{"v":2,"verb":"status"}' | speak | grep -q 'version 1' || fail "another version is not refused as such"
echo '{"v":1,"verb":"status","extra":1}' | speak | jq -e '.error.code == "request"' >/dev/null || fail "an unknown field is taken"
head -c 1100000 /dev/zero | tr '\0' a | speak | jq -e '.error.code == "line-too-long"' >/dev/null || fail "a long line is taken"
head -c 100000 /dev/urandom | speak >/dev/null
python3 - "$socket" <<'PYTHON' || fail "a hundred clients and a slow one"
import concurrent.futures, json, socket, sys

def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(sys.argv[1])
    return s

def answer(s):
    with s.makefile("rb") as lines: return json.loads(lines.readline())

slow = connect()
slow.sendall(b'{"v":1,"verb"')                      # never ended
deaf = [connect() for _ in range(20)]               # never heard of again
for s in deaf: s.sendall(b'{"v":1,"verb":"status"}\n')

def append(number):
    s = connect()
    s.sendall(json.dumps({"v": 1, "verb": "append", "events": [{"type": "x.crowd", "data": {"n": number}}] * 3}).encode() + b"\n")
    return answer(s)["result"]

with concurrent.futures.ThreadPoolExecutor(100) as pool:
    results = list(pool.map(append, range(100)))
assert all(r["count"] == 3 for r in results), results
assert len({r["first"] for r in results}) == 100
told = answer(slow)
assert told["error"]["code"] == "slow", told
PYTHON
[ "$(events "$room" x.crowd | wc -l)" -eq 300 ] || fail "entries of the crowd are missing"

# Somebody else: even with the directory and the socket open to all, the peer is asked who he is.
if command -v setpriv >/dev/null; then
    chmod 755 "$work" "$room" "$room/run"
    chmod 666 "$socket"
    # It only listens: the daemon has said no before anything is asked.
    other=$(setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print(s.makefile().readline())' "$socket")
    [ "$(jq -r .error.code <<<"$other")" = peer ] || fail "uid 65534 was answered: $other"
    chmod 700 "$room/run"
    chmod 600 "$socket"
    [ "$(status state)" = ready ] || fail "the daemon's own user is refused as well, so this proves nothing"
fi

# A client that goes away does not stop its job; one that asks for the same job joins it; a new policy does not wait for it.
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not end well"
[ ! -e "$socket" ] || fail "the socket is left behind"
# shellcheck disable=SC2016 # the model's shell expands it, in its jail
shell_bundle slow 0.99 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done'
sed -i 's/wall: 1s, cpu: 1s/wall: 10s, cpu: 10s/' "$work/models/slow/model.yaml"
make_room room2 "$work/models/slow"
room=$work/room2
socket=$room/run/atomicd.sock
start_daemon --workers 2 --queue 1
for number in {1..36}; do message "$number.eml" "FAULT $number"; done
make_job_over {1..36}.eml
# Three dozen calls of a slow model run at once here; money is not what this is about.
sed -i 's/"0.05 EUR"/"3 EUR"/' job.yaml
"$atomic" run job.yaml --room "$room" >/dev/null 2>"$work/first" &
first=$!
until_true "the job did not start" grep -q ^answered "$work/first"
kill -KILL "$first"
wait "$first" 2>/dev/null
"$atomic" run job.yaml --room "$room" >"$work/joined" 2>"$work/second" &
joined=$!
until_true "nobody joined" grep -q ^answered "$work/second"
[ "$(status 'running | length')" -eq 1 ] || fail "the same job runs twice"
accepted_before=$(entries "$room" policy.accepted)
next_policy room2 's/explorationFloor: 0$/explorationFloor: 0.01/'
wait "$joined" || fail "the joined job ended with $?"
[ "$accepted_before" -eq 1 ] || fail "another policy was in force"
"$atomic" audit tail --room "$room" -n 10000 --json |
    jq -s -e '(map(select(.type == "policy.accepted")) | last | .seq) < (map(select(.type == "job.ended")) | last | .seq)' >/dev/null ||
    fail "the policy waited for the end of the job"
[ "$(entries "$room" job.accepted) $(entries "$room" job.ended)" = "1 1" ] || fail "one job was to be accepted and ended"

# More jobs than the queue holds: told to try again.
for number in {1..8}; do
    sed "s|^input: .*|input: {files: [\"inbox/$number.eml\"]}|; s|output: {dir: [^,]*,|output: {dir: $work/out$number,|" job.yaml >"job$number.yaml"
    "$atomic" run "job$number.yaml" --room "$room" >"$work/table$number" 2>"$work/progress$number" &
    crowd[number]=$!
done
busy=0 served=0
for number in {1..8}; do
    wait "${crowd[number]}"
    case $? in
        0) served=$((served + 1)) ;;
        75) busy=$((busy + 1)) ;;
        *) cat "$work/progress$number" >&2; fail "a job of the crowd ended with something else" ;;
    esac
done
{ [ "$busy" -ge 1 ] && [ "$served" -ge 3 ]; } || fail "$busy were told to try again, $served were served"

# Told to stop with a job at work: it ends in time, the job is resumed by the next same command.
rm -rf "$work/out"
sed -i 's|dir: [^,]*,|dir: again,|' job.yaml
"$atomic" run job.yaml --room "$room" >/dev/null 2>"$work/third" &
third=$!
until_true "the job did not start" grep -q ^answered "$work/third"
begun=$SECONDS
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon did not end well with a job at work"
[ $((SECONDS - begun)) -le 12 ] || fail "the daemon took $((SECONDS - begun)) s to stop"
wait "$third"
[ $? -eq 75 ] || fail "the client of a stopped job was not told to try again: $(cat "$work/third")"
expect 0 "$atomic" audit verify --room "$room"

# Killed with a job at work, on a stale socket.
start_daemon
"$atomic" run job.yaml --room "$room" >/dev/null 2>"$work/fourth" &
fourth=$!
until_true "the job was not resumed" grep -q "^resumed" "$work/fourth"
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
wait "$fourth"
[ $? -eq 75 ] || fail "the client of a killed daemon was not told to try again: $(cat "$work/fourth")"
[ -S "$socket" ] || fail "no socket is left by the kill, so the next start proves nothing"
start_daemon
expect 0 "$atomic" run job.yaml --room "$room"
[ "$(find "$work/again" -name '*.json.age' | wc -l)" -eq 36 ] || fail "not every message has its answer"
events "$room" output.released | jq -s -e 'length == (map(.ciphertext) | unique | length)' >/dev/null || fail "an answer was released twice"

# A job is stopped, and resumed by the same command.
sed -i 's|dir: [^,]*,|dir: stopped,|' job.yaml
"$atomic" run job.yaml --room "$room" >/dev/null 2>"$work/fifth" &
fifth=$!
until_true "the job did not start" grep -q ^answered "$work/fifth"
expect 0 "$atomic" job stop latest --room "$room"
wait "$fifth"
[ $? -eq 75 ] || fail "the client of a stopped job was not told to try again: $(cat "$work/fifth")"
expect 0 "$atomic" run job.yaml --room "$room"
[ "$(find "$work/stopped" -name '*.json.age' | wc -l)" -eq 36 ] || fail "not every message of the stopped job has its answer"

# Told to stop by a client; a path longer than a socket address.
echo '{"v":1,"verb":"shutdown"}' | speak >/dev/null
wait "$daemon" || fail "shutdown did not end the daemon well"
verified "$room"
long=$work/$(printf 'a%.0s' {1..120})
mkdir "$long"
mv "$room" "$long/room2"
room=$long/room2
start_daemon
printf '{"type":"x.far","data":{}}\n' | expect 0 "$atomic" audit append --room "$room"
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon at a long path did not end well"
[ "$(events "$room" x.far | wc -l)" -eq 1 ] || fail "the entry is not in the log"
