"""Checks objects against schema.json (made by extract_schema.py), or a custom resource against its definition's own schema."""
import json
import os
import re

from kinds import api_version

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.json")) as file:
    TYPES = json.load(file)
TYPES["Quantity"]["pattern"] = r"^[+-]?[0-9]*\.?[0-9]+([eE][0-9]+|[EPTGMk]i?|[mun]|Ki)?$"
JSON_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}
GO_TYPES = {str: "string", int: "number", float: "number", bool: "bool", dict: "object", list: "array"}


def resolve(node):
    """The node itself, behind its reference; what the reference's place says (merge keys) goes before the type."""
    while "$ref" in node:
        node = {**TYPES[node["$ref"]], **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def root(kind):
    """The schema of a kind's objects; for custom resources with the ordinary metadata."""
    if not kind.get("custom"):
        return TYPES[f"{kind['group']}/{kind['version']}/{kind['kind']}"]
    own = kind["schema"]
    properties = {**own.get("properties", {}), "metadata": {"$ref": "ObjectMeta"}, "apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return {**{key.replace("x-kubernetes-", "x-"): value for key, value in own.items()}, "properties": properties}


def child(node, name):
    """The schema of a member; an empty one where nothing is known."""
    node = resolve(node)
    if name in node.get("properties", {}):
        return node["properties"][name]
    more = node.get("additionalProperties")
    return more if isinstance(more, dict) else {}


def check(kind, value):
    """(unknown fields, wrong types as Go's decoder names them, (field, message) pairs of what is missing or not offered)."""
    unknown, wrong, bad = [], [], []

    def walk(node, value, path):
        node = resolve(node)
        if value is None:
            return
        wanted = node.get("type")
        if wanted:
            types = wanted if isinstance(wanted, list) else [wanted]
            fits = any(isinstance(value, JSON_TYPES[one]) and (one == "boolean" or not isinstance(value, bool)) for one in types)
            if not fits:
                wrong.append(f"json: cannot unmarshal {GO_TYPES[type(value)]} into Go struct field {kind['kind']}.{path} of type {types[0]}")
                return
        if "enum" in node and value not in node["enum"]:
            bad.append((path, f'Unsupported value: "{value}": supported values: ' + ", ".join(f'"{one}"' for one in node["enum"])))
        if isinstance(value, str) and "pattern" in node and not re.search(node["pattern"], value):
            bad.append((path, f'Invalid value: "{value}": must match {node["pattern"]}'))
        if isinstance(value, list):
            for index, item in enumerate(value):
                walk(node.get("items", {}), item, f"{path}[{index}]")
        if isinstance(value, dict):
            for name in node.get("required", []):
                if value.get(name) is None:
                    bad.append((f"{path}.{name}".lstrip("."), "Required value"))
            open_ended = ("properties" not in node or "additionalProperties" in node and node["additionalProperties"] is not False
                          or node.get("x-preserve-unknown-fields") or node.get("x-kubernetes-preserve-unknown-fields"))
            for name, item in value.items():
                where = f"{path}.{name}".lstrip(".")
                if name in node.get("properties", {}) or open_ended:
                    walk(child(node, name), item, where)
                else:
                    unknown.append(where)

    if value.get("apiVersion", api_version(kind)) == api_version(kind) and value.get("kind", kind["kind"]) == kind["kind"]:
        walk(root(kind), value, "")
    return unknown, wrong, bad


def without(value, path):
    """Removes one unknown field, as an API server that only warns does."""
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    for part in parts[:-1]:
        value = value[int(part[1:-1])] if part.startswith("[") else value.get(part, {})
    value.pop(parts[-1], None)
