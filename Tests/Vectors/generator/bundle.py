# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""A small room with one job of two messages, its log, and the bundle that tells the story."""
import hashlib
import json

from . import age, auction, clock, dsse, jcs, label, log, policy, ustar
from .keys import key

ORIGIN = "atomic.example/clinic"
BOOT = "6f6b1c1e-8d5c-4c55-9f0f-2a5a4f0f1b3c"
JOB = "job-000001"
PREDICATE = "urn:atomic:bundle:v1"
NEXT = "0" * 64


def sha(data):
    return jcs.digest(data)


def manifest(name, version="1.0.0"):
    image = {"bytes": 4096, "digest": policy.digest("image " + name), "files": 3}
    return jcs.encode({"files": [{"digest": policy.digest("weights " + name), "mode": "0644", "path": "model.bin", "size": 12}], "image": image,
                       "manifest": {"licence": "MIT", "name": name, "protocol": "oneshot", "version": version}, "v": 1})


SCHEMA = {"additionalProperties": False, "properties": {"confidence": {"type": "number"}, "spam": {"type": "boolean"}}, "required": ["spam", "confidence"], "type": "object"}
GRAPH = jcs.encode({"kind": "task-graph", "microtasks": [{"id": "spam", "input": "message", "needs": [], "schema": SCHEMA, "type": "spam"}], "name": "email-triage", "v": 1})
TEXT = "apiVersion: atomic/job/v1\ntask: email-triage\n"
FILE = jcs.encode({"kind": "job", "text": TEXT, "v": 1})
MODELS = ("bogofilter", "cloud-oracle", "naive-bayes")


