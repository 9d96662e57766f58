"""The three kinds of patch beside apply: JSON patch (RFC 6902), merge patch (RFC 7386) and Kubernetes' strategic merge patch."""
import copy

from answers import bad_request
from schema import child, resolve


def json_patch(value, operations):
    value = copy.deepcopy(value)
    for operation in operations:
        kind, parts = operation["op"], pointer(operation["path"])
        if kind == "test":
            if read(value, parts) != operation.get("value"):
                raise bad_request(f"testing value {operation['path']} failed")
        elif kind == "remove":
            read(value, parts)
            remove(value, parts)
        elif kind in ("add", "replace"):
            if kind == "replace":
                read(value, parts)
            put(value, parts, operation.get("value"), insert=kind == "add")
        elif kind in ("move", "copy"):
            found = copy.deepcopy(read(value, pointer(operation["from"])))
            if kind == "move":
                remove(value, pointer(operation["from"]))
            put(value, parts, found, insert=True)
        else:
            raise bad_request(f"Unexpected kind: {kind}")
    return value


def pointer(path):
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def read(value, parts):
    try:
        for part in parts:
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise bad_request(f"the server rejected our request: no such path /{'/'.join(parts)}") from None
    return value


def remove(value, parts):
    holder = read(value, parts[:-1])
    del holder[int(parts[-1]) if isinstance(holder, list) else parts[-1]]


def put(value, parts, new, insert):
    holder = read(value, parts[:-1])
    if not isinstance(holder, list):
        holder[parts[-1]] = new
    elif parts[-1] == "-":
        holder.append(new)
    elif insert:
        holder.insert(int(parts[-1]), new)
    else:
        holder[int(parts[-1])] = new


def merge_patch(value, patch):
    if not isinstance(patch, dict):
        return patch
    value = dict(value) if isinstance(value, dict) else {}
    for name, item in patch.items():
        if item is None:
            value.pop(name, None)
        else:
            value[name] = merge_patch(value.get(name), item)
    return value


def strategic_patch(node, value, patch):
    """node: the schema, which says the lists that merge and by which key."""
    if patch.get("$patch") == "replace":
        return {name: item for name, item in patch.items() if name != "$patch"}
    value = dict(value) if isinstance(value, dict) else {}
    if "$retainKeys" in patch:
        value = {name: item for name, item in value.items() if name in patch["$retainKeys"]}
    for name, item in patch.items():
        inner = resolve(child(node, name))
        if name.startswith("$deleteFromPrimitiveList/"):
            field = name.split("/", 1)[1]
            value[field] = [one for one in value.get(field) or [] if one not in item]
        elif name.startswith("$"):
            continue
        elif item is None:
            value.pop(name, None)
        elif isinstance(item, dict):
            value[name] = None if item.get("$patch") == "delete" else strategic_patch(inner, value.get(name), item)
            if value[name] is None:
                del value[name]
        elif isinstance(item, list) and "merge" in inner.get("x-patch-strategy", "").split(","):
            value[name] = merged_list(inner, value.get(name) or [], item)
        else:
            value[name] = item
    for name, order in patch.items():
        field = name.split("/", 1)[-1]
        if name.startswith("$setElementOrder/") and field in value:
            key = resolve(child(node, field)).get("x-patch-merge-key")
            wanted = [one[key] if key else one for one in order]
            value[field] = sorted(value[field], key=lambda one: wanted.index(identity(one, key)) if identity(one, key) in wanted else len(wanted))
    return value


def identity(item, key):
    return item.get(key) if key else item


def merged_list(node, old, patch):
    key = node.get("x-patch-merge-key")
    if not key:
        return old + [one for one in patch if one not in old]
    if any(one.get("$patch") == "replace" for one in patch):
        return [one for one in patch if "$patch" not in one]
    result = list(old)
    for one in patch:
        place = next((index for index, known in enumerate(result) if known.get(key) == one.get(key)), None)
        if one.get("$patch") == "delete":
            if place is not None:
                del result[place]
        elif place is None:
            result.append(strategic_patch(node["items"], {}, one))
        else:
            result[place] = strategic_patch(node["items"], result[place], one)
    return result
