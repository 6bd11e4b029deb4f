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


PROTOCOLS = {"bogofilter": "oneshot", "cloud-oracle": "jsonrpc", "mail-parser": "oneshot", "naive-bayes": "jsonrpc", "word-vectors": "jsonrpc"}
MODELS = tuple(PROTOCOLS)
SERVICES = {"mail-parser": "parse", "word-vectors": "features"}


def manifest(name, version="1.0.0"):
    image = {"bytes": 4096, "digest": policy.digest("image " + name), "files": 3}
    offers = [SERVICES[name]] if name in SERVICES else [each["type"] for each in MICROTASKS]
    return jcs.encode({"files": [{"digest": policy.digest("weights " + name), "mode": "0644", "path": "model.bin", "size": 12}], "image": image,
                       "manifest": {"licence": "MIT", "name": name, "protocol": PROTOCOLS[name], "tasks": [{"type": each} for each in offers], "version": version}, "v": 1})


def schema(member, type_):
    return {"additionalProperties": False, "properties": {"confidence": {"type": "number"}, member: {"type": type_}}, "required": [member, "confidence"],
            "type": "object"}


# What steps before the microtasks must give: docs/audit-format.md.
ATTACHMENT = {"additionalProperties": False, "properties": {"bytes": {"minimum": 0, "type": "integer"}, "type": {"type": "string"}}, "required": ["type", "bytes"],
              "type": "object"}
STEPS = {
    "parse": {"$id": "urn:atomic:schema:parsed:v1", "additionalProperties": False,
              "properties": {"attachments": {"items": ATTACHMENT, "type": "array"}, "headers": {"type": "object"}, "text": {"type": "string"}},
              "required": ["headers", "text", "attachments"], "type": "object"},
    "features": {"$id": "urn:atomic:schema:features:v1", "additionalProperties": False,
                 "properties": {"vector": {"items": {"maximum": 127, "minimum": -127, "type": "integer"}, "maxItems": 256, "minItems": 256, "type": "array"}},
                 "required": ["vector"], "type": "object"},
}
MICROTASKS = [
    {"id": "spam", "input": "message", "needs": [], "schema": schema("spam", "boolean"), "type": "spam"},
    {"id": "category", "input": "parsed", "needs": ["spam"], "review": {"below": 600_000_000}, "schema": schema("category", "string"), "type": "category",
     "when": [{"anyOf": [False], "microtask": "spam", "path": ["spam"]}]},
    {"id": "reply", "input": "answers", "needs": ["category"], "review": {"always": True}, "schema": schema("reply", "boolean"), "type": "reply",
     "when": [{"anyOf": ["billing", "order"], "microtask": "category", "path": ["category"]}]},
]
SCHEMAS = {**STEPS, **{each["id"]: each["schema"] for each in MICROTASKS}}
TEXT = "apiVersion: atomic/job/v1\ntask: email-triage\n"
FILE = jcs.encode({"kind": "job", "text": TEXT, "v": 1})


