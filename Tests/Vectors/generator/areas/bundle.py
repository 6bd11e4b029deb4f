# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""A small complete bundle, its trust file, and bundles in which one thing is wrong."""
import difflib
import hashlib
import json

from .. import bundle, clock, dsse, jcs, label, log, policy, ustar
from ..keys import key
from ..output import b64, vectors

FOLDER = "bundle"


def _pieces(good, bad):
    """`bad` as copies of ranges of `good` and new bytes, block by block, so that a variant costs little."""
    size = ustar.BLOCK
    a = [good[i : i + size] for i in range(0, len(good), size)]
    b = [bad[i : i + size] for i in range(0, len(bad), size)]
    found = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append({"copy": [i1 * size, min(i2 * size, len(good)) - i1 * size]})
        elif j2 > j1:
            found.append({"bytes": b64(bad[j1 * size : j2 * size])})
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
    for size in (29, 31, 256, 2**40, 2**63, 2**64 - 1):
        yield f"checkpoint of size {size}", "log", _story(claimed_size=size)
    yield "no proof for the job's end", "proof", without("log/proofs/29")
    yield "a proof too many", "proof", _story(change_members=lambda m: {**m, "log/proofs/7.tlog-proof": m["log/proofs/6.tlog-proof"]})
    yield "a proof under another entry's name", "proof", _story(change_members=lambda m: {**m, "log/proofs/29.tlog-proof": m["log/proofs/28.tlog-proof"]})
    yield "a proof with a hash changed", "proof", edit("log/proofs/6", lambda data: data.replace(data.split(b"\n")[3], b64(bytes(32)).encode()))
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


