"""bench.py start|dag|memory|plan|ledger|cancel|history|helm|services ...: the measurements of script/bench.

script/bench puts shipit and its peers on PATH, and says what each measurement means.
"""

import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from history import ENVIRONMENT, grow
from rollouts import Shop
from services import Stand, measured

# A world of its own: no configuration of the user's is read, and nothing outside the scratch folder is written.
QUIET = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1"}
STAGES, WIDTH = 1000, 10
PROJECT = """\
name: bench
registry: localhost:5000/bench
services: {app: {dockerfile: Dockerfile}}
environments: {staging: {target: {compose: {file: compose.yaml, project: bench}}}}
"""


def run(command, folder, environment=None):
    """Runs a command that must succeed; gives its wall time in milliseconds."""
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**QUIET, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    elapsed = (time.perf_counter() - started) * 1000
    if done.returncode != 0:
        sys.exit(f"'{' '.join(command)}' ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return elapsed


def peak(command, folder, environment=None):
    """Runs it under time(1), whose child begins small as ours here would not; gives its peak memory in MiB."""
    with tempfile.NamedTemporaryFile() as report:
        run(["/usr/bin/time", "--format", "%M", "--output", report.name, *command], folder, environment)
        return int(report.read()) / 1024


def samples(rounds, **contenders):
    """Lets the contenders take turns; gives the results of each."""
    results = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, contend in contenders.items():
            result = contend()
            if turn > 0:  # the first round fills caches
                results[name].append(result)
    return results


def alternate(rounds, **contenders):
    """Lets the contenders take turns; gives the median of each."""
    return {name: statistics.median(values) for name, values in samples(rounds, **contenders).items()}


def line(name, value, unit, peer, peer_value):
    print(f"{name} {value:.1f} {unit} {peer} {peer_value:.1f} {value / peer_value:.2f}", flush=True)


def project(folder, stages, command="[/bin/true]"):
    """A repository whose one pipeline has these stages: name -> the names it needs, each running `command`."""
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines/project.yml").write_text(PROJECT)
    text = ["stages:"]
    for name, needs in stages.items():
        text.append(f"  {name}: {{run: {command}, needs: [{', '.join(needs)}]}}")
    (folder / "pipelines/release.yml").write_text("\n".join(text) + "\n")
    (folder / ".gitignore").write_text("build.ninja\n.ninja_log\nMakefile\n")
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
    for arguments in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "bench"]):
        subprocess.run(["git", *arguments], cwd=folder, env=QUIET, check=True)


def layers(count):
    """`count` stages in layers of WIDTH; each needs two of the layer before."""
    stages = {}
    for number in range(count):
        layer, column = divmod(number, WIDTH)
        before = sorted({column, (column + 1) % WIDTH}) if layer else []
        stages[f"s{layer}-{column}"] = [f"s{layer - 1}-{other}" for other in before]
    return stages


def peers(folder, stages):
    """The same graph for ninja and make."""
    ninja = ["rule true", "  command = /bin/true"]
    make = [".PHONY: all " + " ".join(stages), "all: " + " ".join(stages)]
    for name, needs in stages.items():
        ninja.append(f"build {name}: true {' '.join(needs)}")
        make.append(f"{name}: {' '.join(needs)}\n\t@/bin/true")
    (folder / "build.ninja").write_text("\n".join(ninja) + "\n")
    (folder / "Makefile").write_text("\n".join(make) + "\n")


def start(scratch):
    folder = scratch / "start"
    project(folder, layers(10))
    run(["shipit", "run", "release"], folder)
    commands = {
        "version": ["shipit", "--version"],
        "status": ["shipit", "status"],
        "git": ["git", "--version"],
        "helm": ["helm", "version"],
    }
    medians = alternate(40, **{name: lambda command=command: run(command, folder) for name, command in commands.items()})
    for name in ("version", "status"):
        for peer in ("git", "helm"):
            line(f"start-{name}", medians[name], "ms", peer, medians[peer])