class Story:
    """Everything that a bundle is made of. Change a part, then `build`."""

    def __init__(self):
        self.log_key, self.statement_key, self.owner = key("log"), key("room statement"), key("label owner")
        self.recipient = age.Identity("room").recipient
        self.graph = {"featurizer": "word-vectors", "kind": "task-graph", "microtasks": MICROTASKS, "name": "email-triage", "parser": "mail-parser", "v": 1}
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
        models = {name: {**base["models"].get(name, policy.model(name)), "digest": sha(self.manifests[name])} for name in MODELS}
        rules = [*base["rules"], policy.rule("P4", "permit", ["learn"], ["pii"], {"purpose": ["customer-support"]})]
        return {**base, "models": models, "rules": rules, "tasks": {"email-triage": {"digest": self.task}}}

    @property
    def task(self):
        return sha(jcs.encode(self.graph))

    def label(self, index):
        name, ciphertext = self.messages[index]
        changes = {**self.label_changes, "salt": label.b64(hashlib.sha256(b"salt %d" % index).digest()[:16])}
        return label.encoded([self.label_key], label.statement(ciphertext, label.predicate(ORIGIN, **changes), name))

    def put(self, data):
        self.blobs[sha(data)] = data
        return sha(data)

    def decision(self, action, seconds, model=None, **attributes):
        request = {"action": action, "at": clock.at(seconds), "class": self.record_class, "model": model, "purpose": "customer-support", "requester": "desk-4",
                   "task": self.task, **attributes}
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

    def given(self, step, prior, previous, sequence, spent, experience):
        bids = [auction_bid("bogofilter", self, 60, 2, 3), auction_bid("naive-bayes", self, 61, 4, 5)]
        denied = policy.decide(self.policy, {**self.decision("bid", 0, "cloud-oracle")["request"]})
        exclusion = {"digest": sha(self.manifests["cloud-oracle"]), "kind": denied[1], "model": "cloud-oracle", "rules": denied[2]}
        task = next(each for each in MICROTASKS if each["id"] == step[5:])
        return {
            "attempt": len(prior) + 1, "bids": sorted(bids, key=lambda each: each["digest"]), "budgetRemaining": 50_000 - spent, "exclusions": [exclusion],
            # docs/auction.md: the margin is a quarter of the weight of quality. No rule permits to explore.
            "exploration": {"floor": 0, "margin": self.policy["auction"]["weights"]["quality"] // 4},
            "features": {"class": self.record_class, "language": "und", "lengthStep": 0, "purpose": "customer-support", "schema": sha(jcs.encode(task["schema"])),
                         "type": task["type"]},
            "job": JOB, "jobDigest": self.job_digest, "late": [], "microtask": step, "minBids": 1,
            "policy": {"digest": sha(jcs.encode(self.policy)), "sequence": 1}, "previous": previous, "prior": prior, "round": 1, "sequence": sequence,
            "seed": auction.seed(self.job_digest, 1, step),
            "weights": {**self.policy["auction"]["weights"], "reserve": 0, "risk": 0},
            **({"experience": experience} if experience else {}),
        }

    @property
    def job_digest(self):
        return sha(jcs.encode({"file": sha(TEXT.encode()), "inputs": [sha(data) for _, data in self.messages], "policy": 1}))

    def make_drafts(self):
        """(type, job?, data) in order."""
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
        self.work = work = Work(self, len(first))
        work.say("job.accepted", budget=budget, digest=self.job_digest, file=self.put(FILE), inputs={"count": len(items), "record": self.put(inputs)},
                 purpose="customer-support", recipient=self.policy["requesters"]["desk-4"]["recipient"], requester="desk-4",
                 task={"digest": self.task, "name": "email-triage"})
        work.say("job.decomposed", graph=self.put(jcs.encode(self.graph)), microtasks=len(items) * len(MICROTASKS))
        self.first_message(work)
        self.second_message(work)
        work.end_all()
        total = sum(each["cost"] for each in work.items)
        receipt = {
            "answers": work.answers, "assurance": "process", "budget": budget, "class": self.record_class, "cost": total, "currency": "EUR",
            "deletion": {"doesNotProve": "that root on the host kept no copy", "jailsEnded": work.jails,
                         "plaintexts": "held in sealed memory of the supervisor and its jails only, and unmapped"},
            "digest": self.job_digest, "items": work.items, "job": JOB, "kind": "receipt", "policy": 1, "purpose": "customer-support", "requester": "desk-4",
            "state": "released", "v": 1, "wallNs": "30000000",
        }
        self.receipt = jcs.encode(self.change_receipt(receipt))
        work.say("job.ended", cost=total, denied=0, failed=0, receipt=sha(self.receipt), released=len(items), review=1, state="released", wallNs="30000000")
        work.feedback("0001/category", "wrong", "correction", memory=policy.digest("memory 1"))
        return [*first, *work.entries, ("memory.erased", False, {"entries": [policy.digest("memory 1")], "reason": "request"})]

    def first_message(self, work):
        """Spam, so that the other microtasks are skipped; somebody says afterwards that this was right."""
        work.prepare(0)
        work.auction("0000/spam")
        work.run("0000/spam", "valid")
        work.release(0, {"spam": {}, "category": {"state": "skipped"}, "reply": {"state": "skipped"}}, review=False, sidecar=policy.digest("sidecar 0"))
        work.feedback("0000/spam", "right", "label", memory=policy.digest("memory 0"))

    def second_message(self, work):
        """The first model crashes and the runner-up takes over; nobody is sure of the category; a person should look at the reply."""
        work.prepare(1)
        work.auction("0001/spam", experience="right")
        work.run("0001/spam", "crashed")
        work.auction("0001/spam", experience="right")
        work.run("0001/spam", "valid")
        work.auction("0001/category", plan=[policy.digest("memory 0")])
        unsure = work.run("0001/category", "low-confidence")
        work.auction("0001/category", plan=[])
        work.run("0001/category", "schema")
        work.auction("0001/category")
        work.auction("0001/reply")
        work.run("0001/reply", "valid")
        work.release(1, {"spam": {}, "category": {"code": "low-confidence", "model": unsure, "state": "unsure"}, "reply": {}}, review=True)

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
        for name in ("bogofilter", "mail-parser", "naive-bayes", "word-vectors"):
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


class Work:
    """What a job writes down, step by step."""

    def __init__(self, story, start):
        self.story, self.start, self.entries = story, start, []
        self.previous, self.sequence, self.jails, self.spent = auction.NOTHING, 0, 0, 0
        self.awards, self.prior, self.answered, self.calls = {}, {}, {}, {}
        self.held, self.seats, self.keys = {}, {}, {}
        self.right, self.items, self.answers = {}, [], []

    @property
    def now(self):
        return self.start + len(self.entries)

    def say(self, kind, **data):
        self.entries.append((kind, True, {name: value for name, value in data.items() if value is not None}))

    def input(self, step):
        return sha(self.story.messages[int(step[:4])][1])

    def seat(self, model, role):
        if PROTOCOLS[model] != "oneshot" and model in self.seats:
            return self.seats[model]
        self.jails += 1
        jail = f"jail-{self.jails:06d}"
        self.say("jail.started", digest=sha(self.story.manifests[model]), jail=jail, measurement=sha(self.story.measurement(model)), model=model, role=role)
        if PROTOCOLS[model] != "oneshot":
            self.seats[model] = jail
        return jail

    def deliver(self, jail, model, step):
        """Once per jail and input."""
        if (jail, self.input(step)) in self.held:
            return
        self.held[jail, self.input(step)] = True
        again = None if self.keys[self.input(step)] == model else self.story.decision("key-release", self.now, model)
        self.say("input.delivered", attempt=1, decision=self.story.decision("run", self.now, model), input=self.input(step), jail=jail, keyDecision=again, microtask=step,
                 model=model)

    def end(self, jail, crash=False):
        self.seats = {model: each for model, each in self.seats.items() if each != jail}
        self.say("jail.ended", bytesIn=4096, bytesOut=4096, cause="signal" if crash else "exited", cpuNs="3000000", exit=None if crash else 0, jail=jail,
                 limits="cgroup2", peakBytes=1048576, signal=11 if crash else None, wallNs="5000000")

    def end_all(self):
        for jail in sorted(self.seats.values()):
            self.end(jail)

    def validated(self, step, model, jail, verdict, code=None):
        self.say("output.validated", code=code, input=self.input(step), jail=jail, microtask=step, model=model, schema=sha(jcs.encode(SCHEMAS[step[5:]])), verdict=verdict)

    def release_key(self, step, model):
        self.keys[self.input(step)] = model
        self.say("key.released", attempt=1, decision=self.story.decision("key-release", self.now, model), input=self.input(step), microtask=step)

    def prepare(self, index):
        """The parser takes the message apart, in a jail of its own; the featurizer serves the whole job."""
        for step, model, role in ((f"{index:04d}/parse", "mail-parser", "parser"), (f"{index:04d}/features", "word-vectors", "featurizer")):
            if role == "parser":
                self.release_key(step, model)
            jail = self.seat(model, role)
            self.deliver(jail, model, step)
            if role == "parser":
                self.end(jail)
            self.validated(step, model, jail, "valid")

    def auction(self, step, experience=None, plan=None):
        prior = self.prior.setdefault(step, [])
        known = [{"digest": sha(self.story.manifests[model]), "model": model, "right": count, "wrong": 0} for model, count in self.right.items()] if experience else None
        made = auction.record(self.story.given(step, prior, self.previous, self.sequence, self.spent, known))
        self.previous, self.sequence = self.story.put(jcs.encode(made)), self.sequence + 1
        self.awards[step] = (self.previous, made)
        winner = made["award"].get("winner")
        if plan is not None:
            chosen = {"demonstrations": plan, "kind": "plan", "memory": policy.digest("memory"), "model": winner, "reasons": ["nearest-demonstrations"], "v": 1}
            plan = self.story.put(jcs.encode(chosen))
        self.say("auction.held", at=clock.at(self.now), attempt=1, bidders=2, excluded=1, input=self.input(step), microtask=step, plan=plan, record=self.previous, winner=winner)

    def run(self, step, outcome):
        record, made = self.awards[step]
        winner, crash = made["award"]["winner"], outcome == "crashed"
        jail = self.seat(winner, "executor")
        self.deliver(jail, winner, step)
        if PROTOCOLS[winner] == "oneshot" or crash:
            self.end(jail, crash)
        cost = 40 * (len(self.prior[step]) + 1)
        self.spent += cost
        verdict = {"valid": "valid", "low-confidence": "unsure"}.get(outcome, "rejected")
        if not crash:
            self.validated(step, winner, jail, verdict, None if outcome == "valid" else outcome)
        self.say("auction.settled", attempt=1, cost=cost, cpuNs="3000000", credits=auction.credits(made, "valid" if outcome == "valid" else "failed", cost, 5),
                 input=self.input(step), latencyNs="5000000", microtask=step, model=winner, outcome=outcome, record=record)
        self.prior[step].append({"code": outcome, "cost": cost, "digest": sha(self.story.manifests[winner]), "model": winner})
        self.calls[step] = self.calls.get(step, 0) + cost
        if outcome in ("valid", "low-confidence"):
            self.answered[step, winner] = (record, made, cost)
            self.answered.setdefault(step, winner)
        return winner

    def release(self, index, microtasks, review, sidecar=None):
        digest, answer, results = self.input(f"{index:04d}/"), sha(b"sealed answer %d" % index), []
        for id_, found in microtasks.items():
            step = f"{index:04d}/{id_}"
            if "state" not in found:
                found = {"model": next(each["model"] for each in self.prior[step] if each["code"] == "valid"), "state": "answered"}
            results.append({"id": id_, **found})
            model = found.get("model")
            self.items.append({name: value for name, value in {
                "code": found.get("code"), "cost": self.calls.get(step, 0), "input": digest, "latencyNs": "5000000" if step in self.calls else "0", "microtask": step,
                "model": model, "state": found["state"], "weights": model and sha(self.story.manifests[model])}.items() if value is not None})
        models = list(dict.fromkeys(each["model"] for each in results if "model" in each))
        checks = {"output.bytes": 33, "output.check": "pass"}
        self.say("output.released", bytes=265, ciphertext=answer, decisions=[self.story.decision("release", self.now, model, **checks) for model in models], input=digest,
                 learn=self.story.decision("learn", self.now) if sidecar else None, microtasks=results, review=review, sidecar=sidecar)
        self.answers.append({"attempts": 1, "input": digest, "response": answer, "state": "needs-review" if review else "released"})

    def feedback(self, step, outcome, source, memory):
        model = self.answered[step]
        record, made, cost = self.answered[step, model]
        if outcome == "right":
            self.right[model] = self.right.get(model, 0) + 1
        self.say("feedback.added", credits=auction.credits(made, outcome, cost, 5), decision=self.story.decision("learn", self.now), input=self.input(step), memory=memory,
                 microtask=step, model=model, outcome=outcome, record=record, source=source)


def auction_bid(name, story, confidence, cost, latency):
    return {"confidence": confidence, "costStep": cost, "digest": sha(story.manifests[name]), "latencyStep": latency, "model": name}
