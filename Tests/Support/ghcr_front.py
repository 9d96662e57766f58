#!/usr/bin/env python3
"""Stands before Debian's docker-registry (with token authentication) and adds what it lacks of GHCR.

ghcr_front.py BACK_PORT KEY CERTIFICATE PORT_FILE: prints `port=N` and `ready`; ends with its standard input. It listens on the port of the
last time, kept in PORT_FILE, if that is free, else on any. User octo, password octo-secret.

  GET /token           signed bearer tokens; anonymous clients get `pull`, and nothing under private/
  GET .../tags/list    pages by ?n= and ?last=, sorted, with a Link header (docker-registry 2.8.2 ignores both)
  POST /_faults        adds faults, a JSON list of objects:
                         path    a regular expression, searched in the path with its query
                         method  optional; any method without it
                         fault   a name in FAULTS, or use status, headers and body
                         after   how many matching requests to let pass first (0)
                         times   how many to spoil (for ever)
                         status, headers, body   replace those of the named fault
  GET /_requests?path=RE   the requests seen with that path, a JSON list of method, path, status, authorization (its scheme), and the
                         seconds since 1970 when each began and ended
"""
import base64
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BACK, KEY, PORT_FILE = int(sys.argv[1]), sys.argv[2], sys.argv[4]
with open(sys.argv[3]) as file:
    CERTIFICATE = "".join(line for line in file.read().splitlines() if "-----" not in line)
USER, PASSWORD = "octo", "octo-secret"


def errors(code, message):
    return json.dumps({"errors": [{"code": code, "message": message}]})


# Texts as the services send them; the rate limit's duration is Go's, inside the message.
FAULTS = {
    "unauthorized": {"status": 401, "body": errors("UNAUTHORIZED", "authentication required")},
    "denied": {"status": 403, "body": errors("DENIED", "permission_denied: write_package")},
    "rate-limited": {"status": 429, "body": errors("TOOMANYREQUESTS", "retry-after: 880.092µs, allowed: 44000/minute")},
    "secondary-limit": {"status": 403, "body": "You have exceeded a secondary rate limit. Please wait a few minutes."},
    "broken": {"status": 500, "body": '{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}'},
    "bad-gateway": {"status": 502, "body": "<html>502 Bad Gateway</html>"},
    "unavailable": {"status": 503, "body": ""},
    # These two spoil the genuine answer.
    "wrong-digest": {},
    "truncated": {},
}


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries = []

    def add(self, entries):
        for entry in entries:
            if "fault" in entry and entry["fault"] not in FAULTS:
                raise ValueError(f"no fault is called {entry['fault']}")
        with self.lock:
            self.entries += entries

    def next(self, method, path):
        """The fault for this request, which uses up one of its times."""
        with self.lock:
            for entry in self.entries:
                if entry.get("method", method) != method or not re.search(entry["path"], path) or entry.get("times") == 0:
                    continue
                if entry.get("after", 0) > 0:
                    entry["after"] -= 1
                    continue
                if "times" in entry:
                    entry["times"] -= 1
                return {**FAULTS.get(entry.get("fault"), {}), **entry}
        return None


faults = Faults()
requests = []


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def granted(scope, user):
    """What `user`, or nobody, may do of what the scope asks."""
    kind, name, actions = scope.split(":", 2)
    wanted = actions.split(",")
    if not user:
        wanted = [action for action in wanted if action == "pull" and not name.startswith("private/")]
    return {"type": kind, "name": name, "actions": wanted}


