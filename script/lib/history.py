"""Makes a ledger of a long history out of one real run: seeded, with chains as docs/concepts.md describes them."""

import hashlib
import json
import random
import sqlite3

RUNS, RELEASES, SEED = 100_000, 30_000, 1
ENVIRONMENT = "staging"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SPAN = 600 * 86_400  # seconds; the ids of runs count from 2025 on


def grow(ledger, runs=RUNS, releases=RELEASES):
    """Adds `runs` older copies of the one run in `ledger`, and an environment with `releases` releases; gives the number of events.

    The copies go back over SPAN, one after the other; each is whole, and every third or so released something.
    """
    draw = random.Random(SEED)
    database = sqlite3.connect(ledger, isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -200000")
    [(name, summary)] = database.execute("SELECT name, summary FROM journals").fetchall()
    template = name.removeprefix("run/").encode()
    bodies = [body for (body,) in database.execute("SELECT body FROM entries ORDER BY position")]
    text = b"\n".join([*bodies, summary])
    began = json.loads(summary)["created"] // 1000
    seconds = [later for later in range(60) if b":%d" % (began + later) in text]
    database.execute("BEGIN")
    environment = Chain(database, f"environment/{ENVIRONMENT}")
    # Those that released something: the newest always, so that a small ledger and a large one end alike.
    released = set(draw.sample(range(runs), releases - 1)) if releases > 1 else set()
    events = len(bodies)
    for number in range(runs):
        second = began - SPAN + number * SPAN // runs
        run = identity(second, draw)
        chain = Chain(database, f"run/{run.decode()}")
        copy = text.replace(template, run)
        for later in seconds:
            copy = copy.replace(b":%d" % (began + later), b":%d" % (second + later))
        *copies, last = copy.split(b"\n")
        for body in copies:
            chain.add(body)
        chain.end(last, second * 1000)
        events += len(bodies)
        if number in released:
            release(environment, run.decode(), second * 1000, draw)
    release(environment, template.decode(), began * 1000, draw, isGood=True)
    events += environment.end(None, began * 1000)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    return events


def identity(second, draw):
    """A run's id: its second and twenty random bits, as shipit writes them."""
    seconds, chance = second - 1_735_689_600, draw.getrandbits(20)
    digits = [seconds >> 5 * place & 31 for place in range(5, -1, -1)] + [chance >> 5 * place & 31 for place in range(3, -1, -1)]
    return "".join(ALPHABET[digit] for digit in digits).encode()


def release(environment, run, at, draw, isGood=None):
    """One release of an environment, its verdict, and now and then a hold."""
    isGood = draw.random() < 0.9 if isGood is None else isGood
    digest = hashlib.sha256(run.encode()).hexdigest()
    manifest = "services:\n" + "".join(f"  part{number}: {{image: '${{SHIPIT_IMAGE_APP}}', restart: always}}\n" for number in range(20))
    change = {
        "environment": ENVIRONMENT, "images": {"app": f"localhost:5000/bench/app@sha256:{digest}"},
        "manifest": hashlib.sha256(manifest.encode()).hexdigest(), "policy": "none",
        "target": {"compose": {"_0": {"file": "compose.yaml", "healthyWithin": 60000, "project": "bench"}}}, "values": {},
    }
    record = {"at": at, "by": "bench", "change": change, "id": run, "manifest": manifest, "source": {"commit": digest[:40]}}
    said = [{"released": {"_0": record}}, {"verified" if isGood else "refuted": {"_0": run, "run": run}}]
    if draw.random() < 0.05:
        said += [{"held": {"_0": {"at": at, "by": "bench", "reason": "looked into"}}}, {"unheld": {"by": "bench", "reason": "mended"}}]
    for event in said:
        line = {"at": at, "by": "bench", "event": event, "v": 1}
        environment.add(json.dumps(line, sort_keys=True, separators=(",", ":")).encode())


class Chain:
    """One journal as it grows."""

    def __init__(self, database, name):
        self.database, self.name, self.prefix = database, name, name.encode() + b"\0"
        self.rows, self.position, self.hash = [], 0, bytes(32)

    def add(self, body):
        self.position += 1
        before = self.hash
        self.hash = hashlib.sha256(before + self.prefix + self.position.to_bytes(8, "big") + body).digest()
        self.rows.append((self.name, self.position, body, before, self.hash))

    def end(self, summary, updated):
        """Writes it; gives how many entries it has."""
        self.database.executemany("INSERT INTO entries(journal, position, body, previous, hash) VALUES (?, ?, ?, ?, ?)", self.rows)
        self.database.execute(
            "INSERT INTO journals(name, position, hash, summary, updated) VALUES (?, ?, ?, ?, ?)",
            (self.name, self.position, self.hash, summary, updated))
        return self.position
