"""A shop on the double of a cluster (docs/double.md), for the measurement of what shipit itself takes of a deploy and a rollback."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RELEASE, NAMESPACE = "shop", "bench"
PROJECT = """\
name: shop
registry: {registry}/shipit-bench
credentials: {{username: "${{env:REGISTRY_USERNAME}}", password: "${{env:REGISTRY_PASSWORD}}"}}
services:
  api: {{target: api, port: 3001}}
  web: {{target: web, port: 3000}}
environments:
  production:
    target:
      helm:
        chart: charts/app
        values: [charts/app/environments/production.yaml]
        release: {release}
        namespace: {namespace}
        clusters: [{{context: double, server: "{server}"}}]
"""
PIPELINE = """\
stages:
  build-api: {build: api}
  build-web: {build: web}
  deploy-production: {deploy: production, needs: [build-api, build-web]}
  verify-production: {verify: production}
"""


class Shop:
    """A repository whose pipeline builds both services and deploys them to the double."""

    def __init__(self, folder, tools):
        self.folder = folder / "shop"
        self._count = 0
        self._calls = folder / "calls"
        # The double ends with its standard input.
        self._double = subprocess.Popen(
            [REPOSITORY / "Tests/Support/kubernetes", folder / "cluster"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        facts = dict(line.strip().split("=") for line in iter(self._double.stdout.readline, "ready\n"))
        self._make_timed(folder / "timed", folder / "programs", tools)
        self.environment = {
            "PATH": f"{folder / 'timed'}:{os.environ['PATH']}", "HOME": str(folder), "KUBECONFIG": str(folder / "cluster/kubeconfig"),
            "SHIPIT_BENCH_CALLS": str(self._calls), "SHIPIT_BENCH_PROGRAMS": str(folder / "programs"), "DOCKER_HOST": os.environ["DOCKER_HOST"], "LC_ALL": "C",
            "REGISTRY_USERNAME": os.environ["SHIPIT_E2E_REGISTRY_USER"],
            "REGISTRY_PASSWORD": os.environ["SHIPIT_E2E_REGISTRY_PASSWORD"],
        }
        shutil.copytree(REPOSITORY / "Tests/Fixtures/shop", self.folder)
        shutil.copytree(REPOSITORY / "charts", self.folder / "charts")
        (self.folder / "pipelines/project.yml").write_text(PROJECT.format(
            registry=os.environ["SHIPIT_E2E_REGISTRY"], release=RELEASE, namespace=NAMESPACE,
            server=f"https://127.0.0.1:{facts['port']}"))
        (self.folder / "pipelines/release.yml").write_text(PIPELINE)
        self._do("git", "init", "--quiet")
        for namespace in (NAMESPACE, "plain"):
            self._do("kubectl", "create", "namespace", namespace)
            self._do("kubectl", "create", "secret", "generic", "shipit-database", "--namespace", namespace,
                     "--from-literal=DATABASE_URL=postgres://nowhere", "--from-literal=LEDGER_URL=postgres://nowhere")

    def close(self):
        """Ends the double."""
        self._double.stdin.close()
        self._double.wait()

    def commit(self):
        """Another commit, which changes both services; gives its name."""
        self._count += 1
        for service in ("api", "web"):
            (self.folder / f"service/{service}.txt").write_text(f"{service} {self._count}\n")
        self._do("git", "add", "--all")
        self._do("git", "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "commit", "--quiet", "--message", "bench")
        return self._do("git", "rev-parse", "HEAD").strip()

    def timed(self, *command):
        """Runs shipit; gives the milliseconds it took, of those its own, and those until it first called helm."""
        self._calls.write_text("")
        began = time.time()
        self._do("shipit", *command)
        took = time.time() - began
        begun, spans, helm = {}, [], []
        for kind, process, moment, name in map(str.split, self._calls.read_text().splitlines()):
            if kind == "end":
                spans.append((begun[process], float(moment)))
                continue
            begun[process] = float(moment)
            if name == "helm":
                helm.append(float(moment))
        with urllib.request.urlopen(f"http://{os.environ['SHIPIT_E2E_REGISTRY']}/_requests") as answer:
            asked = [(request["began"], request["ended"]) for request in json.load(answer)]
        spans += [span for span in asked if span[0] >= began]
        # Several may be at work at once.
        others, until = 0.0, 0.0
        for begin, end in sorted(spans):
            others += max(0.0, end - max(begin, until))
            until = max(until, end)
        return {"all": took * 1000, "own": (took - others) * 1000, "helm": (min(helm) - began) * 1000}

    def plain(self, revision):
        """What a script would do with a revision's values, in another namespace; gives the milliseconds."""
        values = self.folder / ".git/values.json"
        values.write_text(
            self._do("helm", "get", "values", RELEASE, "--namespace", NAMESPACE, "--revision", str(revision), "--output", "json"))
        began = time.time()
        self._do("helm", "upgrade", RELEASE, "charts/app", "--install", "--namespace", "plain", "--values", str(values), "--wait")
        self._do("helm", "test", RELEASE, "--namespace", "plain")
        return (time.time() - began) * 1000

    def _make_timed(self, folder, programs, tools):
        folder.mkdir()
        programs.mkdir()
        subprocess.run(["clang", "-O2", "-o", folder / "timed", REPOSITORY / "script/lib/timed.c"], check=True)
        for program in (tools / "helm", tools / "kubectl", Path(shutil.which("docker"))):
            (programs / program.name).symlink_to(program)
            (folder / program.name).hardlink_to(folder / "timed")

    def _do(self, *command):
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"'{' '.join(command)}' ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout
