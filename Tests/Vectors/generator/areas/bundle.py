# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""A small complete bundle, its trust file, and bundles in which one thing is wrong."""
import hashlib
import json

from .. import bundle, clock, dsse, jcs, label, log, policy, ustar
from ..keys import key
from ..output import b64, vectors
from . import witness

FOLDER = "bundle"


GRAM = 32


def _grams(good):
    found = {}
    for i in range(len(good) - GRAM, -1, -1):
        found[good[i : i + GRAM]] = i
    return found


def _pieces(good, grams, bad):
    """`bad` as copies of ranges of `good` and new bytes, found greedily, so that a variant costs little."""
    found, fresh, i, shift = [], bytearray(), 0, 0

    def flush():
        if fresh:
            found.append(b64(bytes(fresh)))
            fresh.clear()

    while i < len(bad):
        gram = bad[i : i + GRAM]
        # Where the last copy went on is the likeliest place; zeros and the like are everywhere.
        start = i + shift if len(gram) == GRAM and good[i + shift : i + shift + GRAM] == gram else grams.get(gram)
        if start is None:
            fresh.append(bad[i])
            i += 1
            continue
        size, step = GRAM, 4096
        while step:
            if good[start + size : start + size + step] == bad[i + size : i + size + step] and i + size + step <= len(bad) and start + size + step <= len(good):
                size += step
            else:
                step //= 2
        flush()
        found.append(f"@{start}+{size}")
        shift, i = start - i, i + size
    flush()
    return found


def _story(**changes):
    story = bundle.Story()
    for name, value in changes.items():
        setattr(story, name, value)
    return story


