"""Reads the bodies that helm's and kubectl's typed clients send as protobuf: helm keeps its releases that way. Answers are JSON.

Field numbers are those of Kubernetes' generated.proto files. A message is its fields by number: (name, what is in it), where that is
str, bytes, int, bool, a message, [one of these] for repeated ones, or {"of": one} for a map from strings.
"""
import base64
import datetime

from answers import Refusal

TIME = {"time": True}
OWNER = {1: ("kind", str), 3: ("name", str), 4: ("uid", str), 5: ("apiVersion", str), 6: ("controller", bool), 7: ("blockOwnerDeletion", bool)}
META = {1: ("name", str), 2: ("generateName", str), 3: ("namespace", str), 5: ("uid", str), 6: ("resourceVersion", str),
        7: ("generation", int), 8: ("creationTimestamp", TIME), 9: ("deletionTimestamp", TIME), 11: ("labels", {"of": str}),
        12: ("annotations", {"of": str}), 13: ("ownerReferences", [OWNER]), 14: ("finalizers", [str])}
ATTRIBUTES = {1: ("namespace", str), 2: ("verb", str), 3: ("group", str), 4: ("version", str), 5: ("resource", str),
              6: ("subresource", str), 7: ("name", str)}
MESSAGES = {
    "Secret": {1: ("metadata", META), 2: ("data", {"of": bytes}), 3: ("type", str), 4: ("stringData", {"of": str}), 5: ("immutable", bool)},
    "ConfigMap": {1: ("metadata", META), 2: ("data", {"of": str}), 3: ("binaryData", {"of": bytes}), 4: ("immutable", bool)},
    "Namespace": {1: ("metadata", META)},
    "SelfSubjectAccessReview": {1: ("metadata", META), 2: ("spec", {1: ("resourceAttributes", ATTRIBUTES)})},
    "DeleteOptions": {1: ("gracePeriodSeconds", int), 2: ("preconditions", {1: ("uid", str), 2: ("resourceVersion", str)}),
                      3: ("orphanDependents", bool), 4: ("propagationPolicy", str), 5: ("dryRun", [str])},
}
ENVELOPE = {1: ("type", {1: ("apiVersion", str), 2: ("kind", str)}), 2: ("raw", bytearray)}


def decode(body):
    """The object in a body that begins with Kubernetes' magic bytes."""
    whole = message(ENVELOPE, body[4:])
    kind = whole["type"]["kind"]
    if body[:4] != b"k8s\x00" or kind not in MESSAGES:
        raise Refusal(415, "UnsupportedMediaType", f"the double reads no {kind} as protobuf, only {', '.join(MESSAGES)}")
    return {**whole["type"], **message(MESSAGES[kind], whole.get("raw", b""))}


def varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def message(fields, data):
    result, place = {}, 0
    while place < len(data):
        key, place = varint(data, place)
        if key & 7 == 2:
            size, place = varint(data, place)
            content, place = data[place:place + size], place + size
        else:
            content, place = varint(data, place)
        if key >> 3 not in fields:
            continue
        name, kind = fields[key >> 3]
        if isinstance(kind, list):
            result.setdefault(name, []).append(one(kind[0], content))
        elif isinstance(kind, dict) and "of" in kind:
            entry = message({1: ("key", str), 2: ("value", kind["of"])}, content)
            result.setdefault(name, {})[entry.get("key", "")] = entry.get("value", "")
        elif (value := one(kind, content)) not in ("", None):
            # Go writes empty strings too; in JSON they would be left out.
            result[name] = value
    return result


def one(kind, content):
    if kind is str:
        return content.decode()
    if kind is bytes:
        return base64.b64encode(content).decode()
    if kind is bytearray:
        return content
    if kind is bool:
        return bool(content)
    if kind is int:
        return content - (1 << 64) if content >> 63 else content
    if kind is TIME:
        seconds = message({1: ("seconds", int)}, content).get("seconds")
        return seconds and datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return message(kind, content)
