"""web and api beside the same made with Express: what both are asked, how fast they answer, and what they hold meanwhile."""

import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
PUBLIC = REPOSITORY / "Sources/apps/web/Public"
RUN = "live000001"
# Of each pool of api's, and of all of Express' together.
SESSIONS = 4
CONNECTIONS = 64
SECONDS = 3


class Service:
    """A program that serves on a port of its own, on the given cores alone."""

    def __init__(self, command, environment, cores):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(
            ["taskset", "--cpu-list", cores, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**environment, "HOST": "127.0.0.1", "PORT": str(self.port)}, start_new_session=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.get("/health")
                break
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise SystemExit(f"'{' '.join(command)}' does not serve")
                time.sleep(0.05)

    def get(self, path, **headers):
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)) as answer:
            return answer.read()

    def memory(self):
        """What all its processes hold now, in MiB; what they share is counted once."""
        total = 0
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and os.getsid(int(folder.name)) == self._process.pid:
                    total += int(re.search(r"^Pss: *([0-9]+) kB", (folder / "smaps_rollup").read_text(), re.MULTILINE)[1])
            except OSError:
                continue  # It has ended meanwhile.
        return total / 1024

    def load(self, path, cores, headers=()):
        """Requests a second, the latencies of the median and the 99th of 100 in ms, and the most memory meanwhile in MiB."""
        held, isOver = [], threading.Event()

        def look():
            while not isOver.wait(0.25):
                held.append(self.memory())

        looking = threading.Thread(target=look)
        looking.start()
        options = [word for header in headers for word in ("--header", header)]
        try:
            done = subprocess.run(
                ["taskset", "--cpu-list", cores, "wrk", "--threads", "1", "--connections", str(CONNECTIONS),
                 "--duration", f"{SECONDS}s", "--latency", *options, f"http://127.0.0.1:{self.port}{path}"],
                capture_output=True, text=True, check=True)
        finally:
            isOver.set()
            looking.join()
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise SystemExit(f"{path} was not answered: {done.stdout}")
        units = {"us": 0.001, "ms": 1, "s": 1000}
        latencies = {
            share: float(number) * units[unit]
            for share, number, unit in re.findall(r"^ +([0-9]+)% +([0-9.]+)(us|ms|s) *$", done.stdout, re.MULTILINE)}
        return {
            "requests": float(re.search(r"Requests/sec: +([0-9.]+)", done.stdout)[1]), "p50": latencies["50"],
            "p99": latencies["99"], "memory": max(held)}

    def close(self):
        """Ends all its processes."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Stand:
    """A database with a story in it, and who serves from it."""

    def __init__(self, url):
        parts = urlsplit(url)
        self._url = url
        # As libpq and node-pg read it; a password is no argument.
        self.environment = {
            **os.environ, "PGHOST": parts.hostname, "PGPORT": str(parts.port), "PGUSER": parts.username, "PGPASSWORD": parts.password,
            "PGDATABASE": parts.path[1:]}
        for file in sorted((REPOSITORY / "migrations").glob("*.sql")):
            self.query(file.read_text().split("-- migrate:up")[1].split("-- migrate:down")[0])
        for number in range(5):
            self.query(f"INSERT INTO announcements(message) VALUES ('Announcement {number} of the operators')")
        for scene in ("many", "story"):
            subprocess.run(["storyteller", url, scene], check=True, env=self.environment)

    def query(self, sql):
        """What the statement answers, as text."""
        return subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", sql],
            env=self.environment, check=True, capture_output=True, text=True).stdout.strip()

    def api(self, cores="0"):
        return Service(["api"], self._ours(DATABASE_URL=self._url, API_READ="anyone", API_RATE="0"), cores)

    def web(self, cores="0"):
        return Service(["web"], self._ours(WEB_PUBLIC=str(PUBLIC)), cores)

    def express(self, cores="0"):
        workers = len(cores.split(","))
        environment = {**self.environment, "NODE_ENV": "production", "NODE_PATH": os.environ["SHIPIT_BENCH_EXPRESS"]}
        return Service(["node", str(Path(__file__).with_name("express.js")), str(PUBLIC), str(workers), str(SESSIONS)],
                       environment, cores)

    def talk(self):
        """A program that appends an event to the run at each line of its input, and prints its position."""
        return subprocess.Popen(
            ["storyteller", self._url, "talk", "--run", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=self.environment)

    def begin(self):
        """A run that is under way."""
        subprocess.run(["storyteller", self._url, "begin", "--run", RUN], check=True, env=self.environment)

    def _ours(self, **variables):
        # Neither side logs a request.
        return {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning", **variables}


class Followers:
    """Connections that follow the run, and when each of them got which event."""

    def __init__(self, port, count):
        self._poll = select.epoll()
        self._texts = {}
        self._sockets = {}
        self.arrivals = {}
        for _ in range(count):
            follower = socket.create_connection(("127.0.0.1", port))
            follower.sendall(f"GET /api/runs/{RUN}/stream HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
            self._sockets[follower.fileno()] = follower
            self._texts[follower.fileno()] = b""
            self._poll.register(follower, select.EPOLLIN)

    def receive(self, until):
        """Takes what comes until then, by time.perf_counter."""
        while (left := until - time.perf_counter()) > 0:
            for descriptor, _ in self._poll.poll(left, maxevents=len(self._sockets)):
                content = self._sockets[descriptor].recv(1 << 16)
                now = time.perf_counter()
                if not content:
                    raise SystemExit("a follower was left")
                *whole, self._texts[descriptor] = (self._texts[descriptor] + content).split(b"\n")
                for line in whole:
                    if line.startswith(b"id: "):
                        self.arrivals.setdefault(int(line[4:]), []).append(now)

    def close(self):
        for follower in self._sockets.values():
            follower.close()


def measured(stand, service, count, events):
    """Events, one each 100 ms, to so many followers of one run.

    Gives the latencies in ms from asking for the append until arrival, in order; the memory in MiB before and with the followers, and
    after; and how often the run's entries were read meanwhile.
    """
    before = service.memory()
    talker = stand.talk()
    assert talker.stdout.readline() == "ready\n"
    followers = Followers(service.port, count)
    try:
        start = int(stand.query(f"SELECT position FROM shipit.journals WHERE name = '{RUN}'"))
        deadline = time.monotonic() + 60
        while len(followers.arrivals.get(start, [])) < count:
            if time.monotonic() > deadline:
                raise SystemExit("not everybody could follow")
            followers.receive(time.perf_counter() + 0.2)
        stand.query("SELECT pg_stat_statements_reset()")
        asked = []
        for _ in range(events):
            asked.append(time.perf_counter())
            talker.stdin.write("\n")
            talker.stdin.flush()
            followers.receive(asked[-1] + 0.1)
        followers.receive(time.perf_counter() + 2)
        after = service.memory()
        # The writer reads none once it has the run.
        reads = int(stand.query(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"
            " WHERE query LIKE 'SELECT position, body, previous, hash FROM shipit.entries%'"))
    finally:
        followers.close()
        talker.stdin.close()
        talker.wait()
    latencies = []
    for number, moment in enumerate(asked, 1):
        times = followers.arrivals.get(start + number, [])
        if len(times) != count:
            raise SystemExit(f"event {start + number} came to {len(times)} of {count} followers")
        latencies += [(arrival - moment) * 1000 for arrival in times]
    return {"latencies": sorted(latencies), "before": before, "after": after, "reads": reads}
