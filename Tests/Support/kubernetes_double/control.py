"""The endpoint of the tests: plain HTTP on a port of its own, so that it works whatever fault is on.

  POST, GET, DELETE /double/faults     switches faults on (an object or a list, see faults.py), tells them, switches all off
  GET, DELETE /double/requests         what was asked: verb, resource, namespace, name, status, agent; forgets it
  POST /double/releases                fills a release's history, see releases.py: {"namespace", "release", "count"}
  DELETE /double/watches               forgets all changes so far: a watch that goes on from one of them gets 410
"""
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import releases


class Control(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults = store = None

    def log_message(self, *arguments):
        pass

    def respond(self):
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if (self.command, path) == ("POST", "/double/faults"):
                self.faults.add(json.loads(body))
                self.wake()
                self.reply(200, self.faults.entries)
            elif (self.command, path) == ("GET", "/double/faults"):
                self.reply(200, self.faults.entries)
            elif (self.command, path) == ("DELETE", "/double/faults"):
                self.faults.clear()
                self.wake()
                self.reply(200, [])
            elif (self.command, path) == ("GET", "/double/requests"):
                self.reply(200, self.faults.requests)
            elif (self.command, path) == ("DELETE", "/double/requests"):
                self.faults.requests = []
                self.reply(200, [])
            elif (self.command, path) == ("POST", "/double/releases"):
                with self.store.lock:
                    self.reply(200, releases.repeat(self.store, **json.loads(body)))
            elif (self.command, path) == ("DELETE", "/double/watches"):
                # Every watch from an earlier version is now answered with 410.
                with self.store.lock:
                    self.store.forget_history()
                self.reply(200, [])
            else:
                self.reply(404, {"error": f"{self.command} {path} is nothing the double knows"})
        except ValueError as error:
            self.reply(400, {"error": str(error)})

    do_GET = do_POST = do_DELETE = respond

    def wake(self):
        """The controllers look again at what pods do."""
        with self.store.lock:
            self.store.changed.notify_all()

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
