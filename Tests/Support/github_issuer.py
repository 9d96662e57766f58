#!/usr/bin/env python3
"""A double of the issuer whose tokens GitHub Actions workflows have: keys and signatures are openssl's, nothing else is GitHub's.

Prints its address and what a job of it has in ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN; ends with its standard input.

  /.well-known/openid-configuration, /keys   as OpenID Connect Discovery says
  POST /sign        the claims in the body, signed by the newest key
  POST /sign?by=N   the same by the key of this number, of which only those that were published are told
  POST /rotate      a new key signs, and is published
  POST /fail        everything that is asked for keys is answered 500 from now on
  /asked            how often the keys were asked for
  /job?audience=A   who the job is, signed for A, to who brings the job's secret: what a job asks GitHub
  POST /job         the job is from now on what the claims in the body change of what it was
  POST /job?status=N, or ?body=TEXT   the job's question is answered so from now on; N 0 is no answer at all, until the next POST /job
  /job/asked        how often the job has asked
"""
import base64
import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

folder = tempfile.TemporaryDirectory()
keys = []
state = {"asked": 0, "fails": False}
secret = f"job-{secrets.token_hex(16)}"
claims = {"sub": "repo:acme/shop:ref:refs/heads/main", "actor": "octocat", "repository": "acme/shop", "run_id": "77"}
job = {"asked": 0, "status": 200, "body": None, "changed": threading.Event()}


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_key():
    path = f"{folder.name}/{len(keys)}.pem"
    openssl("genrsa", "-out", path, "2048")
    modulus = openssl("rsa", "-in", path, "-noout", "-modulus").decode().strip().removeprefix("Modulus=")
    keys.append((path, text(bytes.fromhex(modulus))))


def sign(claims, number, algorithm="RS256"):
    head = {"alg": algorithm, "typ": "JWT", "kid": f"key-{number}"}
    signed = f"{text(json.dumps(head).encode())}.{text(claims)}"
    if algorithm == "none":
        return signed + "."
    signature = openssl("dgst", "-sha256", "-sign", keys[number][0], data=signed.encode())
    return f"{signed}.{text(signature)}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value):
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def identify(self, query):
        job["asked"] += 1
        if self.headers.get("Authorization") != f"bearer {secret}" or "api-version" not in query:
            return self.reply(401, {})
        status, body, changed = job["status"], job["body"], job["changed"]
        if status == 0:
            changed.wait()
            return self.reply(503, {})
        if status != 200 or body is not None:
            return self.reply(status, body or {})
        now = int(time.time())
        signed = {**claims, "iss": issuer, "aud": query["audience"][0], "nbf": now - 5, "exp": now + 300}
        self.reply(200, {"count": 1, "value": sign(json.dumps(signed).encode(), len(keys) - 1)})

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/job":
            return self.identify(parse_qs(url.query))
        if url.path == "/job/asked":
            return self.reply(200, str(job["asked"]))
        if self.path == "/asked":
            return self.reply(200, str(state["asked"]))
        if state["fails"]:
            return self.reply(500, {})
        if self.path == "/.well-known/openid-configuration":
            return self.reply(200, {"issuer": issuer, "jwks_uri": f"{issuer}/keys"})
        state["asked"] += 1
        published = [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": f"key-{number}", "n": modulus, "e": "AQAB"}
            for number, (_, modulus) in enumerate(keys) if number > 0
        ]
        self.reply(200, {"keys": published})

    def do_POST(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path == "/rotate":
            make_key()
            return self.reply(200, {})
        if url.path == "/fail":
            state["fails"] = True
            return self.reply(200, {})
        if url.path == "/job":
            claims.update(json.loads(body or b"{}"))
            changed = job["changed"]
            job.update(status=int(query.get("status", [200])[0]), body=query.get("body", [None])[0], changed=threading.Event())
            changed.set()
            return self.reply(200, {})
        number = int(query.get("by", [len(keys) - 1])[0])
        self.reply(200, sign(body, number, query.get("algorithm", ["RS256"])[0]))


# The first one is never published.
make_key()
make_key()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
issuer = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"url={issuer}\njob={issuer}/job?api-version=2.0\nsecret={secret}\nready", flush=True)
sys.stdin.read()
