"""The objects, their resource versions, and the history a watch reads. One lock guards all of it; who writes holds it."""
import copy
import datetime
import threading
import uuid
from collections import deque

from answers import Refusal
from kinds import api_version, named

# How many changes a watch can go back; older ones answer 410 as a compacted etcd does.
HISTORY = 20000


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 1
        self.objects = {}
        self.history = deque(maxlen=HISTORY)
        self.oldest = 0
        self.addresses = 0

    def table(self, kind):
        return self.objects.setdefault((kind["group"], kind["plural"]), {})

    def get(self, kind, namespace, name):
        return self.table(kind).get((namespace or "", name))

    def all(self, kind, namespace=None):
        return [value for (place, _), value in sorted(self.table(kind).items()) if namespace is None or place == namespace]

    def next_address(self):
        self.addresses += 1
        return f"{self.addresses // 250}.{self.addresses % 250 + 1}"

    def note(self, change, kind, value, before):
        self.version += 1
        value["metadata"]["resourceVersion"] = str(self.version)
        if len(self.history) == self.history.maxlen:
            self.oldest = self.history[0][0]
        # Values are never changed in place once stored, so that history may share them.
        self.history.append((self.version, change, (kind["group"], kind["plural"]), value, before))
        self.changed.notify_all()

    def add(self, kind, value):
        """A new object with what a server gives it."""
        meta = value["metadata"]
        value.update(apiVersion=api_version(kind), kind=kind["kind"])
        meta.update(uid=str(uuid.uuid4()), creationTimestamp=now())
        if "spec" in value:
            meta["generation"] = 1
        self.table(kind)[(meta.get("namespace", ""), meta["name"])] = value
        self.note("ADDED", kind, value, None)
        return value

    def put(self, kind, value):
        key = (value["metadata"].get("namespace", ""), value["metadata"]["name"])
        before = self.table(kind)[key]
        if before == value:
            return before
        self.table(kind)[key] = value
        self.note("MODIFIED", kind, value, before)
        return value

    def change(self, kind, value, **members):
        """Puts a copy of the object with other members (status, say), unless they are the same."""
        if all(value.get(name) == item for name, item in members.items()):
            return value
        fresh = {**copy.deepcopy(value), **copy.deepcopy(members)}
        return self.put(kind, fresh)

    def remove(self, kind, value):
        meta = value["metadata"]
        last = self.table(kind).pop((meta.get("namespace", ""), meta["name"]), None)
        if last:
            last = copy.deepcopy(last)
            self.note("DELETED", kind, last, last)

    def since(self, version):
        if version < self.oldest:
            raise expired()
        # Newest first until the version asked for, since a watch asks again after every change.
        found = []
        for entry in reversed(self.history):
            if entry[0] <= version:
                break
            found.append(entry)
        return found[::-1]

    def forget_history(self):
        self.history.clear()
        self.oldest = self.version

    def event(self, about, reason, message, warning=False, source="double"):
        """An event on an object; one that says the same again is counted."""
        kind, meta = named("", "Event"), about["metadata"]
        namespace = meta.get("namespace", "default")
        involved = {"kind": about["kind"], "namespace": namespace, "name": meta["name"], "uid": meta.get("uid", ""),
                    "apiVersion": about["apiVersion"], "resourceVersion": meta.get("resourceVersion", "")}
        for known in self.all(kind, namespace):
            if (known["involvedObject"]["uid"], known["reason"], known["message"]) == (involved["uid"], reason, message):
                return self.change(kind, known, count=known["count"] + 1, lastTimestamp=now())
        value = {"metadata": {"name": f"{meta['name']}.{self.version:016x}", "namespace": namespace}, "involvedObject": involved,
                 "reason": reason, "message": message, "type": "Warning" if warning else "Normal", "count": 1,
                 "firstTimestamp": now(), "lastTimestamp": now(), "eventTime": None, "source": {"component": source},
                 "reportingComponent": source, "reportingInstance": ""}
        return self.add(kind, value)


def expired():
    return Refusal(410, "Expired", "The resourceVersion for the provided watch is too old.")
