"""What the browser is shown: the real api and web in front of a real ledger, in a database of their own."""
import contextlib
import json
import os
import pathlib
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build" / "debug"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Stand:
    """`scenes` are what the storyteller tells first; `reading` is who may read: token or anyone; `tokens` are the roles that get one."""

    def __init__(self, *scenes, reading="anyone", tokens=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shipit-page-"))
        self.api_port, self.web_port = free_port(), free_port()
        self.processes = {}
        self.reading = reading
        self.roles = tokens
        self.tokens = {}
        self.make_database()
        for scene in scenes:
            self.tell(scene)
        for role in tokens:
            self.tokens[role] = self.run("api", "token", "create", "--name", f"test {role}", "--role", role).strip()
        self.start_api()
        self.start("web", API_URL=f"http://127.0.0.1:{self.api_port}", PORT=str(self.web_port))
        self.wait(self.web_port)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.web_port}/"

    def make_database(self):
        server = os.environ["SHIPIT_E2E_POSTGRES"]
        name = f"page_{secrets.token_hex(6)}"
        self.psql(server, "-c", f"CREATE DATABASE {name}")
        self.server, self.name = server, name
        parts = urllib.parse.urlsplit(server)
        self.database = urllib.parse.urlunsplit(parts._replace(path=f"/{name}"))
        for file in sorted((ROOT / "migrations").glob("*.sql")):
            up = file.read_text().split("-- migrate:up")[1].split("-- migrate:down")[0]
            self.psql(self.database, "-c", up)

    def psql(self, url, *arguments):
        # Not in the argument list, where everybody on the machine reads it.
        parts = urllib.parse.urlsplit(url)
        environment = dict(
            os.environ, PGHOST=parts.hostname, PGPORT=str(parts.port or 5432), PGUSER=parts.username or "postgres",
            PGPASSWORD=urllib.parse.unquote(parts.password or ""), PGDATABASE=parts.path.lstrip("/") or "postgres")
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", *arguments], env=environment, check=True,
                       stdout=subprocess.DEVNULL)

    def environment(self, **more):
        mine = dict(os.environ, HOST="127.0.0.1", LOG_LEVEL="error", LEDGER_URL=self.database, API_READ=self.reading, **more)
        mine.pop("DATABASE_URL", None)
        # Where nobody has a token, the service has no database of its own either: it only shows.
        if self.roles:
            mine["DATABASE_URL"] = self.database
        return mine

    def run(self, program, *arguments):
        done = subprocess.run([BUILT / program, *arguments], env=self.environment(), stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def tell(self, scene, run=None):
        self.run("storyteller", self.database, scene, *(["--run", run] if run else []))

    @contextlib.contextmanager
    def talking(self, run, pause):
        """Something happens in a run again and again, of which it shows nothing, after each pause; what is called goes one step on with it."""
        talker = subprocess.Popen([BUILT / "storyteller", self.database, "talk", "--run", run], env=self.environment(),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        steps, is_over = queue.SimpleQueue(), threading.Event()

        def talk():
            while not is_over.wait(pause):
                talker.stdin.write("\n" if steps.empty() else steps.get())
                talker.stdout.readline()

        talker.stdout.readline()
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield lambda: steps.put("step\n")
        finally:
            is_over.set()
            thread.join()
            talker.communicate()

    def start(self, name, **variables):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [BUILT / name], env=self.environment(**variables), stdout=log, stderr=log, cwd=ROOT)

    def start_api(self):
        self.start("api", PORT=str(self.api_port))
        self.wait(self.api_port)

    def stop(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    @staticmethod
    def wait(port):
        end = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def ask(self, path, role=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_port}/api/{path}")
        if role:
            request.add_header("Authorization", f"Bearer {self.tokens[role]}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def grow(self, run, stage, offset, text, role, attempt=1):
        """Adds to what a stage printed, and answers where it ends."""
        while text:
            piece, text = text[:200_000], text[200_000:]
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.api_port}/api/runs/{run}/stages/{stage}/log?attempt={attempt}", method="PATCH",
                data=piece, headers={"Authorization": f"Bearer {self.tokens[role]}", "Upload-Offset": str(offset),
                                     "Content-Type": "application/octet-stream"})
            with urllib.request.urlopen(request, timeout=5) as answer:
                offset = int(answer.headers["Upload-Offset"])
        return offset

    def close(self):
        for name in list(self.processes):
            self.stop(name)
        self.psql(self.server, "-c", f"DROP DATABASE {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder)
