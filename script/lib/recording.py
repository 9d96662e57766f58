"""recording.py FILE: ships the tests' small shop in a real terminal, a tmux, and writes what its screen showed as an animated SVG.

Each line of the screen is a text that is shown as long as it stood there. Who wants no motion gets the last screen.
"""

import html
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

COLUMNS, ROWS = 98, 27
WIDTH, HEIGHT, MARGIN = 8.4, 18, 14
PAUSE = 0.1  # seconds between two looks at the screen
REST = 4.0  # seconds for which the last screen stays
COLOURS = {"31": "r", "32": "g", "33": "y", "34": "b", "2": "d", "1": "h"}
STYLE = """
svg{background:#0d1117}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.r{fill:#ff7b72}.g{fill:#56d364}.y{fill:#e3b341}.b{fill:#79c0ff}.d{fill:#9198a1}.h{font-weight:700}
"""


def run(*words, folder=None, **variables):
    ended = subprocess.run(words, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(words)} ended with {ended.returncode}: {ended.stderr}{ended.stdout}")
    return ended.stdout


class Shop:
    """A repository like those of the end-to-end tests, with databases and compose projects of its own."""

    def __init__(self, folder):
        self.name = "shop"
        self.folder = pathlib.Path(folder) / "shop"
        server = os.environ["SHIPIT_E2E_POSTGRES"]
        self.databases = [f"recording_{os.getpid()}_{place}" for place in ("staging", "production")]
        for database in self.databases:
            run("psql", server, "--quiet", "--command", f"CREATE DATABASE {database}")
        shutil.copytree("Tests/Fixtures/shop", self.folder)
        port = random.randrange(20_000, 30_000)
        project = self.folder / "pipelines/project.yml"
        text = project.read_text()
        for word, value in [("REGISTRY/shop", f"{os.environ['SHIPIT_E2E_REGISTRY']}/acme/{self.name}"), ("PROJECT", self.name),
                            ("STAGING_PORT", str(port)), ("PRODUCTION_PORT", str(port + 1))]:
            text = text.replace(word, value)
        project.write_text(text)
        address = server.rsplit("/", 1)[0]
        # Nothing of whoever records is shown, and no CI is taken for the terminal.
        self.variables = {
            "SHIPIT_ACTOR": "anna@laptop", "CI": "", "SHIPIT_STATE": f"{self.folder}/.shipit/state.db", "LC_ALL": "C.UTF-8",
            "REGISTRY_USERNAME": os.environ["SHIPIT_E2E_REGISTRY_USER"], "REGISTRY_PASSWORD": os.environ["SHIPIT_E2E_REGISTRY_PASSWORD"],
            "STAGING_DATABASE_URL": f"{address}/{self.databases[0]}", "PRODUCTION_DATABASE_URL": f"{address}/{self.databases[1]}"}
        run("git", "init", "--quiet", "--initial-branch=main", folder=self.folder)
        self.commit("Greet whoever comes")

    def commit(self, subject):
        run("git", "add", "--all", folder=self.folder)
        run("git", "-c", "user.name=Anna Larsen", "-c", "user.email=anna@example.org", "commit", "--quiet", "--message", subject,
            folder=self.folder)

    def change(self, file, text, subject):
        (self.folder / file).write_text(text)
        self.commit(subject)

    def ship(self):
        """A first release, which what is recorded is beside of."""
        answer = subprocess.run(["shipit", "deploy", "production"], cwd=self.folder, env={**os.environ, **self.variables},
                                capture_output=True, text=True, timeout=300, check=False)
        found = re.search(r"\brun ([0-9a-z]{10})\b", answer.stdout)
        if answer.returncode != 3 or not found:
            sys.exit(f"the first release does not wait for approval: {answer.stdout}{answer.stderr}")
        run("shipit", "approve", found[1], "--continue", folder=self.folder, **self.variables)

    def take_down(self):
        for place in ("staging", "production"):
            project = f"{self.name}-{place}"
            ids = run("docker", "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={project}").split()
            if ids:
                run("docker", "rm", "--force", "--volumes", *ids)
            subprocess.run(["docker", "network", "rm", f"{project}_default"], capture_output=True, check=False)
        for database in self.databases:
            run("psql", os.environ["SHIPIT_E2E_POSTGRES"], "--quiet", "--command", f"DROP DATABASE {database} WITH (FORCE)")


