"""Who manages which field (metadata.managedFields), and server-side apply with its conflicts.

A field is a path of FieldsV1 elements: "f:name" for a member, "k:{keys}" for an item of a keyed list, "v:value" for one of a set.
What the double's own controllers write is not recorded: they only write status, which nobody applies.
"""
import copy
import json

from answers import Refusal
from kinds import api_version
from schema import child, resolve, root

NOBODYS = {("f:apiVersion",), ("f:kind",), ("f:status",)}
NOBODYS_METADATA = {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
                    "deletionTimestamp", "deletionGracePeriodSeconds", "generateName", "selfLink"}
DEFAULT_KEYS = {"protocol": "TCP"}


def item_element(node, item):
    keys = {key: item.get(key, DEFAULT_KEYS.get(key)) for key in sorted(node["x-list-map-keys"])}
    return "k:" + json.dumps({key: value for key, value in keys.items() if value is not None}, separators=(",", ":"), sort_keys=True)


def leaves(node, value, path=()):
    """Path to value of every field that can have an owner of its own."""
    node = resolve(node)
    kind = node.get("x-list-type", node.get("x-kubernetes-list-type"))
    if isinstance(value, dict) and node.get("x-map-type") != "atomic" and value:
        found = {}
        for name, item in value.items():
            found.update(leaves(child(node, name), item, path + ("f:" + name,)))
        return found
    if isinstance(value, list) and kind == "map" and "x-list-map-keys" in node:
        found = {}
        for item in value:
            here = path + (item_element(node, item),)
            found[here] = None
            found.update(leaves(node.get("items", {}), item, here))
        return found
    if isinstance(value, list) and kind == "set":
        return {path + ("v:" + json.dumps(item),): item for item in value}
    return {path: value}


def fields(kind, value):
    return {path: item for path, item in leaves(root(kind), value).items()
            if path[:1] not in NOBODYS and not (path[0] == "f:metadata" and len(path) > 1 and path[1][2:] in NOBODYS_METADATA)
            and path != ("f:metadata",)}


def encoded(paths):
    tree = {}
    for path in sorted(paths):
        place = tree
        for element in path:
            place = place.setdefault(element, {})
        if path[-1].startswith("k:"):
            place["."] = {}
    return tree


def decoded(tree, path=()):
    paths = set()
    for element, inner in tree.items():
        here = path + (element,)
        if element == ".":
            paths.add(path)
        elif inner:
            paths |= decoded(inner, here)
        else:
            paths.add(here)
    return paths


def managers(value):
    """(manager, operation, subresource) to its paths, and to the entry's time."""
    return {(entry["manager"], entry["operation"], entry.get("subresource", "")): [decoded(entry.get("fieldsV1", {})), entry.get("time")]
            for entry in value.get("metadata", {}).get("managedFields") or []}


def record(kind, value, owners):
    entries = []
    for (manager, operation, sub), (paths, time) in owners.items():
        if paths:
            entries.append({"manager": manager, "operation": operation, "apiVersion": api_version(kind), "time": time,
                            "fieldsType": "FieldsV1", "fieldsV1": encoded(paths), **({"subresource": sub} if sub else {})})
    value["metadata"]["managedFields"] = entries


def record_update(kind, old, new, manager, time, sub=""):
    """After any write but an apply: its manager owns what it changed, and nobody owns what is gone."""
    before, after = fields(kind, old or {"metadata": {}}), fields(kind, new)
    touched = {path for path, value in after.items() if path not in before or before[path] != value}
    owners = managers(old or {})
    for name, owned in owners.items():
        owned[0] &= set(after)
        if name != (manager, "Update", sub):
            owned[0] -= touched
    if touched:
        mine = owners.setdefault((manager, "Update", sub), [set(), time])
        mine[0] |= touched
        mine[1] = time
    record(kind, new, owners)


def shown(path):
    text = ""
    for element in path:
        mark, rest = element[:2], element[2:]
        if mark == "f:":
            text += "." + rest
        else:
            text += "[" + (",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) if mark == "k:" else "=" + rest) + "]"
    return text