def _archives(members):
    """One content written in ways that are not the canonical one."""
    good = ustar.archive(members)
    names = sorted(name for name in members if name != "manifest.dsse")
    every = [*names, "manifest.dsse"]

    def write(order, end=bytes(1024), **changes):
        return b"".join(ustar.member(name, members[name], **changes) for name in order) + end

    assert write(every) == good
    yield "two members swapped", write([names[1], names[0], *names[2:], "manifest.dsse"])
    yield "manifest first", write(["manifest.dsse", *names])
    yield "mode 0755", write(every, mode=0o755)
    yield "a time", write(every, mtime=1)
    yield "a user id", write(every, uid=1000)
    yield "a user name", write(every, owner=b"root")
    yield "GNU magic", write(every, magic=b"ustar  \x00")
    yield "device numbers of zeros", write(every, device=bytes(8))
    yield "old regular file type", write(every, kind=b"\x00")
    yield "a symbolic link", write(names) + ustar.header("x", 0, kind=b"2") + write(["manifest.dsse"])
    yield "a directory", ustar.header("attestation/", 0, mode=0o755, kind=b"5") + good
    yield "a pax header", ustar.member("pax", b"12 path=abc\n", kind=b"x") + good
    yield "padded to ten kibibytes", good + bytes(-len(good) % 10240 or 10240)
    yield "one zero block at the end", write(every, end=bytes(512))
    yield "no zero blocks", write(every, end=b"")
    yield "a byte after the end", good + b"\x00"
    yield "text after the end", good + b"more"
    yield "cut in the middle of a member", good[: len(good) // 2]
    yield "cut by one byte", good[:-1]
    yield "a member twice", write([names[0], *every])
    first = members[names[0]]
    stuffed = ustar.header(names[0], len(first)) + first + b"hidden".ljust(-len(first) % 512, b"\x00")
    yield "bytes in the padding of a member", stuffed + good[len(stuffed) :]
    header = bytearray(good)
    header[148:156] = b"0000000\x00"
    yield "wrong checksum", bytes(header)
    header = bytearray(good)
    header[500] = 1
    total = sum(header[:148]) + 8 * 32 + sum(header[156:512])
    header[148:156] = b"%06o\x00 " % total
    yield "bytes in the padding of a header", bytes(header)
    yield "empty", b""
    yield "only the end", bytes(1024)
    yield "a name that climbs", ustar.member("../etc/passwd", b"x") + good
    yield "an absolute name", ustar.member("/etc/passwd", b"x") + good
    yield "gzip", b"\x1f\x8b\x08" + good


def _manifests():
    """The manifest or its signatures are wrong; the archive is canonical."""
    stranger = key("stranger")
    room = key("room statement")

    def signed(*keys, kind=dsse.IN_TOTO):
        return lambda payload: dsse.encoded(kind, payload, list(keys))

    yield "signed by a stranger", "signature", _story(sign=signed(stranger))
    yield "signed by the log's key", "signature", _story(sign=signed(key("log")))
    yield "not signed", "signature", _story(sign=signed())
    yield "signed twice", "signature", _story(sign=signed(room, room))
    yield "signed by room and stranger", "signature", _story(sign=signed(room, stranger))

    def renamed(payload):
        line = {**dsse.signature(stranger, dsse.IN_TOTO, payload), "keyid": room.id}
        return dsse.encoded(dsse.IN_TOTO, payload, [], [line])

    yield "a stranger's signature under the room's keyid", "signature", _story(sign=renamed)
    yield "another keyid over the room's signature", "signature", _story(
        sign=lambda payload: dsse.encoded(dsse.IN_TOTO, payload, [], [{**dsse.signature(room, dsse.IN_TOTO, payload), "keyid": stranger.id}]))
    yield "another payload type", "manifest", _story(sign=signed(room, kind="application/json"))
    yield "manifest not canonical", "manifest", _story(sign=lambda payload: dsse.encoded(dsse.IN_TOTO, payload, [room]) + b"\n")
    yield "statement not canonical", "manifest", _story(sign=lambda payload: dsse.encoded(dsse.IN_TOTO, payload + b"\n", [room]))

    def change(**changes):
        return lambda statement: {**statement, **changes}

    def predicate(**changes):
        return lambda statement: {**statement, "predicate": {**statement["predicate"], **changes}}

    yield "another predicate type", "manifest", _story(change_statement=change(predicateType="urn:atomic:bundle:v2"))
    yield "unknown field in the statement", "manifest", _story(change_statement=change(note="x"))
    yield "unknown field in the predicate", "manifest", _story(change_statement=predicate(note="x"))
    yield "another room", "trust", _story(change_statement=predicate(room="atomic.example/other"))
    yield "a range beyond the log", "log", _story(change_statement=predicate(range={"start": 0, "end": 99}))
    yield "an empty range", "manifest", _story(change_statement=predicate(range={"start": 5, "end": 5}))
    yield "a job left out of the manifest", "state", _story(change_statement=predicate(jobs=[]))
    yield "a job that is not in the range", "state", _story(change_statement=predicate(jobs=["job-000001", "job-000002"]))
    yield "a policy sequence left out", "policy", _story(change_statement=predicate(policySequences=[]))
    yield "a policy sequence that is not there", "policy", _story(change_statement=predicate(policySequences=[1, 2]))
    yield "more assurance than the receipts say", "attestation", _story(change_statement=predicate(assurance="tee"))
    yield "a subject left out", "members", _story(change_statement=lambda s: {**s, "subject": s["subject"][1:]})
    yield "a subject without a member", "members", _story(change_statement=lambda s: {**s, "subject": [*s["subject"], {"digest": {"sha256": "0" * 64}, "name": "zzz"}]})
    yield "a subject with another digest", "members", _story(
        change_statement=lambda s: {**s, "subject": [{**s["subject"][0], "digest": {"sha256": "0" * 64}}, *s["subject"][1:]]})
    yield "a subject twice", "members", _story(change_statement=lambda s: {**s, "subject": [s["subject"][0], *s["subject"]]})
    yield "subjects not sorted", "members", _story(change_statement=lambda s: {**s, "subject": [s["subject"][1], s["subject"][0], *s["subject"][2:]]})


def _members():
    """The room signed a bundle whose members do not fit each other."""

    def without(*names):
        return _story(change_members=lambda members: {n: d for n, d in members.items() if not any(n.startswith(each) for each in names)})

    def with_(**files):
        return _story(change_members=lambda members: {**members, **{n.replace("__", "/"): d for n, d in files.items()}})

    def edit(prefix, change):
        def apply(members):
            name = sorted(n for n in members if n.startswith(prefix))[0]
            return {**members, name: change(members[name])}
        return _story(change_members=apply)

    yield "a stray member", "members", with_(notes=b"hello")
    yield "a stray record directory", "members", with_(records__x__y=b"{}")
    yield "no checkpoint", "log", without("log/checkpoint")
    yield "no entries", "log", without("log/tile/entries")
    yield "no tile", "log", without("log/tile/0")
    yield "a tile of another tree", "log", edit("log/tile/0", lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    yield "an entry bundle with a byte changed", "log", edit("log/tile/entries", lambda data: data.replace(b"clinic", b"klinic", 1))
    yield "an entry bundle cut", "log", edit("log/tile/entries", lambda data: data[:-1])
    yield "a tile too many", "log", _story(change_members=lambda m: {**m, "log/tile/1/000.p/1": bytes(32)})
    yield "checkpoint signed by another key", "log", _story(note_key=key("other log"))
    for size in (64, 66, 256, 2**40, 2**63, 2**64 - 1):
        yield f"checkpoint of size {size}", "log", _story(claimed_size=size)
    yield "no proof for the job's end", "proof", without("log/proofs/62")
    yield "a proof too many", "proof", _story(change_members=lambda m: {**m, "log/proofs/7.tlog-proof": m["log/proofs/8.tlog-proof"]})
    yield "a proof under another entry's name", "proof", _story(change_members=lambda m: {**m, "log/proofs/62.tlog-proof": m["log/proofs/59.tlog-proof"]})
    yield "a proof with a hash changed", "proof", edit("log/proofs/8", lambda data: data.replace(data.split(b"\n")[3], b64(bytes(32)).encode()))
    yield "no policy", "policy", without("policy/")
    yield "a policy under another number", "policy", _story(
        change_members=lambda m: {("policy/000002.json" if n.startswith("policy/") else n): d for n, d in m.items()})
    yield "no labels", "label", without("labels/")
    yield "no manifests of models", "model", without("models/")
    yield "a manifest changed", "model", edit("models/", lambda data: data.replace(b"MIT", b"BSD"))
    yield "no measurements", "jail", without("jails/")
    yield "a measurement changed", "jail", edit("jails/", lambda data: data.replace(b"own", b"all"))
    yield "no receipts", "receipt", without("receipts/")
    yield "no records", "record", without("records/")
    yield "a record changed", "record", edit("records/", lambda data: data[:-1] + b" }")
    yield "a record that nobody names", "record", _story(change_members=lambda m: {**m, "records/" + hashlib.sha256(b"{}").hexdigest() + ".json": b"{}"})
    yield "no attestation", "attestation", without("attestation/")
    yield "attestation of another key", "attestation", edit("attestation/", lambda data: data.replace(log.vkey(bundle.ORIGIN, key("log")).encode(),
                                                                                                     log.vkey(bundle.ORIGIN, key("other log")).encode()))


def sha(value):
    return bundle.sha(bundle.jcs.encode(value))


def counted_twice(made):
    """The room counts an answer twice that was said to be right twice."""
    def first_message(work):
        bundle.Story.first_message(made, work)
        work.feedback("0000/spam", "right", "reviewer", memory=None)
    made.first_message = first_message


def learned(right=True, owners=("clinic-desk",), outcomes=1, later=0):
    """Auctions after the first feedback say what had been learned (docs/auction.md, "Learned auctions"); the name is of this outcome, of
    these owners, and of an entry so many places later than it is."""
    def change(made):
        original = made.given

        def given(*arguments):
            found = original(*arguments)
            entries = made.work.entries
            place = next((i for i, each in enumerate(entries) if each[0] == "feedback.added"), None)
            if place is None:
                return found
            scope = "\n".join([*sorted(owners), made.record_class, "customer-support"])
            head = hashlib.sha256(b"atomic/auction/learning/v1\0" + scope.encode()).digest()
            record = bytes.fromhex(entries[place][2]["record"].removeprefix("sha256:"))
            seq = made.work.start + place + later
            head = hashlib.sha256(head + record + seq.to_bytes(8, "big") + bytes([right])).digest()
            # What a verifier reads of it: an award by forecasts is for `atomic auction replay`.
            return {**found, "learning": {"outcomes": outcomes, "state": "sha256:" + head.hex()}}
        made.given = given
    return change


def exchange_plans(at, step):
    """The plans of a winner and of the runner-up, each at the other's auction."""
    def change(d):
        d = list(d)
        i, j = at(d, "auction.held", 0, **step), at(d, "auction.held", 1, **step)
        a, b = d[i][2]["plan"], d[j][2]["plan"]
        d[i], d[j] = (*d[i][:2], {**d[i][2], "plan": b}), (*d[j][:2], {**d[j][2], "plan": a})
        return d
    return change


def second_message_in_the_first_parser(at):
    """The second message goes to the parser's process that had the first one."""
    def change(d):
        d = [each for each in d if each[2].get("jail") != "jail-000004" or each[0] in ("input.delivered", "output.validated")]
        d = [(kind, job, {**data, "jail": "jail-000001"} if data.get("jail") == "jail-000004" else data) for kind, job, data in d]
        ended = d.pop(at(d, "jail.ended", jail="jail-000001"))
        d.insert(at(d, "job.ended"), ended)
        return d
    return change


def later(at, first, second):
    """The auction of `second` comes before anything of `first`."""
    def change(d):
        d = list(d)
        each = d.pop(at(d, "auction.held", **second))
        d.insert(at(d, "auction.held", **first), each)
        return d
    return change


def _stories():
    """The room itself lies: everything is signed and hashed, and the story is still impossible."""

    def drafts(change):
        return _story(change_drafts=change)

    def at(drafts_, kind, number=0, **match):
        return [i for i, each in enumerate(drafts_) if each[0] == kind and match.items() <= {k: v for k, v in each[2].items() if isinstance(v, (str, int))}.items()][number]

    def drop(kind, number=0, **match):
        return drafts(lambda d: d[: at(d, kind, number, **match)] + d[at(d, kind, number, **match) + 1 :])

    def twice(kind, number=0, **match):
        return drafts(lambda d: d[: at(d, kind, number, **match) + 1] + d[at(d, kind, number, **match) :])

    def insert(kind, made, number=0, **match):
        """A draft made from the one that is found, behind it."""
        def change(d):
            i = at(d, kind, number, **match)
            return [*d[: i + 1], (d[i][0], d[i][1], {k: v for k, v in made(d[i][2]).items() if v is not ...}), *d[i + 1 :]]
        return drafts(change)

    def swap(first, second, a=0, b=0, **match):
        def change(d):
            d = list(d)
            i, j = at(d, first, a, **match), at(d, second, b, **match)
            d[i], d[j] = d[j], d[i]
            return d
        return drafts(change)

    def move(kind, before, **match):
        """A draft moved before another one."""
        def change(d):
            d = list(d)
            each = d.pop(at(d, kind, **match))
            d.insert(at(d, *before[:1], **before[1]), each)
            return d
        return drafts(change)

    def alter(kind, change_data, number=0, **match):
        def change(d):
            d = list(d)
            i = at(d, kind, number, **match)
            d[i] = (d[i][0], d[i][1], {k: v for k, v in {**d[i][2], **change_data(d[i][2])}.items() if v is not ...})
            return d
        return drafts(change)

    def edit(kind, number=0, match=None, **changes):
        return alter(kind, lambda data: changes, number, **(match or {}))

    def result(number, place, kind="output.released", **changes):
        """One microtask in the outcome of an input, and no member for what is `...`."""
        def change(data):
            found = list(data["microtasks"])
            found[place] = {k: v for k, v in {**found[place], **changes}.items() if v is not ...}
            return {"microtasks": found}
        return alter(kind, change, number)

    def decision(event, number=0, match=None, **changes):
        def change(data):
            many = "decisions" in data
            found = data["decisions"][0] if many else data["decision"]
            request = {k: v for k, v in {**found["request"], **changes.get("request", {})}.items() if v is not ...}
            made = {**found, **changes, "request": request}
            return {"decisions": [made, *data["decisions"][1:]]} if many else {"decision": made}
        return alter(event, change, number, **(match or {}))

    def story(change):
        """A story of its own, changed before it is told."""
        made = bundle.Story()
        change(made)
        return made

    spam0, spam1, category, reply = ({"microtask": each} for each in ("0000/spam", "0001/spam", "0001/category", "0001/reply"))
    parse1 = {"microtask": "0001/parse"}
    # The plan of the runner-up, which shows nothing.
    other_plan = bundle.sha(bundle.jcs.encode({"demonstrations": [], "kind": "plan", "memory": policy.digest("memory"), "model": "naive-bayes",
                                               "reasons": ["nearest-demonstrations"], "v": 1}))

    yield "an entry changed without its followers", "log", _story(change_entries=lambda entries: [entries[0].replace(b"clinic", b"klinic"), *entries[1:]])
    yield "an entry left out, the chain not mended", "log", _story(change_entries=lambda entries: entries[:7] + entries[8:])
    yield "an unknown type of entry", "log", drafts(lambda d: [*d[:3], ("room.painted", False, {"colour": "red"}), *d[3:]])
    yield "an outside entry is no harm", "ok", drafts(lambda d: [*d[:3], ("x.note", False, {"colour": "red"}), *d[3:]])
    yield "an unknown field in an entry's data", "log", edit("room.opened", mood="good")
    yield "a missing field in an entry's data", "log", edit("room.opened", version=...)
    yield "a receipt of a job that never ended", "receipt", drop("job.ended")
    yield "the job was never accepted", "record", drop("job.accepted")
    yield "the job was never decomposed", "state", drop("job.decomposed")
    yield "accepted twice", "state", twice("job.accepted")
    yield "ended twice", "state", twice("job.ended")
    yield "released before it was validated", "state", move("output.released", ("output.validated", spam0))
    yield "released without validation", "state", drop("output.validated", **spam0)
    yield "released after a rejection", "state", edit("output.validated", match=spam0, verdict="rejected", code="schema")
    yield "released twice", "state", twice("output.released")
    yield "released twice, as another file", "state", insert("output.released", lambda data: {**data, "ciphertext": policy.digest("other")})
    yield "key released before the auction, and for its winner", "state", edit("key.released", 1, microtask="0001/spam")
    yield "input delivered before the key was released", "state", swap("key.released", "input.delivered", **parse1)
    yield "no key release", "state", drop("key.released", **parse1)
    yield "key released twice for one attempt", "state", twice("key.released")
    yield "key released twice, for another step", "state", drafts(
        lambda d: [*d[: at(d, "auction.held", **spam1) + 1],
                   ("key.released", True, {**d[at(d, "key.released", **parse1)][2], **spam1, "decision": d[at(d, "input.delivered", **spam1)][2]["keyDecision"]}),
                   *d[at(d, "auction.held", **spam1) + 1 :]])
    yield "key released for a parser that the graph does not name", "state", decision("key.released", match=parse1, request={"model": "bogofilter"})
    yield "input delivered twice to a jail", "state", twice("input.delivered", jail="jail-000006")
    yield "input delivered again for another microtask of the same jail", "state", drafts(
        lambda d: [*d[: at(d, "auction.held", 1, **category) + 1], ("input.delivered", True, {**d[at(d, "input.delivered", 1, **spam1)][2], **category}),
                   *d[at(d, "auction.held", 1, **category) + 1 :]])
    yield "no jail", "state", drop("jail.started", jail="jail-000001")
    yield "input delivered to an ended jail", "state", swap("input.delivered", "jail.ended", jail="jail-000003")
    yield "input delivered to a bidder", "state", edit("jail.started", match={"jail": "jail-000003"}, role="bidder")
    yield "a jail in a role that there is not", "state", edit("jail.started", match={"jail": "jail-000003"}, role="helper")
    yield "a parser that the model is not", "model", edit("jail.started", match={"jail": "jail-000003"}, role="parser")
    yield "a parser that answers microtasks", "state", edit("jail.started", match={"jail": "jail-000001"}, role="executor")
    yield "a parser's jail that takes a second message", "model", drafts(second_message_in_the_first_parser(at))
    yield "an attempt left out", "state", edit("auction.held", 2, attempt=3)
    yield "a second attempt without a crash", "state", edit("auction.held", 2, attempt=2)
    yield "another model ran than won", "state", edit("input.delivered", match=spam0, model="naive-bayes")
    yield "a jail of another model than its digest", "model", edit("jail.started", match={"jail": "jail-000003"}, model="naive-bayes")
    yield "validated another model's output", "state", edit("output.validated", match=spam0, model="naive-bayes")
    yield "validated in a jail that never had the input", "state", edit("output.validated", match=spam0, jail="jail-000006")
    yield "validated in a jail of another model", "state", edit("output.validated", match=category, jail="jail-000006")
    yield "validated by the schema of another microtask", "state", edit("output.validated", match=category, schema=sha(bundle.SCHEMAS["spam"]))
    yield "parsed by another schema", "state", edit("output.validated", match=parse1, schema=sha(bundle.SCHEMAS["spam"]))
    yield "unsure where the graph asks for no confidence", "state", edit("output.validated", match=reply, verdict="unsure", code="low-confidence")
    yield "unsure for another reason", "state", edit("output.validated", match=category, code="schema")
    yield "rejected without a reason", "state", edit("output.validated", 1, match=category, code=...)
    yield "an input that the job does not have", "state", edit("auction.held", input=policy.digest("nothing"))
    yield "a step that the graph does not have", "state", edit("output.validated", match=parse1, microtask="0001/translate")
    yield "a model has the parsed message before there is one", "state", drop("output.validated", **parse1)
    yield "a model has the parsed message although the parser failed", "state", edit("output.validated", match=parse1, verdict="rejected", code="crashed")
    yield "features before the message was parsed", "state", swap("output.validated", "input.delivered", 0, 1)
    yield "a microtask begins before the one that it needs", "state", drafts(later(at, spam1, category))
    yield "an auction for the answer of a microtask on which another was built", "state", drafts(
        lambda d: [*d[: at(d, "auction.held", **reply) + 1], d[at(d, "auction.held", 1, **spam1)], *d[at(d, "auction.held", **reply) + 1 :]])
    yield "the model that failed wins again", "state", drafts(
        lambda d: [*d[: at(d, "auction.held", 2, **category)], d[at(d, "auction.held", 0, **category)], *d[at(d, "auction.held", 2, **category) :]])
    yield "a message without an outcome", "state", drop("output.released")
    yield "paid twice", "state", twice("auction.settled")
    yield "paid for another outcome than there was", "state", edit("auction.settled", match=category, outcome="valid")
    yield "paid as valid without an answer", "state", edit("auction.settled", match=spam1, outcome="valid")
    yield "paid by another record", "state", edit("auction.settled", match=spam1, record=policy.digest("x"))
    yield "released before it was paid", "state", drop("auction.settled", 1, **category)
    yield "a skipped microtask that was executed", "state", result(1, 1, state="skipped", model=..., code=...)
    yield "a microtask without a condition that was skipped", "state", result(0, 0, state="skipped", model=...)
    yield "a skipped microtask that is listed as answered", "state", result(0, 1, state="answered", model="bogofilter")
    yield "a failed microtask that is listed as answered", "state", result(1, 1, state="answered", model="naive-bayes", code=...)
    yield "an unsure answer that is listed as sure", "state", result(1, 1, state="answered", code=...)
    yield "a sure answer that is listed as unsure", "state", result(1, 0, state="unsure", code="low-confidence")
    yield "an answered microtask that is listed as failed", "state", result(1, 2, state="failed", code="schema", model=...)
    yield "a failed microtask without a reason", "state", result(0, 1, state="failed")
    yield "a denied microtask without a decision", "state", result(0, 1, state="denied", code="run-denied")
    yield "an answer of another model than gave it", "state", result(1, 0, model="bogofilter")
    yield "a microtask left out of the outcome", "state", alter("output.released", lambda data: {"microtasks": data["microtasks"][:2]}, 1)
    yield "the outcome in another order than the graph", "state", alter("output.released", lambda data: {"microtasks": data["microtasks"][::-1]}, 1)
    yield "built on a microtask that failed", "state", result(1, 1, state="failed", code="schema", model=...)
    yield "needs-failed although nothing failed", "state", result(0, 1, state="failed", code="needs-failed")
    yield "the parser's failure where it did not fail", "state", result(0, 1, state="failed", code="parse-crashed")
    yield "an unsure answer released as one that nobody need look at", "state", edit("output.released", 1, review=False)
    yield "a review that nothing asks for", "state", edit("output.released", 0, review=True)
    yield "a sidecar without permission", "state", edit("output.released", 0, learn=...)
    yield "a permission to learn that was denied", "decision", alter(
        "output.released", lambda data: {"learn": {**data["learn"], "request": {**data["learn"]["request"], "purpose": "treatment"}}}, 0)
    yield "release decided for one model of two", "state", alter("output.released", lambda data: {"decisions": data["decisions"][:1]}, 1)
    yield "release decided for one model twice", "state", alter("output.released", lambda data: {"decisions": data["decisions"][:1] * 2}, 1)
    yield "release decided for a model that gave nothing", "state", alter("output.released", lambda data: {"decisions": [*data["decisions"], *data["decisions"]][:3]}, 1)
    yield "the end counts no review", "state", edit("job.ended", review=0)
    yield "the end counts more than left", "state", edit("job.ended", released=3)
    yield "the end of a job that did not end so", "state", edit("job.ended", state="denied")
    yield "halted with nothing left to do", "state", edit("job.ended", state="halted")
    yield "feedback on an answer that another model gave", "state", edit("feedback.added", 1, model="naive-bayes")
    yield "feedback on another auction", "state", edit("feedback.added", 1, record=policy.digest("x"))
    yield "feedback on a skipped microtask", "state", edit("feedback.added", 1, microtask="0000/category", input=bundle.sha(b"ciphertext of message 0"))
    yield "feedback before the answer left", "state", swap("feedback.added", "output.released")
    yield "a later word about the same answer is no harm", "ok", insert("feedback.added", lambda data: {**data, "memory": ..., "source": "reviewer"})
    yield "what is said twice counts once", "auction", story(counted_twice)
    yield "what was learned is what the log has", "ok", story(learned())
    yield "learned that a right answer was wrong", "auction", story(learned(right=False))
    yield "learned more outcomes than there were", "auction", story(learned(outcomes=2))
    yield "learned from what other owners' data told", "auction", story(learned(owners=("another-desk",)))
    yield "learned at another entry", "auction", story(learned(later=1))
    yield "a memory added twice", "state", insert("feedback.added", lambda data: {**data, "source": "reviewer"})
    yield "feedback that says nothing", "state", edit("feedback.added", 1, outcome="maybe")
    yield "feedback that the policy does not let anybody learn from", "decision", decision("feedback.added", outcome="deny", kind="not-permitted", rules=[])
    yield "feedback decided for another action", "decision", decision("feedback.added", request={"action": "run"})
    yield "feedback decided about another model", "decision", decision("feedback.added", request={"model": "naive-bayes"})
    yield "erased what was never remembered", "state", edit("memory.erased", entries=[policy.digest("memory 2")])
    yield "a sidecar erased is no harm", "ok", edit("memory.erased", entries=[policy.digest("memory 1"), policy.digest("sidecar 0")])
    yield "a sidecar that is a memory too", "state", edit("output.released", 0, sidecar=policy.digest("memory 0"))
    yield "erased twice", "state", drafts(lambda d: [*d, d[-1]])
    yield "erased within a job", "state", drafts(lambda d: [*d[:-1], (d[-1][0], True, d[-1][2])])
    yield "shown what had been erased", "auction", drafts(lambda d: [
        *d[: at(d, "auction.held", **category)], ("memory.erased", False, {"entries": [policy.digest("memory 0")], "reason": "request"}), *d[at(d, "auction.held", **category) :]])
    yield "shown what was remembered later", "auction", edit("feedback.added", memory=policy.digest("memory 2"))
    yield "a plan of another model", "auction", drafts(exchange_plans(at, category))
    yield "a plan for an auction that nobody won", "auction", edit("auction.held", 2, match=category, plan=other_plan)
    yield "a plan that is not there", "auction", edit("auction.held", match=spam0, plan=policy.digest("no plan"))
    yield "more experience than feedback", "auction", drop("feedback.added")
    yield "experience from feedback that said the contrary", "auction", edit("feedback.added", outcome="wrong")
    yield "key released after a denial", "decision", decision("key.released", outcome="deny", kind="not-permitted", rules=[])
    yield "a permit that the policy does not give", "decision", decision("key.released", request={"purpose": "marketing"})
    yield "rules that do not decide", "decision", decision("key.released", rules=["P3"])
    yield "decision about another class", "decision", decision("key.released", request={"class": "internal"})
    yield "decision about no model", "state", decision("key.released", request={"model": ...})
    yield "decision about another model", "decision", decision("input.delivered", match=spam0, request={"model": "naive-bayes"})
    yield "decision about another requester", "decision", decision("output.released", request={"requester": "audit-1"})
    yield "decision about another action", "decision", decision("key.released", request={"action": "bid"})
    yield "decision at another time", "decision", decision("key.released", request={"at": clock.at(86400)})
    yield "release decided without a check", "decision", decision("output.released", request={"output.check": ...}, outcome="deny", kind="error", rules=["P2"])
    yield "input delivered without a decision", "log", edit("input.delivered", decision=...)
    yield "input delivered after a denial", "decision", decision("input.delivered", outcome="deny", kind="not-permitted", rules=[])
    yield "a model without a key decision of its own", "decision", edit("input.delivered", match=spam0, keyDecision=...)
    yield "the runner-up without a key decision of its own", "decision", edit("input.delivered", 1, match=spam1, keyDecision=...)
    yield "a policy accepted that is not the one in the bundle", "policy", edit("policy.accepted", digest=policy.digest("nothing"))
    yield "signers that did not sign", "policy", edit("policy.accepted", signers=[])
    yield "another class in the inputs record than in the label", "label", _story(record_class="internal")
    yield "another owner in the inputs record than in the label", "label", _story(
        change_record=lambda record: {**record, "items": [{**each, "owner": "lab"} for each in record["items"]]})
    yield "an input without its label", "label", _story(
        change_record=lambda record: {**record, "items": [{k: v for k, v in each.items() if k != "label"} for each in record["items"]]})
    yield "label of a stranger", "label", _story(label_key=key("label stranger"))
    yield "label for another room", "label", _story(label_changes={"room": "atomic.example/other"})
    yield "label expired", "label", _story(label_changes={"expires": clock.at(3)})
    yield "label for another purpose", "label", _story(label_changes={"purposes": ["treatment"]})
    yield "label of a higher class", "label", _story(label_changes={"class": "phi"})
    yield "policy signed by too few", "policy", _story(policy_signers=["dpo"])
    yield "policy signed without the required role", "policy", _story(policy_signers=["ciso", "mdir"])
    lax = bundle.Story()
    lax.policy = {**lax.policy, "models": {**lax.policy["models"], "bogofilter": {**lax.policy["models"]["bogofilter"], "digest": policy.digest("nothing")}}}
    yield "a model that ran is not the policy's", "model", lax
    foreign = bundle.Story()
    foreign.policy = {**foreign.policy, "authority": policy.authority("dpo2", "ciso2")}
    foreign.policy_signers = ["dpo2", "ciso2"]
    yield "a quorum that is not trusted", "policy", foreign
    yield "a receipt of less cost", "receipt", _story(change_receipt=lambda r: {**r, "cost": 1})
    yield "a receipt of another state", "receipt", _story(change_receipt=lambda r: {**r, "state": "failed"})
    yield "a receipt without an answer", "receipt", _story(change_receipt=lambda r: {**r, "answers": r["answers"][1:]})
    yield "a receipt of other attempts", "receipt", _story(change_receipt=lambda r: {**r, "answers": [{**r["answers"][0], "attempts": 2}, *r["answers"][1:]]})
    yield "a receipt that hides a review", "receipt", _story(change_receipt=lambda r: {**r, "answers": [*r["answers"][:1], {**r["answers"][1], "state": "released"}]})
    yield "a receipt in another order", "receipt", _story(change_receipt=lambda r: {**r, "items": r["items"][::-1]})
    yield "a receipt of an unsure answer as a sure one", "receipt", _story(
        change_receipt=lambda r: {**r, "items": [{**each, "state": "answered"} if each["state"] == "unsure" else each for each in r["items"]]})
    yield "a receipt of another response", "receipt", _story(change_receipt=lambda r: {**r, "answers": [{**r["answers"][0], "response": policy.digest("x")}, *r["answers"][1:]]})
    yield "a receipt of another model", "receipt", _story(change_receipt=lambda r: {**r, "items": [{**r["items"][0], "model": "naive-bayes"}, *r["items"][1:]]})
    yield "a receipt without an item", "receipt", _story(change_receipt=lambda r: {**r, "items": r["items"][1:]})
    yield "a receipt of another requester", "receipt", _story(change_receipt=lambda r: {**r, "requester": "audit-1"})
    yield "more assurance than was reached", "attestation", _story(change_receipt=lambda r: {**r, "assurance": "tee"})
    yield "another winner than the award's", "auction", edit("auction.held", winner="naive-bayes")
    yield "an exclusion hidden", "auction", edit("auction.held", excluded=0)

    def published(limit):
        """Both filters are of one publisher, of which so many models may bid."""
        def change(made):
            models = {name: {**model, **({"publisher": "acme"} if name in ("bogofilter", "naive-bayes") else {})} for name, model in made.policy["models"].items()}
            made.policy = {**made.policy, "auction": {**made.policy["auction"], "bidsPerPublisher": limit}, "models": models}
        return story(change)

    yield "as many of one publisher as may bid", "ok", published(2)
    yield "more of one publisher than may bid", "auction", published(1)
    yield "an auction that says it is a trial", "auction", edit("auction.held", trial=True)

    def graph(**changes):
        """The room has another graph: of the microtasks, one is changed or the whole is."""
        def change(made):
            tasks = [dict(each) for each in made.graph["microtasks"]]
            made.graph = {**made.graph, "microtasks": tasks, **changes.pop("top", {})}
            for id_, members in changes.items():
                found = next(each for each in tasks if each["id"] == id_)
                found.update(members)
                for name in [name for name, value in found.items() if value is ...]:
                    del found[name]
            made.policy = made.make_policy()
        return story(change)

    yield "a graph with other steps before it is no harm", "ok", graph(top={"parser": "mail-parser"})
    yield "a graph that names another parser", "state", graph(top={"parser": "naive-bayes"})
    yield "a graph that names another featurizer", "state", graph(top={"featurizer": "naive-bayes"})
    yield "a graph with a cycle", "record", graph(spam={"needs": ["reply"]})
    yield "a graph in which a microtask needs itself", "record", graph(spam={"needs": ["spam"]})
    yield "a graph with a condition on what is not needed", "record", graph(reply={"needs": []})
    yield "a graph with an id twice", "record", graph(reply={"id": "spam"})
    yield "a graph whose microtask is called as the parser's step", "record", graph(spam={"id": "parse"})
    yield "a graph with an input that there is not", "record", graph(spam={"input": "headers"})
    yield "a graph with a review below nothing", "record", graph(category={"review": {"below": 0}})
    yield "a graph with a review that says two things", "record", graph(category={"review": {"always": True, "below": 600_000_000}})
    yield "a graph without a condition where one was skipped", "state", graph(category={"when": ...})
    yield "a graph of other types than the bidders were told", "auction", graph(spam={"type": "junk"})

    def excluded_ran(story):
        original = story.given

        def given(*arguments):
            found = original(*arguments)
            oracle = bundle.auction_bid("cloud-oracle", story, 64, 0, 0)
            return {**found, "exclusions": [], "bids": sorted([*found["bids"], oracle], key=lambda each: each["digest"])}
        story.given = given
        return story

    yield "a forbidden model bid and won", "auction", excluded_ran(bundle.Story())

    def cosigned(of_job=False, signer=None, size=None, keep=True, kind="cosigned-checkpoint", before=None, lines=(witness.witness_line,), demanded=0, **changes):
        """Witnesses signed the log at the story's end, or before the first entry of a type; `size` is what the note claims, `lines` make
        the cosignatures, `demanded` is how many the policy wants, `changes` are of the event."""
        made = bundle.Story()
        if demanded:
            made.policy = {**made.policy, "outputs": {"pii": {**made.policy["outputs"]["pii"], "cosignatures": demanded}}}

        def change(drafts_):
            place = next((i for i, each in enumerate(drafts_) if each[0] == before), len(drafts_))
            leaves = [log.leaf(each) for each in made.make_entries(drafts_[:place])]
            claimed = len(leaves) if size is None else size
            text = log.body(bundle.ORIGIN, claimed, log.root(leaves))
            note = text + "\n" + log.signature_line(bundle.ORIGIN, signer or made.log_key, text) + "".join(line(text) for line in lines)
            record = jcs.encode({"kind": kind, "note": note, "v": 1})
            digest = made.put(record) if keep else bundle.sha(record)
            data = {"note": digest, "root": "sha256:" + log.root(leaves).hex(), "size": claimed, "witnesses": [
                {"keyId": log.key_hash(witness.WITNESS, key("witness"), 4).hex(), "name": witness.WITNESS, "timestamp": str(witness.NOW)}]}
            entry = ("checkpoint.cosigned", of_job, {name: value for name, value in {**data, **changes}.items() if value is not ...})
            return [*drafts_[:place], entry, *drafts_[place:]]
        made.change_drafts = change
        return made

    def demanding(count=1, before="job.ended", **changes):
        return cosigned(demanded=count, before=before, **changes)

    def second_witness(text):
        return witness.cosignature(text, witness.NOW, name="witness.example/w2", signer="witness 2")

    def stranger(text):
        return witness.cosignature(text, witness.NOW, name="witness.example/w9", signer="stranger")

    def forged(text):
        return witness.cosignature(text, witness.NOW, signature=key("stranger").sign(witness.cosigned_message(text, witness.NOW)))

    yield "a demanded cosignature", "ok", demanding()
    yield "two demanded cosignatures", "ok", demanding(2, lines=(witness.witness_line, second_witness))
    yield "two demanded cosignatures and a stranger's", "ok", demanding(2, lines=(witness.witness_line, stranger, second_witness))
    yield "one cosignature of two demanded ones", "witness", demanding(2)
    yield "the same cosignature twice for two", "witness", demanding(2, lines=(witness.witness_line, witness.witness_line))
    yield "a stranger's cosignature where one was demanded", "witness", demanding(lines=(stranger,))
    yield "a cosignature of another key in the witness's name", "witness", demanding(lines=(forged,))
    yield "a forged cosignature where none was demanded", "witness", cosigned(lines=(forged,))
    yield "a demanded cosignature after the job's end", "witness", demanding(before=None)
    yield "a demanded cosignature that covers no release", "witness", demanding(before="output.released")

    yield "witnesses signed the log", "ok", cosigned()
    yield "a cosigned checkpoint that is not there", "record", cosigned(keep=False)
    yield "a cosigned checkpoint that the log did not sign", "record", cosigned(signer=key("log 2"))
    yield "a cosigned checkpoint of entries that came later", "record", cosigned(size=4_000)
    yield "a cosigned checkpoint of another root than the entry says", "record", cosigned(root=policy.digest("another root"))
    yield "a cosigned checkpoint that is another kind of record", "record", cosigned(kind="plan")
    yield "a checkpoint cosigned within a job", "state", cosigned(of_job=True)
    yield "a checkpoint cosigned by nobody knows whom", "log", cosigned(witnesses=...)


def _trust(good):
    stranger = key("stranger")

    def change(**changes):
        return {**good, **changes}

    yield "empty object", "trust", {}
    yield "nobody trusted", "trust", {name: [] for name in good}
    yield "another room's keys", "trust", change(rooms=[{"origin": "atomic.example/other", "statementKeys": [stranger.text],
                                                          "vkey": log.vkey("atomic.example/other", stranger)}])
    yield "another statement key", "signature", change(rooms=[{**good["rooms"][0], "statementKeys": [stranger.text]}])
    yield "no statement key", "signature", change(rooms=[{**good["rooms"][0], "statementKeys": []}])
    yield "another log key", "log", change(rooms=[{**good["rooms"][0], "vkey": log.vkey(bundle.ORIGIN, stranger)}])
    yield "a vkey of another name", "trust", change(rooms=[{**good["rooms"][0], "vkey": log.vkey("atomic.example/other", key("log"))}])
    yield "no policy keys", "policy", change(policyKeys=[])
    yield "one policy key of two", "policy", change(policyKeys=good["policyKeys"][:1])
    yield "policy keys in other roles", "policy", change(policyKeys=[{**each, "role": "security"} for each in good["policyKeys"]])
    yield "no owners", "label", change(owners=[])
    yield "another owner's key", "label", change(owners=[{"id": "clinic-desk", "key": stranger.text}])
    yield "another owner's id", "label", change(owners=[{"id": "lab", "key": good["owners"][0]["key"]}])
    yield "unknown field", "trust", change(witnesses=[])
    yield "no witnesses", "ok", change(rooms=[{name: value for name, value in good["rooms"][0].items() if name != "witnesses"}])
    yield "a witness twice", "trust", change(rooms=[{**good["rooms"][0], "witnesses": good["rooms"][0]["witnesses"] * 2}])
    yield "a witness with a key of the wrong type", "trust", change(rooms=[{**good["rooms"][0], "witnesses": [log.vkey(witness.WITNESS, key("witness"))]}])
    yield "a room twice", "trust", change(rooms=good["rooms"] * 2)
    yield "an owner twice", "trust", change(owners=good["owners"] * 2)
    yield "more than is needed", "ok", change(owners=[*good["owners"], {"id": "lab", "key": stranger.text}],
                                              rooms=[*good["rooms"], {"origin": "atomic.example/other", "statementKeys": [stranger.text],
                                                                      "vkey": log.vkey("atomic.example/other", stranger)}])


def files():
    story = bundle.Story()
    members = story.build()
    good, trust = ustar.archive(members), story.trust()
    trust["rooms"][0]["witnesses"] = [witness.vkey(witness.WITNESS, key("witness")), witness.vkey("witness.example/w2", key("witness 2"))]
    grams = _grams(good)
    cases = [{"name": "good", "expect": "ok", "pieces": [f"@0+{len(good)}"]}]
    cases += [{"name": name, "expect": "archive", "pieces": _pieces(good, grams, bad)} for name, bad in _archives(members)]
    for name, expect, each in [*_manifests(), *_members(), *_stories()]:
        cases.append({"name": name, "expect": expect, "pieces": _pieces(good, grams, each.archive())})
    trusts = [{"name": name, "expect": expect, "trust": content} for name, expect, content in _trust(trust)]
    source = "contract: Bundle; POSIX.1-1988 ustar; DSSE v1; in-toto Statement v1"
    return {
        "good.atomic": good,
        "trust.json": (json.dumps(trust, indent=2) + "\n").encode(),
        "bundles.json": vectors(
            "Bundles as pieces: `@OFFSET+LENGTH` copies from good.atomic, anything else is new bytes in base64. Read with trust.json. `expect` is the code of the first claim that fails.", source, cases),
        "trust-files.json": vectors("Trust files for good.atomic. `expect` is the code of the first claim that fails.", source, trusts),
    }