def token(user, service, scopes):
    """A token as docker-registry checks it: RS256, the certificate in the header."""
    now = int(time.time())
    claims = {
        "iss": "ghcr_front", "sub": user, "aud": service, "exp": now + 300, "nbf": now - 10, "iat": now,
        "jti": uuid.uuid4().hex, "access": [granted(scope, user) for scope in scopes],
    }
    head = {"typ": "JWT", "alg": "RS256", "x5c": [CERTIFICATE]}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
    command = ["openssl", "dgst", "-sha256", "-sign", KEY]
    return f"{signed}.{encoded(subprocess.run(command, input=signed.encode(), capture_output=True, check=True).stdout)}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are sent one after the other: without this the body waits 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def reply(self, status, body=b"", headers=(), length=None):
        if not self.path.startswith("/_"):
            scheme = self.headers.get("Authorization", "").split(" ")[0]
            requests.append({
                "method": self.command, "path": self.path, "status": status, "authorization": scheme, "began": self.began,
                "ended": time.time()})
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def respond(self):
        self.began = time.time()
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        sent = self.read_body()
        if url.path == "/_faults":
            faults.add(json.loads(sent))
            return self.reply(204)
        if url.path == "/_requests":
            seen = [request for request in requests if re.search(query.get("path", [""])[0], request["path"])]
            return self.reply(200, json.dumps(seen).encode())
        fault = faults.next(self.command, self.path)
        if fault and "status" in fault:
            headers = {"Content-Type": "application/json", **fault.get("headers", {})}
            return self.reply(fault["status"], fault.get("body", "").encode(), headers.items())
        if url.path == "/token":
            return self.answer_token(query)
        self.forward(url, query, sent, fault.get("fault") if fault else None)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = respond

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer_token(self, query):
        user = ""
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith("Basic "):
            if base64.b64decode(authorization[6:]).decode() != f"{USER}:{PASSWORD}":
                return self.reply(403, errors("DENIED", "denied").encode(), [("Content-Type", "application/json")])
            user = USER
        scopes = [scope for value in query.get("scope", []) for scope in value.split()]
        answer = {"token": token(user, query.get("service", [""])[0], scopes), "expires_in": 300}
        self.reply(200, json.dumps(answer).encode(), [("Content-Type", "application/json")])

    def forward(self, url, query, sent, fault):
        lists_tags = self.command == "GET" and url.path.endswith("/tags/list")
        # Go clients repeat Accept, and docker-registry reads one line.
        headers = {
            name: ", ".join(self.headers.get_all(name))
            for name in self.headers.keys()
            if name.lower() not in ("connection", "transfer-encoding", "content-length")
        }
        back = http.client.HTTPConnection("127.0.0.1", BACK)
        back.request(self.command, url.path if lists_tags else self.path, sent or None, headers)
        response = back.getresponse()
        body, status, length = response.read(), response.status, response.getheader("Content-Length")
        back.close()
        out = []
        for name, value in response.getheaders():
            if name.lower() in ("content-length", "transfer-encoding", "connection", "date", "server"):
                continue
            if name.lower() == "www-authenticate":
                value = value.replace("http://front.invalid/", f"http://{self.headers['Host']}/")
            if fault == "wrong-digest" and name.lower() == "docker-content-digest":
                value = "sha256:" + "0" * 64
            out.append((name, value))
        if lists_tags and status == 200:
            body, link = self.page(url.path, json.loads(body), query)
            out += link
        if fault == "truncated":
            self.close_connection = True
            return self.reply(status, body[: len(body) // 2], out, length=len(body))
        self.reply(status, body, out, length=length if self.command == "HEAD" else None)

    @staticmethod
    def page(path, listing, query):
        size, last = int(query.get("n", ["100"])[0]), query.get("last", [""])[0]
        tags = [tag for tag in sorted(listing["tags"] or []) if tag > last]
        link = []
        if len(tags) > size:
            link = [("Link", f'<{path}?last={tags[size - 1]}&n={size}>; rel="next"')]
        return json.dumps({"name": listing["name"], "tags": tags[:size]}).encode(), link


def listening():
    """On the port of the last time if it can be had: images are named by it."""
    try:
        with open(PORT_FILE) as file:
            return ThreadingHTTPServer(("127.0.0.1", int(file.read())), Handler)
    except (OSError, ValueError):
        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


server = listening()
with open(PORT_FILE, "w") as file:
    file.write(str(server.server_address[1]))
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"port={server.server_address[1]}", "ready", sep="\n", flush=True)
sys.stdin.read()
os._exit(0)