def dag(scratch, count=STAGES, rounds=(9, 3), suffix=""):
    folder = scratch / f"dag-{count}"
    stages = layers(count)
    project(folder, stages)
    peers(folder, stages)
    ledgers = []

    def contenders(how):
        def shipit():
            # A ledger of its own for each run, on the disk where a user's would be.
            ledgers.append(folder / ".shipit" / f"{len(ledgers)}.db")
            return how(["shipit", "run", "release", "--jobs", "8"], folder, {"SHIPIT_STATE": str(ledgers[-1])})

        return {
            "shipit": shipit,
            "ninja": lambda: how(["ninja", "-j8"], folder),
            "make": lambda: how(["make", "-j8", "all"], folder),
        }

    for name, unit, how, turns in (("wall", "ms", run, rounds[0]), ("peak", "MiB", peak, rounds[1])):
        medians = alternate(turns, **contenders(how))
        for peer in ("ninja", "make"):
            line(f"dag-{name}{suffix}", medians["shipit"], unit, f"{peer}-j8", medians[peer])
    for ledger in ledgers:
        verify(ledger, count)


def memory(scratch):
    dag(scratch, 10 * STAGES, (1, 1), f"-{10 * STAGES}")


def verify(ledger, stages):
    """Walks every journal as docs/concepts.md describes the chain, and counts what one run must have left."""
    database = sqlite3.connect(ledger)
    counts = {"started": 0, "succeeded": 0}
    for name, position, head in database.execute("SELECT name, position, hash FROM journals").fetchall():
        previous, last = bytes(32), 0
        rows = database.execute(
            "SELECT position, body, previous, hash FROM entries WHERE journal = ? ORDER BY position", (name,))
        for place, body, before, stored in rows:
            assert place == last + 1 and before == previous, f"{name} is broken at {place}"
            previous = hashlib.sha256(previous + name.encode() + b"\0" + place.to_bytes(8, "big") + body).digest()
            assert stored == previous, f"{name} was changed at {place}"
            last = place
            kind = next(iter(json.loads(body)["event"]))
            if kind in counts:
                counts[kind] += 1
        assert (last, previous) == (position, head), f"{name} does not end where its head says"
    assert counts == {"started": stages, "succeeded": stages}, f"{ledger}: {counts}"


def plan(scratch):
    for count in (100, 1000, 10000):
        folder = scratch / f"plan-{count}"
        stages = layers(count)
        project(folder, stages)
        peers(folder, stages)
        medians = alternate(
            7, shipit=lambda: run(["shipit", "plan", "--json"], folder), ninja=lambda: run(["ninja", "-n"], folder))
        line(f"plan-{count}", medians["shipit"], "ms", "ninja-n", medians["ninja"])


# How many events one measurement appends, by the number of writers.
EVENTS = {1: 200, 20: 2000}
# The length of an event's body, as LedgerBench has it.
BODY = 300
# How many follow one run.
FOLLOWERS = 1000


def together(commands):
    """Starts programs that say `ready`, lets all of them go at once; gives the seconds until the last one said `done`."""
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=QUIET, text=True) for command in commands]

    def expect(word):
        for process in started:
            if process.stdout.readline() != f"{word}\n":
                sys.exit(f"'{' '.join(process.args)}' never said '{word}'")

    expect("ready")
    begun = time.perf_counter()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    expect("done")
    elapsed = time.perf_counter() - begun
    for process in started:
        process.communicate()
    return elapsed