class Story:
    """Everything that a bundle is made of. Change a part, then `build`."""

    def __init__(self):
        self.log_key, self.statement_key, self.owner = key("log"), key("room statement"), key("label owner")
        self.recipient = age.Identity("room").recipient
        self.manifests = {name: manifest(name) for name in MODELS}
        self.policy = self.make_policy()
        self.policy_signers = ["ciso", "dpo"]
        self.messages = [(f"message-{i}.eml.age", b"ciphertext of message %d" % i) for i in range(2)]
        self.label_changes = {}
        self.label_key = self.owner
        self.record_class = "pii"
        self.blobs = {}
        self.drafts = None
        self.change_drafts = lambda drafts: drafts
        self.change_entries = lambda entries: entries
        self.change_members = lambda members: members
        self.change_statement = lambda statement: statement
        self.change_receipt = lambda receipt: receipt
        self.change_record = lambda record: record
        self.sign = lambda payload: dsse.encoded(dsse.IN_TOTO, payload, [self.statement_key])
        self.note_key = self.log_key
        self.claimed_size = None

    def make_policy(self):
        base = policy.policy()
        models = {name: {**base["models"][name], "digest": sha(self.manifests[name])} for name in MODELS}
        return {**base, "models": models, "tasks": {"email-triage": {"digest": sha(GRAPH)}}}

    def label(self, index):
        name, ciphertext = self.messages[index]
        changes = {**self.label_changes, "salt": label.b64(hashlib.sha256(b"salt %d" % index).digest()[:16])}
        return label.encoded([self.label_key], label.statement(ciphertext, label.predicate(ORIGIN, **changes), name))

    def put(self, data):
        self.blobs[sha(data)] = data
        return sha(data)

    def decision(self, action, seconds, model=None, **attributes):
        request = {"action": action, "at": clock.at(seconds), "class": self.record_class, "model": model, "purpose": "customer-support", "requester": "desk-4",
                   "task": sha(GRAPH), **attributes}
        request = {k: v for k, v in request.items() if v is not None}
        outcome, kind, rules = policy.decide(self.policy, request)
        return {"kind": kind, "outcome": outcome, "request": request, "rules": rules}

    def measurement(self, model):
        image = json.loads(self.manifests[model])["image"]["digest"]
        return jcs.encode({
            "argv": ["/usr/bin/" + model], "channel": False, "enforcement": "cgroup2", "environment": [], "filter": policy.digest("filter"), "image": image,
            "landlock": 3, "launcher": policy.digest("launcher"), "limits": {"memoryBytes": 268435456, "pids": 16},
            "mounts": [{"noexec": False, "readOnly": True, "source": image + "/", "target": "/"}], "namespaces": ["ipc", "mount", "net", "pid", "user", "uts"],
            "profile": {"digest": policy.digest("profile"), "name": "oneshot"}, "root": "image", "tier": "process", "uid": "own", "v": 1, "workingDirectory": "/"})

    def given(self, index, attempt, prior, previous, sequence, spent):
        bids = [auction_bid("bogofilter", self, 60, 2, 3), auction_bid("naive-bayes", self, 61, 4, 5)]
        denied = policy.decide(self.policy, {**self.decision("bid", 0, "cloud-oracle")["request"]})
        microtask = f"{index:04d}/spam"
        exclusion = {"digest": sha(self.manifests["cloud-oracle"]), "kind": denied[1], "model": "cloud-oracle", "rules": denied[2]}
        return {
            "attempt": attempt, "bids": sorted(bids, key=lambda each: each["digest"]), "budgetRemaining": 50_000 - spent, "exclusions": [exclusion],
            # docs/auction.md: the margin is a quarter of the weight of quality.
            "exploration": {"floor": self.policy["auction"]["explorationFloor"], "margin": self.policy["auction"]["weights"]["quality"] // 4},
            "features": {"class": self.record_class, "language": "und", "lengthStep": 0, "purpose": "customer-support", "schema": sha(jcs.encode(SCHEMA)), "type": "spam"},
            "job": JOB, "jobDigest": self.job_digest, "late": [], "microtask": microtask, "minBids": 1,
            "policy": {"digest": sha(jcs.encode(self.policy)), "sequence": 1}, "previous": previous, "prior": prior, "round": 1, "sequence": sequence,
            "seed": auction.seed(self.job_digest, 1, microtask),
            "weights": {**self.policy["auction"]["weights"], "reserve": 0, "risk": 0},
        }

    @property
    def job_digest(self):
        return sha(jcs.encode({"file": sha(TEXT.encode()), "inputs": [sha(data) for _, data in self.messages], "policy": 1}))

    def make_drafts(self):
        """(type, job?, data) in order; the second message's first executor crashes, and the runner-up takes over."""
        pii = True
        first = [
            ("room.created", False, {"logKey": self.log_key.text, "name": "clinic", "origin": ORIGIN, "recipient": self.recipient, "statementKey": self.statement_key.text}),
            ("room.opened", False, {"executable": policy.digest("executable"), "version": "0.1.0"}),
        ]
        self.envelope = policy.envelope(self.policy, self.policy_signers)
        first.append(("policy.accepted", False, {"digest": sha(jcs.encode(self.policy)), "envelope": sha(self.envelope), "sequence": 1,
                                                  "signers": sorted(policy.signer(name).id for name in self.policy_signers)}))
        for name in MODELS:
            image = json.loads(self.manifests[name])["image"]["digest"]
            first.append(("model.registered", False, {"digest": sha(self.manifests[name]), "image": image, "name": name, "version": "1.0.0"}))
        items = [{"bytes": len(data), "class": self.record_class, "digest": sha(data), "index": i, "label": sha(self.label(i)), "name": name, "owner": "clinic-desk",
                  "serial": 1} for i, (name, data) in enumerate(self.messages)]
        inputs = jcs.encode(self.change_record({"items": items, "kind": "inputs", "v": 1}))
        budget = {"cost": 50_000, "wall": "30000000000"}
        job = [
            ("job.accepted", pii, {
                "budget": budget, "digest": self.job_digest, "file": self.put(FILE),
                "inputs": {"count": len(items), "record": self.put(inputs)}, "purpose": "customer-support", "recipient": self.policy["requesters"]["desk-4"]["recipient"],
                "requester": "desk-4", "task": {"digest": sha(GRAPH), "name": "email-triage"}}),
            ("job.decomposed", pii, {"graph": self.put(GRAPH), "microtasks": len(items)}),
        ]
        previous, sequence, jails, spent = auction.NOTHING, 0, 0, 0
        receipt_items, answers = [], []
        for index, (_, data) in enumerate(self.messages):
            microtask, digest, prior = f"{index:04d}/spam", sha(data), []
            for attempt in (1, 2) if index == 1 else (1,):
                second = len(first) + len(job)
                made = auction.record(self.given(index, attempt, prior, previous, sequence, spent))
                raw = jcs.encode(made)
                previous, sequence, jails = self.put(raw), sequence + 1, jails + 1
                winner, jail = made["award"]["winner"], f"jail-{jails:06d}"
                crash = index == 1 and attempt == 1
                cost = 40 * attempt
                spent += cost
                credits = auction.credits(made, "failed" if crash else "valid", cost, 5)
                prior = prior + [{"code": "crashed", "cost": cost, "digest": sha(self.manifests[winner]), "model": winner}]
                job.append(("auction.held", pii, {"at": clock.at(second), "attempt": 1, "bidders": 2, "excluded": 1, "input": digest, "microtask": microtask,
                                                  "record": previous, "winner": winner}))
                if attempt == 1:
                    job.append(("key.released", pii, {"attempt": 1, "decision": self.decision("key-release", second, winner), "input": digest, "microtask": microtask}))
                again = {"keyDecision": self.decision("key-release", second, winner)} if attempt > 1 else {}
                job += [
                    ("jail.started", pii, {"digest": sha(self.manifests[winner]), "jail": jail, "measurement": sha(self.measurement(winner)), "model": winner, "role": "executor"}),
                    ("input.delivered", pii, {"attempt": 1, "decision": self.decision("run", second, winner), "input": digest, "jail": jail, "microtask": microtask,
                                              "model": winner, **again}),
                    ("jail.ended", pii, {"bytesIn": 4096, "bytesOut": 4096, "cause": "signal" if crash else "exited", "cpuNs": "3000000", "jail": jail, "limits": "cgroup2",
                                         "peakBytes": 1048576, "wallNs": "5000000", **({"signal": 11} if crash else {"exit": 0})}),
                ]
                if not crash:
                    job.append(("output.validated", pii, {"input": digest, "jail": jail, "microtask": microtask, "model": winner, "schema": sha(jcs.encode(SCHEMA)), "verdict": "valid"}))
                job.append(("auction.settled", pii, {"attempt": 1, "cost": cost, "cpuNs": "3000000", "credits": credits, "input": digest, "latencyNs": "5000000",
                                                     "microtask": microtask, "model": winner, "outcome": "crashed" if crash else "valid", "record": previous}))
            answer = sha(b"sealed answer %d" % index)
            checks = {"output.bytes": 33, "output.check": "pass"}
            second = len(first) + len(job)
            job.append(("output.released", pii, {
                "bytes": 265, "ciphertext": answer, "decisions": [self.decision("release", second, winner, **checks)], "input": digest,
                "microtasks": [{"id": "spam", "model": winner, "state": "answered"}], "review": False}))
            receipt_items.append({"cost": 120 if index == 1 else 40, "input": digest, "latencyNs": "5000000", "microtask": microtask, "model": winner,
                                  "state": "answered", "weights": sha(self.manifests[winner])})
            answers.append({"attempts": 1, "input": digest, "response": answer, "state": "released"})
        total = sum(each["cost"] for each in receipt_items)
        receipt = {
            "answers": answers, "assurance": "process", "budget": budget, "class": self.record_class, "cost": total, "currency": "EUR",
            "deletion": {"doesNotProve": "that root on the host kept no copy", "jailsEnded": jails,
                         "plaintexts": "held in sealed memory of the supervisor and its jails only, and unmapped"},
            "digest": self.job_digest, "items": receipt_items, "job": JOB, "kind": "receipt", "policy": 1, "purpose": "customer-support", "requester": "desk-4",
            "state": "released", "v": 1, "wallNs": "30000000",
        }
        self.receipt = jcs.encode(self.change_receipt(receipt))
        job.append(("job.ended", pii, {"cost": total, "denied": 0, "failed": 0, "receipt": sha(self.receipt), "released": len(items), "review": 0, "state": "released", "wallNs": "30000000"}))
        return first + job

    def make_entries(self, drafts):
        entries, previous = [], NEXT
        for seq, (kind, of_job, data) in enumerate(drafts):
            entry = {"actor": {"id": "room", "role": "supervisor"}, "boot": BOOT, "data": data, "mono": str(10**9 + seq * 10**6), "policy": 1 if seq > 1 else 0,
                     "prev": previous, "seq": seq, "type": kind, "v": 1, "wall": clock.at(seq)}
            if of_job:
                entry |= {"job": JOB, "label": {"class": self.record_class, "owners": ["clinic-desk"]}}
            raw = jcs.encode(entry)
            entries.append(raw)
            previous = hashlib.sha256(raw).hexdigest()
        return entries

    def build_members(self):
        self.drafts = self.change_drafts(self.make_drafts())
        entries = self.change_entries(self.make_entries(self.drafts))
        leaves = [log.leaf(each) for each in entries]
        note = log.checkpoint(ORIGIN, self.note_key, leaves)
        if self.claimed_size is not None:
            text = log.body(ORIGIN, self.claimed_size, log.root(leaves))
            note = text + "\n" + log.signature_line(ORIGIN, self.note_key, text)
        members = {"log/" + path: data for path, data in log.tiles(entries).items()}
        members["log/checkpoint"] = note.encode()
        for seq, (kind, _, _) in enumerate(self.drafts):
            if kind in ("job.accepted", "output.released", "job.ended"):
                members[f"log/proofs/{seq}.tlog-proof"] = log.tlog_proof(seq, leaves, note).encode()
        members["policy/000001.json"] = self.envelope
        for index, (_, data) in enumerate(self.messages):
            members[f"labels/{sha(data)[7:]}.label"] = self.label(index)
        for raw in self.manifests.values():
            members[f"models/{sha(raw)[7:]}/manifest.json"] = raw
        for digest, raw in self.blobs.items():
            members[f"records/{digest[7:]}.json"] = raw
        for name in ("bogofilter", "naive-bayes"):
            raw = self.measurement(name)
            members[f"jails/{sha(raw)[7:]}.json"] = raw
        members[f"receipts/{JOB}.json"] = self.receipt
        members["attestation/room.json"] = jcs.encode({
            "assurance": "process", "kind": "room", "name": "clinic", "origin": ORIGIN, "recipient": self.recipient, "statementKey": self.statement_key.text, "v": 1,
            "vkey": log.vkey(ORIGIN, self.log_key)})
        return self.change_members(members), len(entries)

    def build(self):
        members, size = self.build_members()
        members = dict(members)
        subjects = [(name, hashlib.sha256(members[name]).hexdigest()) for name in sorted(members, key=str.encode)]
        predicate = {"assurance": "process", "jobs": [JOB], "policySequences": [1], "range": {"end": size, "start": 0}, "room": ORIGIN}
        payload = jcs.encode(self.change_statement(dsse.statement(subjects, PREDICATE, predicate)))
        members["manifest.dsse"] = self.sign(payload)
        return members

    def archive(self):
        return ustar.archive(self.build())

    def trust(self):
        return {
            "models": [], "owners": [{"id": "clinic-desk", "key": self.owner.text}],
            "policyKeys": [{"id": each["id"], "key": each["key"], "role": each["role"]} for each in self.policy["authority"]["keys"]],
            "rooms": [{"origin": ORIGIN, "statementKeys": [self.statement_key.text], "vkey": log.vkey(ORIGIN, self.log_key)}], "timestampRoots": [],
        }


def auction_bid(name, story, confidence, cost, latency):
    return {"confidence": confidence, "costStep": cost, "digest": sha(story.manifests[name]), "latencyStep": latency, "model": name}
