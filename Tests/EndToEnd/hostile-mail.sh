#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Mail that was made to hurt goes through the parser, a filter and the rules: each ends in an answer or in a named refusal, and
# the run goes on. Then a model with full control of its jail looks for another message of the same job, and finds none.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"
[ -x /usr/bin/python3 ] || skip "needs Debian's python3"

make_keys
bogofilter_bundle "$work/models/bogofilter" bogofilter 0.95
mkdir -p "$work/bundles" "$work/venv"
for model in mail-parser rules; do
    cp -R "$root/Models/$model" "$work/bundles/$model"
    "$root/Models/$model/setup" "$work/bundles/$model" "$work/venv" 2>"$work/setup" || { cat "$work/setup" >&2; fail "setup of $model"; }
done
# shellcheck disable=SC2034 # make_room reads it
task_graph=$root/Tests/Fixtures/tasks/triage-small.yaml
make_room room "$work/models/bogofilter" "$work/bundles/mail-parser" "$work/bundles/rules"

mkdir -p "$work/inbox"
"$root/Tests/Fixtures/mail/make-hostile-mail" "$work/inbox"
total=$(find "$work/inbox" -name '*.eml' | wc -l)
cp "$root/Examples/email-triage/inbox/01-invoice-question.eml" "$work/inbox/zz-control.eml"
make_job "$work/job.yaml"
# 25 MB cost what they weigh.
sed -i 's/"0.05 EUR"/"5 EUR"/' "$work/job.yaml"
got=0
"$atomic" run "$work/job.yaml" --room "$work/room" --json >"$work/report.json" 2>"$work/progress" || got=$?
case $got in
    0 | 6) ;;
    *) cat "$work/progress" >&2; fail "the job over hostile mail ended with $got" ;;
esac

# Every message has an outcome, every outcome a name.
events "$work/room" output.released >"$work/released"
events "$work/room" output.withheld >"$work/withheld"
outcomes=$(cat "$work/released" "$work/withheld" | wc -l)
[ "$outcomes" -eq $((total + 1)) ] || fail "$outcomes outcomes for $((total + 1)) messages"
[ -z "$(jq -c 'select(.code == null or .code == "")' "$work/withheld")" ] || fail "a message was withheld without a code"
answers=$(find "$work/out" -name '*.json.age' | wc -l)
[ "$answers" -eq "$(wc -l <"$work/released")" ] || fail "$answers answers for $(wc -l <"$work/released") releases"

# The control is answered in full, and so is what is merely large, deep or broken.
for name in zz-control nested-200 attachments-1000 zip-bomb no-header surrogates injection-priority charset-x-unknown; do
    "$atomic" open -i "$work/keys/requester.key" "$work/out/$name.eml.json.age" -o "$work/opened.json"
    jq -e '.category and .priority and (.spam | type == "boolean") and (.failed | not)' "$work/opened.json" >/dev/null ||
        { cat "$work/opened.json" >&2; fail "$name has no full answer"; }
    rm -f "$work/opened.json"
done
verified "$work/room"

# A curious model: all of its world that it can read, for the secret of another message. In its own message it finds it.
curious=$work/models/curious
mkdir -p "$curious/sample"
cat >"$curious/look.py" <<'SCRIPT'
import os, sys
own = sys.stdin.buffer.read()
# Made at run time: the image holds this program and its byte code as well.
needle = "-".join(["SECRET", "OF", "ANOTHER"]).encode()
print("confidence 0.9")
# Registration tries the sample outside of the jail as well; a whole machine is not searched.
if os.path.exists("/etc/shadow"):
    sys.exit(1)
with open("/tmp/own", "wb") as file:
    file.write(own)
for directory, _, names in os.walk("/"):
    for name in names:
        path = os.path.join(directory, name)
        try:
            # Regular files, and whatever /proc shows of any process; not devices, and not the pipe of its own input.
            if os.path.isfile(path) or "/fd/" in path and not directory.startswith("/proc/self"):
                with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                    if needle in file.read(64 << 20):
                        sys.exit(0)
        except OSError:
            pass
sys.exit(1)
SCRIPT
cat >"$curious/model.yaml" <<YAML
name: curious
version: "1"
licence: MIT
tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
languages: [en]
protocol: oneshot
argv: [/usr/bin/python3, -I, -S, /model/look.py]
image: {closure: {python: {interpreter: /usr/bin/python3}}}
mounts: [{source: look.py, target: /model/look.py}]
profile: executor
limits: {memory: 256MiB, wall: 30s, cpu: 20s, processes: 4, output: 4KiB}
prices: {call: "0.00002 EUR", cpuSecond: "0 EUR", kibibyte: "0.000001 EUR"}
bid: {fixed: {confidence: 0.9, cost: "0.0001 EUR", latency: 50ms}}
answer:
  exit: {0: {spam: true}, 1: {spam: false}}
  confidence: {regex: '^confidence ([0-9.]+)\$', scale: 1}
provenance: {source: "written for this test"}
YAML
printf 'Subject: hello\n\nhow are you\n' >"$curious/sample/ham"
unset task_graph
make_room nosy "$curious"
rm -rf "$work/inbox" "$work/out"
for number in 1 2 3 4 5 6; do message "secret-$number.eml" "this is the SECRET-OF-ANOTHER number $number"; done
for number in 1 2 3 4 5 6; do message "looking-$number.eml" "what did the others write?"; done
make_job "$work/job.yaml"
expect 0 "$atomic" run "$work/job.yaml" --room "$work/nosy"
for number in 1 2 3 4 5 6; do
    [ "$(verdict "secret-$number.eml")" = true ] || fail "the control did not find the secret in its own message"
    [ "$(verdict "looking-$number.eml")" = false ] || fail "a model found what another message says"
done
echo "$((total + 1)) messages, $(wc -l <"$work/released") answered, $(wc -l <"$work/withheld") refused by name; no message sees another"