def ledger(scratch):
    """Durable events a second: one entry by one append on our side, one row of the same body by one INSERT on the peers'."""
    numbers = itertools.count()

    def shipit(where, processes, tasks, *options):
        def rate():
            count = EVENTS[processes * tasks]
            each = ["--writers", str(tasks), "--events", str(count // processes // tasks), *options]
            return count / together([["ledger-bench", str(where), f"n{next(numbers)}", *each] for _ in range(processes)])

        return rate

    def sqlite(writers):
        program = [sys.executable, str(Path(__file__).with_name("plain.py")), str(scratch / "plain.db")]

        def rate():
            return EVENTS[writers] / together([[*program, str(EVENTS[writers] // writers), str(BODY)]] * writers)

        return rate

    def pgbench(writers):
        script = scratch / "insert.sql"
        script.write_text(f"INSERT INTO plain(body) VALUES ('{'x' * BODY}');\n")

        def rate():
            done = subprocess.run(
                ["pgbench", "--no-vacuum", "--file", str(script), "--client", str(writers), "--jobs", str(min(writers, 2)),
                 "--transactions", str(EVENTS[writers] // writers), url],
                env=QUIET, check=True, capture_output=True, text=True)
            return float(re.search(r"tps = ([0-9.]+) \(without initial connection time\)", done.stdout)[1])

        return rate

    url = os.environ["SHIPIT_BENCH_POSTGRES"]
    run(["psql", "--quiet", "--command", "CREATE TABLE plain(id bigserial PRIMARY KEY, body bytea NOT NULL)", url], scratch)
    # SQLite's log grows to its full size once, as the peer's does.
    shipit(scratch / "ledger.db", 1, 20)()
    for store, where, peer, plain in (("sqlite", scratch / "ledger.db", "sqlite3", sqlite), ("postgres", url, "pgbench", pgbench)):
        for name, processes, tasks in (("1", 1, 1), ("20", 1, 20), ("20-processes", 20, 1)):
            writers = processes * tasks
            medians = alternate(
                5, plain=plain(writers), bare=shipit(where, processes, tasks), leased=shipit(where, processes, tasks, "--lease"))
            for kind, suffix in (("bare", ""), ("leased", "-leased")):
                line(f"ledger-{store}-{name}{suffix}", medians[kind], "events/s", f"{peer}-{writers}", medians["plain"])


def cancel(scratch):
    """Milliseconds from SIGINT, while a command is at work, until the journal says so, beside those until make is gone."""
    folder = scratch / "cancel"
    folder.mkdir()
    (folder / "Makefile").write_text("all:\n\t@sleep 1000\n")
    shipped = folder / "shipped"
    project(shipped, {"wait": []}, "[sleep, '1000']")
    ledgers = (folder / f"{number}.db" for number in itertools.count())

    def interrupt(command, where, environment, isDone):
        process = subprocess.Popen(
            command, cwd=where, env={**QUIET, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        until(lambda: sleeps(process.pid), "sleep never began")
        os.killpg(process.pid, signal.SIGINT)
        began = time.perf_counter()
        until(lambda: isDone(process), "nobody heeded SIGINT")
        elapsed = (time.perf_counter() - began) * 1000
        process.wait()
        return elapsed

    def shipit():
        state = next(ledgers)
        journal = None

        def isWritten(_):
            nonlocal journal
            # Opened by the first look, when the file is there; SQLite shows others a commit once it is on the disk.
            journal = journal or sqlite3.connect(f"file:{state}?mode=ro", uri=True)
            [(count,)] = journal.execute("SELECT count(*) FROM entries WHERE instr(body, '\"interrupted\"') > 0").fetchall()
            return count > 0

        return interrupt(["shipit", "run", "release"], shipped, {"SHIPIT_STATE": str(state)}, isWritten)

    def make():
        return interrupt(["make", "all"], folder, {}, lambda process: process.poll() is not None)

    results = samples(20, shipit=shipit, make=make)
    for name, of in (("median", statistics.median), ("max", max)):
        line(f"cancel-{name}", of(results["shipit"]), "ms", "make-gone", of(results["make"]))


def until(isTrue, otherwise, seconds=60):
    end = time.perf_counter() + seconds
    while not isTrue():
        if time.perf_counter() > end:
            sys.exit(otherwise)
        time.sleep(0.001)


def sleeps(pid):
    """Whether a descendant of the process is a sleep."""
    try:
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
        return any(Path(f"/proc/{child}/comm").read_text() == "sleep\n" or sleeps(child) for child in children)
    except OSError:
        return False  # something ended while we looked


def history(_):
    kept = Path(os.environ["SHIPIT_BENCH_CACHE"])
    folder = kept / "project"
    ledgers = {"long": kept / "long.db", "short": kept / "short.db"}
    states = {name: {"SHIPIT_STATE": str(ledger)} for name, ledger in ledgers.items()}

    def hold(environment):
        return run(["shipit", "hold", ENVIRONMENT, "--reason", "bench"], folder, environment) + run(
            ["shipit", "unhold", ENVIRONMENT, "--reason", "bench"], folder, environment)

    if not (kept / "whole").exists():
        shutil.rmtree(kept, ignore_errors=True)
        project(folder, layers(50))
        run(["shipit", "run", "release"], folder, states["short"])
        shutil.copy(ledgers["short"], ledgers["long"])
        began = time.perf_counter()
        events = grow(ledgers["long"])
        print(f"made {events} events in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        grow(ledgers["short"], runs=0, releases=1)
        # The first to write makes the projection that bulk writing left out.
        for state in states.values():
            hold(state)
        (kept / "whole").touch()
    [(newest,)] = sqlite3.connect(ledgers["short"]).execute("SELECT name FROM journals WHERE name LIKE 'run/%'").fetchall()
    commands = {
        "status": ["status"],
        "runs": ["history"],
        "releases": ["history", ENVIRONMENT],
        "logs": ["logs", newest.removeprefix("run/")],
        "approvals": ["approvals"],
    }
    for name, command in commands.items():
        medians = alternate(
            40, **{size: lambda state=state: run(["shipit", *command], folder, state) for size, state in states.items()})
        line(f"history-{name}", medians["long"], "ms", "one-run", medians["short"])
    medians = alternate(20, **{size: lambda state=state: hold(state) for size, state in states.items()})
    line("history-hold-unhold", medians["long"], "ms", "one-run", medians["short"])


def helm(scratch):
    """What a deploy and a rollback on the double of a cluster take, shipit's own share, and how soon it calls helm."""
    for major in ("helm4", "helm3"):
        folder = scratch / major
        folder.mkdir()
        shop = Shop(folder, Path(os.environ["SHIPIT_E2E_TOOLS"]) / major)
        try:
            deploys, commits, plain = [], [], []
            for _ in range(7):
                commits.append(shop.commit())
                deploys.append(shop.timed("deploy", "production"))
                plain.append(shop.plain(len(commits)))
            # To another than what runs each time, so that there is something to roll out.
            rollbacks = [shop.timed("rollback", "production", "--to", commit) for commit in (commits[:-1] * 2)[:9]]
        finally:
            shop.close()
        peer = statistics.median(plain[1:])
        for name, results in (("deploy", deploys[1:]), ("rollback", rollbacks[1:])):
            for part in ("all", "own", "helm"):
                line(f"{major}-{name}-{part}", statistics.median(result[part] for result in results), "ms", "plain-helm", peer)


def services(_):
    """What web, api and Express answer a second, with what latency and memory; and 1,000 who follow one run."""
    stand = Stand(os.environ["SHIPIT_BENCH_POSTGRES"])
    asked = {
        "file": (stand.web, "/app.css", ()),
        "file-gzip": (stand.web, "/app.css", ("Accept-Encoding: gzip",)),
        "json": (stand.api, "/health", ()),
        "query": (stand.api, "/api/announcements?limit=3", ()),
        "list": (stand.api, "/api/runs?limit=20", ()),
    }
    units = {"requests": "requests/s", "p50": "ms", "p99": "ms", "memory": "MiB"}
    # Where the service has one core, wrk and the database have the other.
    for workers, cores, others in ((1, "0", "1"), (2, "0,1", "0,1")):
        for name, (start, path, headers) in asked.items():
            ours, peer = start(cores), stand.express(cores)
            try:
                if ours.get(path) != peer.get(path):
                    sys.exit(f"{path} is not the same from both")
                results = samples(
                    5, ours=lambda: ours.load(path, others, headers), peer=lambda: peer.load(path, others, headers))
            finally:
                ours.close()
                peer.close()
            for key, unit in units.items():
                mine, its = (statistics.median(result[key] for result in results[side]) for side in ("ours", "peer"))
                line(f"services-{name}-{workers}-{key}", mine, unit, f"express-{workers}", its)
    stand.begin()
    results = {}
    for name, start in (("ours", stand.api), ("peer", stand.express)):
        service = start()
        try:
            results[name] = measured(stand, service, FOLLOWERS, 100)
        finally:
            service.close()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine, its = (result["latencies"][int(len(result["latencies"]) * share)] for result in results.values())
        line(f"services-follow-{FOLLOWERS}-{name}", mine, "ms", "express-1", its)
    each = [(result["after"] - result["before"]) * 1024 / FOLLOWERS for result in results.values()]
    line(f"services-follow-{FOLLOWERS}-memory-each", each[0], "KiB", "express-1", each[1])
    line(f"services-follow-{FOLLOWERS}-memory", results["ours"]["after"], "MiB", "express-1", results["peer"]["after"])
    line(f"services-follow-{FOLLOWERS}-reads-of-100-events", results["ours"]["reads"], "reads", "express-1", results["peer"]["reads"])


with tempfile.TemporaryDirectory(prefix="shipit-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as scratch:
    for benchmark in sys.argv[1:]:
        measurements = {
            "start": start, "dag": dag, "memory": memory, "plan": plan, "ledger": ledger, "cancel": cancel, "history": history,
            "helm": helm, "services": services}
        measurements[benchmark](Path(scratch))