class Terminal:
    """A tmux of its own, and the screens that it showed: `(seconds, lines)`, whenever something was different."""

    def __init__(self, shop):
        self.socket = f"{shop.folder}/.git/tmux"
        variables = {**shop.variables, "TERM": "xterm-256color"}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-c", str(shop.folder),
                  "PS1='$ ' exec bash --norc --noprofile", **variables)
        self.screens = []
        self.begun = None
        self.wait(lambda lines: lines and lines[-1] == "$")

    def tmux(self, *words, **variables):
        for name in ("NO_COLOR", "TMUX", "SHIPIT_PROGRESS"):
            os.environ.pop(name, None)
        return run("tmux", "-S", self.socket, *words, **variables)

    def look(self):
        lines = [line.rstrip() for line in self.tmux("capture-pane", "-e", "-p").split("\n")]
        while lines and not plain(lines[-1]):
            lines.pop()
        if self.begun is not None and (not self.screens or self.screens[-1][1] != lines):
            self.screens.append((time.monotonic() - self.begun, lines))
        return [plain(line) for line in lines]

    def wait(self, is_there):
        end = time.monotonic() + 240
        while not is_there(lines := self.look()):
            if time.monotonic() > end:
                sys.exit("what was waited for never came:\n" + "\n".join(lines))
            time.sleep(PAUSE)

    def type(self, line):
        """Types a command as a person does, and waits for its end."""
        self.begun = self.begun or time.monotonic()
        for character in line:
            self.tmux("send-keys", "-l", character)
            self.look()
            time.sleep(0.03)
        time.sleep(0.4)
        self.tmux("send-keys", "Enter")
        self.wait(lambda lines: lines[-1] != f"$ {line}")
        self.wait(lambda lines: lines[-1] == "$")
        time.sleep(1.5)


def plain(line):
    return re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()


def spans(line):
    """The line as SVG: what has a colour in a tspan of its class."""
    parts, classes = [], set()
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            for code in piece[2:-1].split(";"):
                if code in ("", "0", "39"):
                    classes = set()
                elif code in COLOURS:
                    classes.add(COLOURS[code])
        elif piece:
            text = html.escape(piece, quote=False)
            parts.append(f'<tspan class="{" ".join(sorted(classes))}">{text}</tspan>' if classes else text)
    return "".join(parts)


def drawing(screens):
    """The screens as an SVG: each line of each row with the times between which it stood there."""
    length = screens[-1][0] + REST
    times = [at for at, _ in screens] + [length]
    texts, rules, shown = {}, {}, []
    for row in range(ROWS):
        start = 0
        for place in range(1, len(screens) + 1):
            line = screens[start][1][row] if row < len(screens[start][1]) else ""
            following = screens[place][1] if place < len(screens) else None
            if following is not None and (following[row] if row < len(following) else "") == line:
                continue
            if plain(line):
                text = texts.setdefault(line, f"t{len(texts)}")
                rule = rules.setdefault((times[start], times[place]), f"k{len(rules)}")
                is_last = " last" if place == len(screens) else ""
                shown.append(f'<use href="#{text}" y="{round(MARGIN + (row + 0.75) * HEIGHT)}" class="{rule}{is_last}"/>')
            start = place
    width, height = round(COLUMNS * WIDTH + 2 * MARGIN), ROWS * HEIGHT + 2 * MARGIN

    def percent(at):
        return f"{100 * at / length:.3f}".rstrip("0").rstrip(".")

    style = STYLE + "use{visibility:hidden}.last{visibility:visible}@media (prefers-reduced-motion:no-preference){.last{visibility:hidden}"
    for (start, end), name in rules.items():
        first = "" if start == 0 else "0%{visibility:hidden}"
        last = "" if end == length else f"{percent(end)}%{{visibility:hidden}}"
        style += f"@keyframes {name}{{{first}{percent(start)}%{{visibility:visible}}{last}}}.{name}{{animation:{name} {length:.1f}s step-end infinite}}"
    style += "}"
    defined = "".join(
        f'<text id="{name}" x="{MARGIN}" textLength="{len(plain(line)) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs">{spans(line)}</text>'
        for line, name in texts.items())
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
            "<title>A terminal in which a commit is deployed to production, approved, and rolled back</title>"
            f"<style>{style}</style><defs>{defined}</defs>"
            f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>{"".join(shown)}</svg>\n')


def main(file):
    with tempfile.TemporaryDirectory(prefix="shipit-recording-") as folder:
        shop = Shop(folder)
        try:
            shop.ship()
            shop.change("service/web.txt", "Hello, and welcome back\n", "Greet those who come back, too")
            terminal = Terminal(shop)
            try:
                terminal.type("shipit deploy production")
                waiting = next(word for line in reversed(terminal.look()) for word in re.findall(r"shipit approve ([0-9a-z]{10})", line))
                terminal.type(f"shipit approve {waiting} --continue")
                terminal.type("shipit rollback production")
                terminal.type("shipit status production")
            finally:
                terminal.tmux("kill-server")
            pathlib.Path(file).write_text(drawing(terminal.screens), encoding="utf-8")
            print(f"{file}: {len(terminal.screens)} screens, {os.path.getsize(file)} bytes")
        finally:
            shop.take_down()


main(sys.argv[1])