def _stories():
    """The room itself lies: everything is signed and hashed, and the story is still impossible."""

    def drafts(change):
        return _story(change_drafts=change)

    def at(drafts_, kind, number=0):
        return [i for i, each in enumerate(drafts_) if each[0] == kind][number]

    def drop(kind, number=0):
        return drafts(lambda d: d[: at(d, kind, number)] + d[at(d, kind, number) + 1 :])

    def twice(kind, number=0):
        return drafts(lambda d: d[: at(d, kind, number) + 1] + d[at(d, kind, number) :])

    def swap(first, second, a=0, b=0):
        def change(d):
            d = list(d)
            i, j = at(d, first, a), at(d, second, b)
            d[i], d[j] = d[j], d[i]
            return d
        return drafts(change)

    def edit(kind, number=0, **changes):
        def change(d):
            d = list(d)
            i = at(d, kind, number)
            d[i] = (d[i][0], d[i][1], {k: v for k, v in {**d[i][2], **changes}.items() if v is not ...})
            return d
        return drafts(change)

    def decision(event, number=0, **changes):
        def change(d):
            d = list(d)
            i = at(d, event, number)
            many = "decisions" in d[i][2]
            found = d[i][2]["decisions"][0] if many else d[i][2]["decision"]
            request = {k: v for k, v in {**found["request"], **changes.get("request", {})}.items() if v is not ...}
            made = {**found, **changes, "request": request}
            d[i] = (d[i][0], d[i][1], {**d[i][2], **({"decisions": [made]} if many else {"decision": made})})
            return d
        return drafts(change)

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
    yield "released before it was validated", "state", swap("output.validated", "output.released")
    yield "released without validation", "state", drop("output.validated")
    yield "released after a rejection", "state", edit("output.validated", verdict="rejected", code="schema")
    yield "released twice", "state", twice("output.released")
    yield "key released before the auction", "state", swap("auction.held", "key.released")
    yield "input delivered before the key was released", "state", swap("key.released", "input.delivered")
    yield "no key release", "state", drop("key.released")
    yield "key released twice for one attempt", "state", twice("key.released")
    yield "input delivered twice to a jail", "state", twice("input.delivered")
    yield "no jail", "state", drop("jail.started")
    yield "input delivered to an ended jail", "state", swap("input.delivered", "jail.ended")
    yield "an attempt left out", "state", edit("auction.held", 2, attempt=3)
    yield "another model ran than won", "state", edit("input.delivered", model="naive-bayes")
    yield "a jail of another model than its digest", "model", edit("jail.started", model="naive-bayes")
    yield "validated another model's output", "state", edit("output.validated", model="naive-bayes")
    yield "an input that the job does not have", "state", edit("auction.held", input=policy.digest("nothing"))
    yield "a message without an outcome", "state", drafts(lambda d: [
        e for e in d if e[2].get("microtask") != "0000/spam" and e[2].get("jail") != "jail-000001" and e is not d[at(d, "output.released")]])
    yield "key released after a denial", "decision", decision("key.released", outcome="deny", kind="not-permitted", rules=[])
    yield "a permit that the policy does not give", "decision", decision("key.released", request={"purpose": "marketing"})
    yield "rules that do not decide", "decision", decision("key.released", rules=["P3"])
    yield "decision about another class", "decision", decision("key.released", request={"class": "internal"})
    yield "decision about another model", "decision", decision("key.released", request={"model": "naive-bayes"})
    yield "decision about another requester", "decision", decision("output.released", request={"requester": "audit-1"})
    yield "decision about another action", "decision", decision("key.released", request={"action": "bid"})
    yield "decision at another time", "decision", decision("key.released", request={"at": clock.at(86400)})
    yield "release decided without a check", "decision", decision("output.released", request={"output.check": ...}, outcome="deny", kind="error", rules=["P2"])
    yield "input delivered without a decision", "log", edit("input.delivered", decision=...)
    yield "input delivered after a denial", "decision", decision("input.delivered", outcome="deny", kind="not-permitted", rules=[])
    yield "the runner-up without a key decision of its own", "decision", edit("input.delivered", 2, keyDecision=...)
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
    yield "a receipt of another response", "receipt", _story(change_receipt=lambda r: {**r, "answers": [{**r["answers"][0], "response": policy.digest("x")}, *r["answers"][1:]]})
    yield "a receipt of another model", "receipt", _story(change_receipt=lambda r: {**r, "items": [{**r["items"][0], "model": "naive-bayes"}, *r["items"][1:]]})
    yield "a receipt without an item", "receipt", _story(change_receipt=lambda r: {**r, "items": r["items"][1:]})
    yield "a receipt of another requester", "receipt", _story(change_receipt=lambda r: {**r, "requester": "audit-1"})
    yield "more assurance than was reached", "attestation", _story(change_receipt=lambda r: {**r, "assurance": "tee"})
    yield "another winner than the award's", "auction", edit("auction.held", winner="naive-bayes")
    yield "an exclusion hidden", "auction", edit("auction.held", excluded=0)

    def excluded_ran(story):
        original = story.given

        def given(*arguments):
            found = original(*arguments)
            oracle = bundle.auction_bid("cloud-oracle", story, 64, 0, 0)
            return {**found, "exclusions": [], "bids": sorted([*found["bids"], oracle], key=lambda each: each["digest"])}
        story.given = given
        return story

    yield "a forbidden model bid and won", "auction", excluded_ran(bundle.Story())


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
    yield "a room twice", "trust", change(rooms=good["rooms"] * 2)
    yield "an owner twice", "trust", change(owners=good["owners"] * 2)
    yield "more than is needed", "ok", change(owners=[*good["owners"], {"id": "lab", "key": stranger.text}],
                                              rooms=[*good["rooms"], {"origin": "atomic.example/other", "statementKeys": [stranger.text],
                                                                      "vkey": log.vkey("atomic.example/other", stranger)}])


def files():
    story = bundle.Story()
    members = story.build()
    good, trust = ustar.archive(members), story.trust()
    cases = [{"name": "good", "expect": "ok", "pieces": [{"copy": [0, len(good)]}]}]
    cases += [{"name": name, "expect": "archive", "pieces": _pieces(good, bad)} for name, bad in _archives(members)]
    for name, expect, each in [*_manifests(), *_members(), *_stories()]:
        cases.append({"name": name, "expect": expect, "pieces": _pieces(good, each.archive())})
    trusts = [{"name": name, "expect": expect, "trust": content} for name, expect, content in _trust(trust)]
    source = "contract: Bundle; POSIX.1-1988 ustar; DSSE v1; in-toto Statement v1"
    return {
        "good.atomic": good,
        "trust.json": (json.dumps(trust, indent=2) + "\n").encode(),
        "bundles.json": vectors(
            "Bundles as pieces: `copy` [offset, length] of good.atomic, or new `bytes`. Read with trust.json. `expect` is the code of the first claim that fails.", source, cases),
        "trust-files.json": vectors("Trust files for good.atomic. `expect` is the code of the first claim that fails.", source, trusts),
    }
