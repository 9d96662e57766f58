"""The faults that tests switch on: some spoil requests, some what the controllers do. docs/double.md has the table.

A fault is a JSON object with `fault` and what narrows it:
  requests   verb, resource, namespace, name, method (exact), path (a regular expression), after (matching requests let pass
             first), times (how many to spoil; for ever without)
  pods       image, pod (regular expressions over the first container's image and "namespace/name")
"""
import re
import threading
import time

from answers import Refusal

WRITES = ("create", "update", "patch", "delete", "deletecollection")
REQUESTS = {"forbidden", "conflict", "too-many-requests", "unavailable", "cut", "hold", "slow-watch", "expired"}
PODS = {"never-ready", "failed-readiness", "image-pull", "crash-loop", "unschedulable", "quota", "ready-after", "exit", "log"}


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries = []
        self.requests = []

    def add(self, entries):
        entries = entries if isinstance(entries, list) else [entries]
        for entry in entries:
            if entry.get("fault") not in REQUESTS | PODS:
                raise ValueError(f"no fault is called {entry.get('fault')}")
        with self.lock:
            self.entries += entries

    def clear(self):
        with self.lock:
            self.entries = []

    def seen(self, request):
        with self.lock:
            self.requests.append(request)

    def for_request(self, asked):
        """The first fault for this request, which uses up one of its times. asked: verb, resource, namespace, name, method, path."""
        with self.lock:
            for entry in self.entries:
                if entry["fault"] not in REQUESTS or entry.get("times") == 0 or not narrowed(entry, asked):
                    continue
                if entry.get("after", 0) > 0:
                    entry["after"] -= 1
                    continue
                if "times" in entry:
                    entry["times"] -= 1
                return dict(entry)
        return None

    def forbids(self, asked):
        """What an access review says; the fault stays as it is."""
        with self.lock:
            return any(entry["fault"] == "forbidden" and entry.get("times") != 0 and narrowed(entry, asked) for entry in self.entries)

    def for_pod(self, name, namespace, pod, image):
        """The newest fault of that name for this pod, or None."""
        with self.lock:
            for entry in reversed(self.entries):
                if (entry["fault"] == name and re.search(entry.get("image", ""), image)
                        and re.search(entry.get("pod", ""), f"{namespace}/{pod}")):
                    return dict(entry)
        return None

    def wait_until_cleared(self, entry):
        """For `hold`: while that fault is there."""
        while True:
            with self.lock:
                if not any(same_fault(known, entry) for known in self.entries):
                    return
            time.sleep(0.1)


def same_fault(one, other):
    ignored = ("times", "after")
    return all(one.get(key) == other.get(key) for key in {*one, *other} if key not in ignored)


def narrowed(entry, asked):
    for key in ("verb", "resource", "namespace", "name", "method"):
        if key in entry and entry[key] != asked[key] and not (key == "verb" and entry[key] == "write" and asked["verb"] in WRITES):
            return False
    if entry["fault"] in ("slow-watch", "expired") and asked["verb"] != "watch":
        return False
    if entry["fault"] == "cut" and "verb" not in entry and "method" not in entry and asked["verb"] not in WRITES:
        return False
    return re.search(entry.get("path", ""), asked["path"]) is not None


def refusal(entry, asked):
    """The answer a request fault gives, or None for those that are no answer."""
    kind = entry["fault"]
    if kind == "forbidden":
        return denied(asked)
    if kind == "conflict":
        return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {asked["resource"]} "{asked["name"]}": the object has been '
                       "modified; please apply your changes to the latest version and try again")
    if kind == "too-many-requests":
        seconds = entry.get("retryAfter", 1)
        return Refusal(429, "TooManyRequests", "The server has received too many requests and has asked us to try again later",
                       {"retryAfterSeconds": seconds}, [("Retry-After", str(seconds))])
    if kind == "unavailable":
        return Refusal(503, "ServiceUnavailable", "the server is currently unable to handle the request")
    if kind == "expired":
        return Refusal(410, "Expired", "The resourceVersion for the provided watch is too old.")
    return None


def denied(asked):
    where = f' in the namespace "{asked["namespace"]}"' if asked["namespace"] else " at the cluster scope"
    name = f' "{asked["name"]}"' if asked["name"] else ""
    shown = asked["resource"] + (f".{asked['group']}" if asked["group"] else "")
    return Refusal(403, "Forbidden", f'{shown}{name} is forbidden: User "double" cannot {asked["verb"]} resource "{asked["resource"]}" '
                   f'in API group "{asked["group"]}"{where}',
                   {"name": asked["name"], "group": asked["group"], "kind": asked["resource"]})
