#!/usr/bin/env python3
"""An HTTP server that behaves well or badly on request, for the tests of HTTP. Prints its port, ends with its standard input.

http_peer.py [CERTIFICATE KEY]: with both, it speaks TLS.

  /echo            the method, the headers and the body, as JSON
  /status/N        status N
  /repeat          two fields of one name
  /slow            accepts, and answers when somebody has asked for /release
  /release         lets every /slow answer
  /waiting         how many wait in /slow
  /truncated       promises 1000 bytes and sends 10
  /silent          closes without an answer
  /huge/N          N bytes
  /endless         bytes without end and without Content-Length
  /redirect?to=U   302 to U
  /loop            redirects to itself
  /connection      the number of this connection, counted from 1
"""
import itertools
import json
import os
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

released = threading.Event()
waiting = itertools.count(1)
connections = itertools.count(1)
state = {"waiting": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number = next(connections)

    def log_message(self, *arguments):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def respond(self):
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        first, *rest = url.path.strip("/").split("/")
        getattr(self, "answer_" + first)(rest, parse_qs(url.query), sent)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = respond

    def answer_echo(self, rest, query, sent):
        headers = [[name, value] for name, value in self.headers.items()]
        self.reply(200, json.dumps({"method": self.command, "headers": headers, "body": sent.decode()}).encode())

    def answer_status(self, rest, query, sent):
        self.reply(int(rest[0]), b"status")

    def answer_repeat(self, rest, query, sent):
        self.reply(200, b"", [("X-Twice", "one"), ("x-twice", " two "), ("X-Empty", "")])

    def answer_slow(self, rest, query, sent):
        state["waiting"] = next(waiting)
        released.wait()
        self.reply(200, b"slow")

    def answer_release(self, rest, query, sent):
        released.set()
        self.reply(200)

    def answer_waiting(self, rest, query, sent):
        self.reply(200, str(state["waiting"]).encode())

    def answer_truncated(self, rest, query, sent):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"0123456789")

    def answer_silent(self, rest, query, sent):
        self.close_connection = True

    def answer_huge(self, rest, query, sent):
        self.reply(200, b"x" * int(rest[0]))

    def answer_endless(self, rest, query, sent):
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass  # the client has had enough

    def answer_redirect(self, rest, query, sent):
        self.reply(302, b"moved", [("Location", query["to"][0])])

    def answer_loop(self, rest, query, sent):
        self.reply(302, b"", [("Location", "/loop")])

    def answer_connection(self, rest, query, sent):
        self.reply(200, str(self.number).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"port={server.server_address[1]}", "ready", sep="\n", flush=True)
sys.stdin.read()
os._exit(0)
