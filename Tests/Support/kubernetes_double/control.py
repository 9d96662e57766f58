"""The endpoint of the tests: plain HTTP on a port of its own, so that it works whatever fault is on."""
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit


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
            elif (self.command, path) == ("DELETE", "/double/history"):
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
