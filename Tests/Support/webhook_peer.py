#!/usr/bin/env python3
"""A receiver of webhooks that behaves well or badly on request.

Prints its port and the file in which it keeps what came, a line of JSON for each POST: path, headers, body, and whether its signature is
right. Ends with its standard input.

webhook_peer.py KEY: the key of Standard Webhooks that every POST's signature is compared with, by Python's own hmac.

  POST /good/…       200
  POST /flaky/…      500 twice for each address, then 200
  POST /busy/…       429 once for each address and a wait of 7 s asked for, then 200
  POST /refuse/…     400
  POST /elsewhere/…  302 to /good/elsewhere of another name of this host
  POST /hang/…       no answer
"""
import base64
import collections
import hashlib
import hmac
import json
import os
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

received = tempfile.NamedTemporaryFile("w", prefix="webhooks-")
lock = threading.Lock()
times = collections.Counter()


def is_signed(headers, body):
    if "webhook-signature" not in headers:
        return False
    signed = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.'.encode() + body
    key = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
    code = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], "v1," + code)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        post = {"path": self.path, "headers": headers, "body": body.decode(), "isSigned": is_signed(headers, body)}
        with lock:
            times[self.path] += 1
            received.write(json.dumps(post) + "\n")
            received.flush()
        sort = self.path.split("/")[1]
        if sort == "hang":
            threading.Event().wait()
        elif sort == "flaky" and times[self.path] <= 2:
            self.reply(500)
        elif sort == "busy" and times[self.path] == 1:
            self.reply(429, headers=[("Retry-After", "7")])
        elif sort == "refuse":
            self.reply(400, b"invalid\n\x1b[31mpayload")
        elif sort == "elsewhere":
            self.reply(302, headers=[("Location", f"http://localhost:{self.server.server_port}/good/elsewhere")])
        else:
            self.reply(200, b"ok")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"port={server.server_address[1]}", f"received={received.name}", "ready", sep="\n", flush=True)
sys.stdin.read()
received.close()
os._exit(0)
