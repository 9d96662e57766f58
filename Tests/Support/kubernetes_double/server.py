"""HTTPS in front of the API: the token, the paths, watches, pod logs, and where request faults strike."""
import json
import select
import ssl
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

import kinds
import protobuf
from answers import Refusal, bad_request
from api import shown_as, stored
from faults import refusal
from kubelet import POD
from store import expired
from tables import table

TOKEN = "double-token"
VERSION = {"major": "1", "minor": "32", "gitVersion": "v1.32.0+double", "gitCommit": "none", "gitTreeState": "clean",
           "buildDate": "2024-12-11T17:59:15Z", "goVersion": "none", "compiler": "python", "platform": "test-double/none"}
READING = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A request and its answer are small, and each waits for the other.
    disable_nagle_algorithm = True
    timeout = None
    api = faults = tls = None

    def setup(self):
        # Here, in the connection's own thread: a client that does not go on with its handshake holds up nobody.
        try:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, OSError):
            self.refused = True
        super().setup()

    def handle(self):
        if not getattr(self, "refused", False):
            try:
                super().handle()
            except OSError:
                pass  # the client went away

    def log_message(self, *arguments):
        pass

    # One request

    def respond(self):
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.warnings, self.slow, self.content = [], 0, "application/json"
        self.asked = asked(self.command, url.path, self.query)
        self.seen = {**self.asked, "query": self.query, "status": None, "agent": self.headers.get("User-Agent", "")}
        self.faults.seen(self.seen)
        try:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refusal(401, "Unauthorized", "Unauthorized")
            fault = self.faults.for_request(self.asked)
            if fault:
                self.strike(fault)
                if fault["fault"] == "cut" and not fault.get("done"):
                    return self.cut()
            answered = self.answer(url.path, body, fault or {})
            if answered is not None:
                self.reply(200, answered)
        except Refusal as refused:
            self.reply(refused.code, refused.status, refused.headers)
        except OSError:
            self.close_connection = True
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.reply(500, Refusal(500, "InternalError", f"the double itself failed: {error!r}").status)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def strike(self, fault):
        if fault["fault"] == "hold":
            self.faults.wait_until_cleared(fault)
        if fault["fault"] == "slow-watch":
            self.slow = fault.get("seconds", 1)
        refused = refusal(fault, self.asked)
        if refused:
            raise refused

    def cut(self):
        """In the middle: the status and a part of the body it promises."""
        self.close_connection = True
        self.seen["status"] = "cut"
        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{"kind":')

    def reply(self, status, value, headers=()):
        self.seen["status"] = status
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(value, bytes) else self.content)
        self.send_header("Content-Length", str(len(body)))
        for name, text in [*headers, *(("Warning", "299 - " + json.dumps(one)) for one in self.warnings)]:
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # What is asked for

    def answer(self, path, body, fault):
        parts = path.strip("/").split("/")
        if path == "/version":
            return VERSION
        if parts[0] in ("healthz", "livez", "readyz"):
            return b"ok"
        if parts[0] == "openapi":
            return self.openapi(parts)
        with self.api.store.lock:
            if path.rstrip("/") in ("/api", "/apis"):
                return self.groups(parts[0] == "api")
            group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2] if len(parts) > 2 else "")
            if parts[0] == "api" and len(parts) == 2 or len(parts) == 3 and parts[0] == "apis":
                found = kinds.resource_list(group, version)
                if found:
                    return found
            kind = kinds.find(group, version, self.asked["resource"])
            if parts[0] not in ("api", "apis") or not kind or self.asked["sub"] and self.asked["sub"] not in kind["sub"]:
                raise Refusal(404, "NotFound", "the server could not find the requested resource")
            if self.asked["verb"] != "watch":
                return self.perform(kind, body, fault)
        return self.watch(kind)

    def groups(self, core):
        if "g=apidiscovery.k8s.io;v=v2;" in self.headers.get("Accept", "").replace(" ", "") + ";":
            self.content = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            return kinds.aggregated(core)
        if core:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        return kinds.group_list()

    def openapi(self, parts):
        if parts[1:2] != ["v3"]:
            # The old document is only asked for by clients that found no v3.
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        if len(parts) == 2:
            return kinds.openapi_index()
        group, version = ("", parts[3]) if parts[2] == "api" else (parts[3], parts[4])
        return kinds.openapi(group, version)

    def perform(self, kind, body, fault):
        api, asked = self.api, self.asked
        namespace, name, sub, agent = asked["namespace"], asked["name"], asked["sub"], self.headers.get("User-Agent", "")
        verb = asked["verb"]
        if verb == "list":
            values, metadata = api.list(kind, namespace if kind["namespaced"] and asked["namespace"] else None, self.query)
            return self.listed(kind, values, metadata)
        if verb == "get":
            if sub == "log":
                return self.log(api.get(kind, namespace, name))
            if sub == "scale":
                return api.scale(kind, namespace, name)
            value = api.get(kind, namespace, name)
            return self.as_table(kind, [value], {}) if self.wants("Table") else value
        value = self.parsed(body)
        if kind["kind"] == "SelfSubjectAccessReview":
            wanted = {"verb": "", "group": "", "resource": "", "namespace": "", "name": "", "method": "", "path": "",
                      **value["spec"].get("resourceAttributes", {})}
            result = {**value, "status": {"allowed": not self.faults.forbids(wanted)}}
        elif verb == "create":
            result, self.warnings = api.create(kind, namespace, value, self.query, agent)
        elif verb == "update" and sub == "scale":
            result = api.set_scale(kind, namespace, name, value, self.query, agent)
        elif verb == "patch" and sub == "scale":
            merged = api.scale(kind, namespace, name)
            merged["spec"].update(value.get("spec", {}))
            result = api.set_scale(kind, namespace, name, merged, self.query, agent)
        elif verb == "update":
            result, self.warnings = api.update(kind, namespace, name, value, self.query, agent, sub)
        elif verb == "patch":
            content = self.headers.get("Content-Type", "").split(";")[0]
            result, self.warnings = api.patch(kind, namespace, name, content, value, self.query, agent, sub)
        elif verb == "delete":
            result = api.delete(kind, namespace, name, {**self.query, **(value or {})})
        else:
            values, metadata = api.list(kind, namespace or None, {key: text for key, text in self.query.items() if key.endswith("Selector")})
            for one in values:
                api.delete(kind, one["metadata"].get("namespace"), one["metadata"]["name"], {**self.query, **(value or {})})
            result = self.listed(kind, values, metadata)
        if fault.get("fault") == "cut":
            self.cut()
            return None
        if verb == "create":
            self.reply(201, result)
            return None
        return result

    def parsed(self, body):
        if not body:
            return None
        if "protobuf" in self.headers.get("Content-Type", ""):
            return protobuf.decode(body)
        try:
            return json.loads(body)
        except ValueError as error:
            raise bad_request(f"the object provided is unrecognized: {error}") from None

    def wants(self, what):
        return f"as={what}" in self.headers.get("Accept", "")

    def listed(self, kind, values, metadata):
        if self.wants("Table"):
            return self.as_table(kind, values, metadata)
        if self.wants("PartialObjectMetadataList"):
            values = [{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": one["metadata"]} for one in values]
            return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": values}
        return {"kind": f"{kind['kind']}List", "apiVersion": kinds.api_version(kind), "metadata": metadata, "items": values}

    def as_table(self, kind, values, metadata, headers=True):
        return table(kind, values, metadata, self.query.get("includeObject") == "Object", headers)

    def log(self, pod):
        container = pod["spec"]["containers"][0]
        known = (pod["status"].get("containerStatuses") or [{"state": {"waiting": {"reason": "Pending"}}}])[0]["state"]
        reason = known.get("waiting", {}).get("reason")
        if reason and reason != "CrashLoopBackOff":
            text = "trying and failing to pull image" if "Pull" in reason else reason
            raise bad_request(f'container "{container["name"]}" in pod "{pod["metadata"]["name"]}" is waiting to start: {text}')
        meta = pod["metadata"]
        for name in ("crash-loop", "exit", "log"):
            fault = self.faults.for_pod(name, meta["namespace"], meta["name"], container["image"])
            if fault and "log" in fault:
                text = fault["log"]
                break
        else:
            text = f"double: {meta['name']} says nothing of its own\n"
        lines = text.splitlines(keepends=True)
        tail = self.query.get("tailLines")
        return "".join(lines[-int(tail):] if tail and int(tail) else lines).encode()

    # Watches

    def watch(self, kind):
        """Sends changes as they come, until the client's time is over or it is gone."""
        store, query = self.api.store, self.query
        fits = self.api.selection(query)
        if self.asked["name"]:
            name, inner = self.asked["name"], fits
            fits = lambda value: value["metadata"]["name"] == name and inner(value)
        key = (stored(kind)["group"], kind["plural"])
        end = time.monotonic() + float(query.get("timeoutSeconds") or 3600)
        bookmarks = query.get("allowWatchBookmarks") == "true"
        initial = query.get("sendInitialEvents") == "true"
        with store.lock:
            wanted = query.get("resourceVersion") or ""
            version = store.version if wanted in ("", "0") or initial else int(wanted)
            first = []
            if initial or wanted in ("", "0"):
                first = [("ADDED", value, None) for value in self.here(kind)]
            if version < store.oldest:
                raise expired()
        self.seen["status"] = 200
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for change in first:
            self.change(kind, change, fits)
        if initial and bookmarks:
            self.bookmark(kind, version, {"k8s.io/initial-events-end": "true"})
        while time.monotonic() < end:
            with store.lock:
                if store.version == version:
                    store.changed.wait(1)
                try:
                    news = store.since(version)
                except Refusal as refused:
                    self.chunk({"type": "ERROR", "object": refused.status})
                    break
                version = max(version, store.version)
            namespace = self.asked["namespace"]
            for _, change, table_key, value, before in news:
                if table_key == key and (not namespace or value["metadata"].get("namespace") == namespace):
                    self.change(kind, (change, shown_as(kind, value), before and shown_as(kind, before)), fits)
            # Nothing comes from a client that still listens.
            if select.select([self.connection], [], [], 0)[0]:
                self.close_connection = True
                return
        if bookmarks:
            self.bookmark(kind, version, {})
        self.wfile.write(b"0\r\n\r\n")

    def here(self, kind):
        return [shown_as(kind, value) for value in self.api.store.all(stored(kind), self.asked["namespace"] or None)]

    def change(self, kind, change, fits):
        """As the selector sees it: what begins to fit is new, what fits no longer is gone."""
        what, value, before = change
        now_fits, did = fits(value), before is not None and fits(before)
        if what == "MODIFIED":
            what = "MODIFIED" if now_fits and did else "ADDED" if now_fits else "DELETED" if did else None
        elif not now_fits:
            what = None
        if what:
            time.sleep(self.slow)
            shown = self.as_table(kind, [value], {}) if self.wants("Table") else value
            self.chunk({"type": what, "object": shown})

    def bookmark(self, kind, version, annotations):
        meta = {"resourceVersion": str(version), "creationTimestamp": None, **({"annotations": annotations} if annotations else {})}
        self.chunk({"type": "BOOKMARK", "object": {"kind": kind["kind"], "apiVersion": kinds.api_version(kind), "metadata": meta}})

    def chunk(self, value):
        line = json.dumps(value).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")


def asked(method, path, query):
    """What a request wants: its verb, resource, group, namespace, name and subresource."""
    parts = path.strip("/").split("/")
    group = parts[1] if parts[0] == "apis" and len(parts) > 1 else ""
    rest = parts[2:] if parts[0] == "api" else parts[3:] if parts[0] == "apis" else []
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    resource, name, sub = (rest + ["", "", ""])[:3]
    verb = READING.get(method, "get")
    if verb == "get" and resource and not name:
        verb = "list"
    if verb in ("get", "list") and query.get("watch") in ("true", "1"):
        verb = "watch"
    if verb == "delete" and not name:
        verb = "deletecollection"
    return {"method": method, "path": path, "verb": verb if resource else "get", "resource": resource, "group": group,
            "namespace": namespace, "name": name, "sub": sub}