def conflict(found, version):
    """found: (manager, operation, subresource) to the paths in dispute."""
    causes, texts = [], []
    for (manager, _, sub), paths in sorted(found.items()):
        who = f'"{manager}"' + (f' with subresource "{sub}"' if sub else "") + f" using {version}"
        causes += [{"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": shown(path)} for path in sorted(paths)]
        if len(paths) == 1:
            texts.append(f"conflict with {who}: {shown(next(iter(paths)))}")
        else:
            texts.append(f"conflicts with {who}:" + "".join(f"\n- {shown(path)}" for path in sorted(paths)))
    many = "s" if len(causes) > 1 else ""
    return Refusal(409, "Conflict", f"Apply failed with {len(causes)} conflict{many}: " + "\n".join(texts), {"causes": causes})


def apply(kind, live, applied, manager, force, time):
    """The object after a server-side apply; live is None when it is new."""
    mine = (manager, "Apply", "")
    wanted = fields(kind, applied)
    owners = managers(live or {})
    present = fields(kind, live) if live else {}
    disputed = {}
    for name, (paths, _) in owners.items():
        if name != mine:
            against = {path for path in paths & set(wanted) if path in present and present[path] != wanted[path]}
            if against:
                disputed[name] = against
    if disputed and not force:
        raise conflict(disputed, api_version(kind))
    for name, paths in disputed.items():
        owners[name][0] -= paths
    result = merged(root(kind), copy.deepcopy(live) if live else {}, applied)
    others = set().union(*(paths for name, (paths, _) in owners.items() if name != mine), set())
    given_up = owners.get(mine, [set()])[0] - set(wanted) - others
    # Items before what is in them: they go whole, unless somebody owns something there, and then they keep their keys.
    for path in sorted(given_up, key=len):
        is_key = len(path) > 1 and path[-2].startswith("k:") and path[-1][2:] in json.loads(path[-2][2:])
        if not is_key and not any(other[:len(path)] == path for other in others):
            drop(root(kind), result, path)
    result.setdefault("metadata", {})
    time = time if set(wanted) != owners.get(mine, [set()])[0] or not live else owners[mine][1]
    owners[mine] = [set(wanted), time]
    record(kind, result, owners)
    return result


def merged(node, old, new):
    node = resolve(node)
    if isinstance(old, dict) and isinstance(new, dict) and node.get("x-map-type") != "atomic":
        result = dict(old)
        for name, item in new.items():
            result[name] = merged(child(node, name), old[name], item) if name in old else item
        return result
    kind = node.get("x-list-type", node.get("x-kubernetes-list-type"))
    if isinstance(old, list) and isinstance(new, list) and kind == "map" and "x-list-map-keys" in node:
        known = {item_element(node, item): item for item in old}
        news = {item_element(node, item): item for item in new}
        both = {**{element: item for element, item in known.items() if element in news}, **news}
        result = [merged(node.get("items", {}), known[element], item) if element in known else item
                  for element, item in ((element, news[element]) for element in both)]
        return result + [item for element, item in known.items() if element not in news]
    if isinstance(old, list) and isinstance(new, list) and kind == "set":
        return old + [item for item in new if item not in old]
    return new


def drop(node, value, path):
    """Removes the field at path, and what is empty because of it."""
    if value is None:
        return
    element, node = path[0], resolve(node)
    if element.startswith("f:"):
        name = element[2:]
        if not isinstance(value, dict) or name not in value:
            return
        if len(path) > 1:
            drop(child(node, name), value[name], path[1:])
        if len(path) == 1 or value[name] in ({}, []):
            del value[name]
    elif element.startswith("k:"):
        for item in [item for item in value if item_element(node, item) == element]:
            if len(path) == 1:
                value.remove(item)
            else:
                drop(node.get("items", {}), item, path[1:])
    else:
        value[:] = [item for item in value if "v:" + json.dumps(item) != element]
