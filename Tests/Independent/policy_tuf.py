# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Chains of policies against The Update Framework: each candidate for the next policy of a room is signed here, by code that shares
nothing with ours, and mapped to TUF root metadata with the same keys, threshold, version, expiry and signers. `atomic policy accept` must
take and refuse what python-tuf's client takes and refuses, for the same reason.

    policy_tuf.py --atomic PROGRAM [--cases N] [--seed N] [--wrong]

Where a policy's rules are stricter by intent, python-tuf must accept and ours must refuse by name: a line that proves nothing (STRICTER),
a missing role, another predecessor, a policy that does not hold yet. One key that only tightens is where ours is wider. --wrong asks one
signer less: the control, which must be found."""

import argparse
import base64
import collections
import datetime
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from securesystemslib.formats import encode_canonical
from tuf.api import exceptions
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
PAYLOAD_TYPE = "application/vnd.atomic.policy.v1+json"
# Our code to the fault that alone explains why python-tuf accepts.
STRICTER = {"unknown-signer": "stranger", "signature": "bad line", "role": "no role", "fork": "previous", "not-yet-valid": "early"}
# Our code to the error that python-tuf gives a candidate with one fault.
SAME = {"threshold": "UnsignedMetadataError", "signature": "UnsignedMetadataError", "rollback": "BadVersionNumberError", "gap": "BadVersionNumberError",
        "fork": "BadVersionNumberError", "expired": "expired", "duplicate-signer": "DeserializationError", "policy": "UnsignedMetadataError"}
BASE = """# the policy whose form the program shows
apiVersion: atomic/sovereign/v1
kind: SovereignPolicy
metadata: {id: chain, sequence: 1, notBefore: "2020-01-01T00:00:00Z", expires: "2090-01-01T00:00:00Z"}
authority: {threshold: 1, keys: [{id: one, role: data-owner, key: "KEY"}]}
dataClasses: {pii: {}}
models: {}
rules: []
tasks: {}
requesters: {}
auction: {weights: {quality: 1, price: 0, latency: 0}, explorationFloor: 0}
"""


class Key:
    def __init__(self, kind, role):
        self.private = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP384R1())
        self.kind, self.role = kind, role
        public = self.private.public_key()
        spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.text = f"{kind}:{base64.b64encode(spki).decode()}"
        self.id = hashlib.sha256(spki).hexdigest()
        if kind == "ed25519":
            value = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
            self.tuf = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": value}}
        else:
            value = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
            self.tuf = {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp384", "keyval": {"public": value}}

    def sign(self, message):
        return self.private.sign(message) if self.kind == "ed25519" else self.private.sign(message, ec.ECDSA(hashes.SHA384()))


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def spoilt(signature):
    return signature[:-1] + bytes([signature[-1] ^ 1])


class State:
    """A policy and the root metadata with the same meaning."""

    def __init__(self, form, sequence, keys, threshold, roles, previous=None, expires=None, not_before=None, extra=None):
        self.sequence, self.keys, self.threshold, self.roles = sequence, keys, threshold, roles
        self.expires = expires or NOW + datetime.timedelta(days=900)
        policy = json.loads(json.dumps(form))
        policy["metadata"].update(sequence=sequence, expires=stamp(self.expires)[:-1] + ".000000000Z",
                                  notBefore=stamp(not_before or NOW - datetime.timedelta(days=900))[:-1] + ".000000000Z")
        policy["metadata"].pop("previous", None)
        if previous:
            policy["metadata"]["previous"] = previous
        policy["authority"].update(threshold=threshold, requireRoles=roles,
                                   keys=[{"id": f"k{number}", "key": key.text, "role": key.role} for number, key in enumerate(keys)])
        policy.update(extra or {})
        self.policy = policy
        # RFC 8785 and this are the same for ASCII texts and integers.
        self.payload = json.dumps(policy, sort_keys=True, separators=(",", ":")).encode()
        self.digest = "sha256:" + hashlib.sha256(self.payload).hexdigest()

    def root(self, threshold=None):
        ids = [key.id for key in self.keys]
        role = {"keyids": ids, "threshold": threshold or self.threshold}
        return {"_type": "root", "spec_version": "1.0.31", "version": self.sequence, "expires": stamp(self.expires), "consistent_snapshot": True,
                "keys": {key.id: key.tuf for key in self.keys}, "roles": {name: role for name in ("root", "timestamp", "snapshot", "targets")}}

    def envelope(self, signers, payload=None, bad=(), twice=()):
        message = b"DSSEv1 %d %s %d " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(self.payload)) + self.payload
        lines = [{"keyid": key.id, "sig": base64.b64encode(spoilt(key.sign(message)) if key in bad else key.sign(message)).decode()}
                 for key in list(signers) + list(twice)]
        body = {"payload": base64.b64encode(payload or self.payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": lines}
        return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()

    def metadata(self, signers, shown=None, bad=(), twice=(), threshold=None):
        signed = self.root(threshold)
        message = encode_canonical(signed).encode()
        lines = [{"keyid": key.id, "sig": (spoilt(key.sign(message)) if key in bad else key.sign(message)).hex()} for key in list(signers) + list(twice)]
        return json.dumps({"signatures": lines, "signed": shown or signed}).encode()


class Dice(random.Random):
    def chance(self, percent):
        return self.randrange(100) < percent

    def key(self):
        return Key("p384" if self.chance(15) else "ed25519", self.choice(["data-owner", "security", "medical"]))

    def next_keys(self, keys):
        """The keys of the next policy: mostly the same, else some leave and some come."""
        if self.chance(55):
            return list(keys)
        kept = [key for key in keys if self.chance(70)]
        fresh = [self.key() for _ in range(self.randrange(0 if kept else 1, 3))]
        return (kept + fresh)[:5]


def candidate(dice, form, ruling, wrong):
    """What to offer after the ruling policy: the state, both signed forms, and the faults that were put in."""
    faults = []
    kinds = ["version", "previous", "expired", "early", "stranger", "twice", "bad line", "tampered", "subset", "too high"]
    for _ in range(dice.choices([0, 1, 2], [45, 42, 13])[0]):
        faults.append(dice.choice(kinds))
    keys = dice.next_keys(ruling.keys)
    threshold = dice.randint(1, len(keys)) if keys != ruling.keys or dice.chance(20) else ruling.threshold
    roles = [role for role in ("data-owner", "security") if any(key.role == role for key in keys) and dice.chance(30)]
    if "too high" in faults:
        threshold = len(keys) + 1
    sequence, previous = ruling.sequence + 1, ruling.digest
    if "version" in faults:
        sequence = max(2, ruling.sequence + dice.choice([-2, -1, 0, 0, 2, 3]))
    if "previous" in faults:
        previous = "sha256:" + hashlib.sha256(b"another").hexdigest()
    ahead = datetime.timedelta(hours=dice.randint(2, 5000))
    expires, not_before = (NOW - ahead if "expired" in faults else NOW + ahead), (NOW + ahead / 2 if "early" in faults else None)
    if "expired" in faults and "early" in faults:
        not_before = None
        faults.remove("early")
    state = State(form, sequence, keys, threshold, roles, previous, expires, not_before)
    everyone = list({key.id: key for key in ruling.keys + keys}.values())
    dice.shuffle(everyone)
    if "subset" in faults:
        signers = [key for key in everyone if dice.chance(55)] or everyone[:1]
    else:
        signers = everyone if dice.chance(50) else quorum(everyone, ruling, state)
    bad = [dice.choice(signers)] if "bad line" in faults else []
    twice = [dice.choice(signers)] if "twice" in faults else []
    if "stranger" in faults:
        signers = signers + [dice.key()]
    payload = shown = None
    if "tampered" in faults:
        later = State(form, sequence, keys, threshold, roles, previous, expires + datetime.timedelta(minutes=1), not_before)
        payload, shown = later.payload, later.root()
    if any(role not in {key.role for key in authority.keys if key in signers} for authority in (ruling, state) for role in authority.roles):
        faults.append("no role")
    asked = fewer(state) if wrong else None
    return state, state.envelope(signers, payload, bad, twice), state.metadata(signers, shown, bad, twice, asked), faults


def fewer(state):
    return max(1, state.threshold - 1)


def quorum(everyone, ruling, state):
    """The first who are enough for both, by number and by role."""
    chosen = []
    for key in everyone:
        chosen.append(key)
        enough = all(sum(one in authority.keys for one in chosen) >= min(authority.threshold, len(authority.keys)) for authority in (ruling, state))
        if enough and all(role in {one.role for one in authority.keys if one in chosen} for authority in (ruling, state) for role in authority.roles):
            return chosen
    return chosen


def by_tuf(ruling, metadata):
    """None, or why python-tuf refuses. Its client asks a root for its expiry when it has the last one."""
    try:
        trusted = TrustedMetadataSet(ruling, EnvelopeType.METADATA)
        root = trusted.update_root(metadata)
    except exceptions.RepositoryError as error:
        return type(error).__name__
    return "expired" if root.is_expired(trusted.reference_time) else None


class Room:
    def __init__(self, atomic, directory):
        self.atomic, self.directory = atomic, directory
        self.run("init", directory)

    def run(self, *arguments):
        return subprocess.run([self.atomic, *map(str, arguments)], capture_output=True, text=True, check=False)

    def accept(self, envelope):
        """None, or the code of the refusal."""
        file = self.directory.with_suffix(".json")
        file.write_bytes(envelope)
        told = self.run("policy", "accept", file, "--room", self.directory, "--json")
        if told.returncode == 0:
            return None
        if told.returncode != 4:
            sys.exit(f"policy accept ended with {told.returncode}: {told.stderr}")
        return code_of(told)


def code_of(told):
    line = [line for line in (told.stderr + told.stdout).splitlines() if line.startswith("{")][-1]
    found = json.loads(line)
    return (found.get("error") or found)["code"]


def tightening(atomic, work, form, counts):
    """One key that may stop may tighten: TUF knows no such thing and refuses."""
    keys = [Key("ed25519", "data-owner"), Key("ed25519", "security")]
    form = json.loads(json.dumps(form))
    form["authority"]["emergencyStop"] = {"may": ["halt", "revoke"], "threshold": 1}
    first = State(form, 1, keys, 2, [])
    forbid = {"action": ["bid"], "class": ["pii"], "effect": "forbid", "id": "no-more", "unless": {}, "when": {}}
    second = State(form, 2, keys, 2, [], first.digest, extra={"rules": [forbid]})
    room = Room(atomic, work / "tightening")
    ours = [room.accept(first.envelope(keys)), room.accept(second.envelope(keys[1:]))]
    theirs = by_tuf(first.metadata(keys), second.metadata(keys[1:]))
    if ours != [None, None] or theirs != "UnsignedMetadataError":
        sys.exit(f"tightening by one key: {ours}, python-tuf {theirs}")
    counts["ours is wider: one key tightens"] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--atomic", required=True)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    dice, counts, different = Dice(options.seed), collections.Counter(), []
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        file = work / "base.yaml"
        file.write_text(BASE.replace("KEY", Key("ed25519", "data-owner").text))
        shown = subprocess.run([options.atomic, "policy", "show", str(file), "--json"], capture_output=True, check=True)
        form = json.loads(shown.stdout)["policy"]
        room, cases, rooms = None, 0, 0
        while cases < options.cases:
            if room is None or dice.chance(2):
                rooms += 1
                room = Room(options.atomic, work / f"room-{rooms}")
                keys = [dice.key() for _ in range(dice.randint(1, 4))]
                ruling = State(form, 1, keys, dice.randint(1, len(keys)), [])
                if (refusal := room.accept(ruling.envelope(keys))) is not None:
                    sys.exit(f"the first policy of a room: {refusal}")
            cases += 1
            trusted = ruling.metadata(ruling.keys, threshold=fewer(ruling) if options.wrong else None)
            state, envelope, metadata, faults = candidate(dice, form, ruling, options.wrong)
            ours, theirs = room.accept(envelope), by_tuf(trusted, metadata)
            if ours is None and theirs is None:
                counts["both accept"] += 1
                counts["both accept new keys"] += {key.id for key in state.keys} != {key.id for key in ruling.keys}
                ruling = state
            elif ours is not None and theirs is not None:
                counts["both refuse"] += 1
                counts[f"both refuse: {ours}"] += 1
                if len(set(faults)) == 1 and SAME.get(ours) != theirs:
                    different.append((faults, ours, theirs))
            elif theirs is None and STRICTER.get(ours) in faults:
                counts[f"ours is stricter: {ours}"] += 1
            else:
                different.append((faults, ours, theirs))
                if ours is None:
                    ruling = state
        tightening(options.atomic, work, form, counts)
    for faults, ours, theirs in different[:5]:
        print(f"faults {faults}: ours {ours or 'accepts'}, python-tuf {theirs or 'accepts'}")
    print(f"python-tuf and atomic on {cases} candidates in {rooms} rooms (seed {options.seed}): {dict(sorted(counts.items()))}, {len(different)} judged otherwise")
    expected = [f"both refuse: {code}" for code in SAME] + [f"ours is stricter: {code}" for code in STRICTER] + ["both accept", "both accept new keys"]
    missing = [name for name in expected if not counts[name]]
    if missing and not options.wrong:
        sys.exit(f"the candidates say nothing about: {missing}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
