# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Windows of random policies in many zones, decided by Python's zoneinfo and by `atomic policy explain`.

Requests crowd around the edges of windows and the changes of offsets, where mistakes live. `--wrong` forgets summer time, as a control.
"""
import argparse, datetime, json, pathlib, random, subprocess, tempfile, zoneinfo

ZONES = ["Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
         "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Pacific/Apia", "Antarctica/Troll", "UTC", "America/Nuuk", "Africa/Cairo"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UTC = datetime.timezone.utc
KEY = "ed25519:MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def policy(dice, start, end):
    zone = dice.choice(ZONES)
    if dice.random() < 0.7:
        first = dice.randrange(0, 1439)
        last = dice.randrange(first + 1, 1441)
        key, window = "job.hours", f"{clock(first)}-{clock(last)} {zone}"
        inside = lambda local: first <= local.hour * 60 + local.minute < last
    else:
        first = dice.randrange(7)
        last = dice.randrange(first, 7)
        key, window = "job.day", f"{DAYS[first]}-{DAYS[last]} {zone}" if last > first else f"{DAYS[first]} {zone}"
        inside = lambda local: first <= local.weekday() <= last
    text = {
        "apiVersion": "atomic/sovereign/v1", "kind": "SovereignPolicy",
        "metadata": {"id": "times", "sequence": 1, "notBefore": stamp(start), "expires": stamp(end)},
        "authority": {"threshold": 1, "keys": [{"id": "one", "role": "data-owner", "key": KEY}]}, "dataClasses": {"pii": {}},
        "models": {"m": {"digest": "sha256:" + "a" * 64, "deployment": "onprem", "jurisdiction": "DE", "maxClass": "pii", "isolation": "process"}},
        "rules": [{"id": "p", "effect": "permit", "action": "bid", "class": "pii", "when": {key: window}}], "tasks": {}, "requesters": {},
        "auction": {"weights": {"quality": 1, "price": 0, "latency": 0}, "explorationFloor": 0},
    }
    return text, zone, inside


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def changes(zone, start, end):
    """Hours in which the offset of a zone changes."""
    found, at, info = [], start, zoneinfo.ZoneInfo(zone)
    step = datetime.timedelta(hours=6)
    while at < end:
        if at.astimezone(info).utcoffset() != (at + step).astimezone(info).utcoffset():
            found.append(at)
        at += step
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--atomic", required=True)
    parser.add_argument("--policies", type=int, default=60)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true")
    given = parser.parse_args()
    dice, asked, otherwise, summers = random.Random(given.seed), 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        file, lines = pathlib.Path(place, "p.yaml"), pathlib.Path(place, "r.jsonl")
        for number in range(given.policies):
            # Some far beyond the explicit transitions of the database.
            year = dice.choice([2026, 2027, 2028, 2036, 2037, 2038, 2060])
            start = datetime.datetime(year, dice.randrange(1, 13), dice.randrange(1, 29), dice.randrange(24), tzinfo=UTC)
            end = start + datetime.timedelta(days=dice.choice([3, 40, 200, 400, 900]))
            text, zone, inside = policy(dice, start, end)
            # JSON is YAML; what begins with a brace would be an envelope.
            file.write_text("# random\n" + json.dumps(text) + "\n")
            edges, info = changes(zone, start, end), zoneinfo.ZoneInfo(zone)
            times = []
            for _ in range(given.requests):
                if edges and dice.random() < 0.5:
                    at = dice.choice(edges) + datetime.timedelta(seconds=dice.randrange(-7200, 6 * 3600 + 7200))
                else:
                    at = start + datetime.timedelta(seconds=dice.randrange(int((end - start).total_seconds())))
                if start <= at < end:
                    times.append(at)
            summers += bool(edges)
            lines.write_text("".join(json.dumps({"action": "bid", "model": "m", "class": "pii", "purpose": "x", "at": stamp(at)}) + "\n" for at in times))
            answer = subprocess.run([given.atomic, "policy", "explain", file, "--requests", lines, "--json"], capture_output=True, text=True)
            if answer.returncode != 0:
                raise SystemExit(f"{text['rules'][0]}: {answer.stdout}{answer.stderr}")
            decisions = [json.loads(line) for line in answer.stdout.splitlines()]
            assert len(decisions) == len(times)
            first = start.astimezone(info).utcoffset()
            for at, decision in zip(times, decisions):
                local = at.astimezone(datetime.timezone(first)) if given.wrong else at.astimezone(info)
                asked += 1
                if inside(local) != (decision["decision"] == "permit"):
                    otherwise += 1
                    if not given.wrong and otherwise < 5:
                        print(f"{text['rules'][0]['when']} at {stamp(at)} ({local}): {decision}")
    print(f"{asked} requests over {given.policies} policies, {summers} with a change of offset: {otherwise} decided otherwise")
    return 1 if otherwise or asked < 1000 or summers < 5 else 0


if __name__ == "__main__":
    raise SystemExit(main())
