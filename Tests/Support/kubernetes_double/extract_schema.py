#!/usr/bin/env python3
"""Makes schema.json, the types this double checks objects against, from the JSON schemas of PyPI's kubernetes-validate.

extract_schema.py DEFINITIONS > schema.json, where DEFINITIONS is kubernetes-json-schema/v1.32.0-local/_definitions.json of that package.
Only what the kinds of kinds.json can reach is kept, and of each type what the double reads: the package is 22 MB, and most
of it is descriptions. The schemas are those of Kubernetes (Apache 2.0).
"""
import json
import os
import sys

KEPT = ("type", "format", "enum", "required", "additionalProperties", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
        "x-kubernetes-map-type", "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy",
        "x-kubernetes-preserve-unknown-fields")
here = os.path.dirname(os.path.abspath(__file__))
definitions = json.load(open(sys.argv[1]))["$defs"]
reached = {}


def reduced(node):
    result = {key.replace("x-kubernetes-", "x-"): value for key, value in node.items() if key in KEPT
              and not isinstance(value, dict)}
    if isinstance(result.get("type"), list):
        kinds = [kind for kind in result["type"] if kind != "null"]
        result["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "$ref" in node:
        result["$ref"] = reach(node["$ref"].split("/")[-1])
    if "oneOf" in node:
        result["type"] = [kind for option in node["oneOf"] for kind in option["type"] if kind != "null"]
    if "properties" in node:
        result["properties"] = {name: reduced(child) for name, child in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            result[key] = reduced(node[key])
    return result


def reach(name):
    short = ".".join(name.split(".")[-3:]) if name.startswith("io.k8s.api.") else name.split(".")[-1]
    if short not in reached:
        reached[short] = {}
        reached[short] = reduced(definitions[name])
    return short


wanted = {(kind["group"], kind["version"], kind["kind"]) for kind in json.load(open(os.path.join(here, "kinds.json")))}
for name, definition in sorted(definitions.items()):
    for known in definition.get("x-kubernetes-group-version-kind", []):
        if (known["group"], known["version"], known["kind"]) in wanted:
            reached[f"{known['group']}/{known['version']}/{known['kind']}"] = {"$ref": reach(name)}
print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(reached[name], sort_keys=True)}" for name in sorted(reached)) + "\n}")
