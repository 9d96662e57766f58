"""schema: holds the JSON Schemas of docs/schema to what JSON Schema is, and YAML files to them.

What is right must be taken; of Tests/Fixtures/bad-pipelines, what is wrong by the form of one file alone must be refused.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

FIXTURES = pathlib.Path("Tests/Fixtures")

# What is told of these by a key or a value, and can only be known from elsewhere: a folder and why no schema can refuse it.
BEYOND = {
    "helm-value-of-shipits-own": "depends on the target",
    "input-to-a-kind-without-inputs": "inputs are those of the project's services",
    "migrate-without-database": "the environment is in the other file",
    "password-in-the-query": "the reader takes the address apart",
    "unknown-input": "inputs are those of the project's services",
}
# Diagnostics that are about the form of one file.
FORM = {"bad-value", "missing-key", "unknown-key"}


class Reader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: no dates, no 'yes', no octal numbers without 'o'."""


Reader.yaml_implicit_resolvers = {}
for tag, form, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
]:
    Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{form})$"), list(first))


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Reader)


def is_taken(judge, path):
    """Whether a file passes; one that cannot be read does not."""
    try:
        return judge.is_valid(read(path))
    except yaml.YAMLError:
        return False


def schema(name):
    content = json.loads(pathlib.Path(f"docs/schema/{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    return jsonschema.Draft202012Validator(content)


def main():
    schemas = {"project": schema("project"), "pipeline": schema("pipeline")}
    mistakes = []
    good = [*pathlib.Path("pipelines").glob("*.yml"), *FIXTURES.glob("good/*.yml")]
    for path in good:
        for error in schemas["project" if path.stem == "project" else "pipeline"].iter_errors(read(path)):
            mistakes.append(f"{path} is refused: {error.json_path}: {error.message}")
    refused = 0
    for folder in sorted(FIXTURES.glob("bad-pipelines/*")):
        told = re.findall(r"^(\w+)\.yml:\d+:\d+ (\S+)", (folder / "expected.txt").read_text(encoding="utf-8"), re.M)
        if folder.name in BEYOND or any(code == "unreadable" for _, code in told):
            continue
        for stem in sorted({stem for stem, code in told if code in FORM}):
            if is_taken(schemas["project" if stem == "project" else "pipeline"], folder / f"{stem}.yml"):
                mistakes.append(f"{folder}/{stem}.yml is taken")
            else:
                refused += 1
        for stem in {"project", "release"} - {stem for stem, _ in told}:
            for error in schemas["project" if stem == "project" else "pipeline"].iter_errors(read(folder / f"{stem}.yml")):
                mistakes.append(f"{folder}/{stem}.yml has no mistake and is refused: {error.json_path}: {error.message}")
    for mistake in mistakes:
        print(f"error: {mistake}", file=sys.stderr)
    if mistakes:
        sys.exit(1)
    print(f"docs/schema: {len(good)} good files taken, {refused} bad ones refused")


main()
