"""labelSelector and fieldSelector, as text of a query and as objects."""
import re

from answers import bad_request


def label_query(text):
    """A test for objects' labels from a labelSelector of a query."""
    tests = []
    for part in re.findall(r"(?:[^,(]|\([^)]*\))+", text or ""):
        part = part.strip()
        sets = re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", part)
        equal = re.fullmatch(r"([^!=\s]+)\s*(==|=|!=)\s*(\S*)", part)
        if sets:
            key, kind, values = sets[1], sets[2], {one.strip() for one in sets[3].split(",")}
            tests.append(lambda labels, key=key, kind=kind, values=values: (labels.get(key) in values) == (kind == "in"))
        elif equal:
            key, kind, value = equal.groups()
            tests.append(lambda labels, key=key, kind=kind, value=value: (labels.get(key) == value) == (kind != "!="))
        elif re.fullmatch(r"!?[\w./-]+", part):
            tests.append(lambda labels, part=part: (part.lstrip("!") in labels) != part.startswith("!"))
        else:
            raise bad_request(f"unable to parse requirement: {part}")
    return lambda labels: all(test(labels or {}) for test in tests)


def label_object(selector):
    """The same from a LabelSelector of a spec."""
    def matches(labels):
        labels = labels or {}
        for key, value in (selector.get("matchLabels") or {}).items():
            if labels.get(key) != value:
                return False
        for one in selector.get("matchExpressions") or []:
            kind, value = one["operator"], labels.get(one["key"])
            fits = {"In": value in one.get("values", []), "NotIn": value not in one.get("values", []),
                    "Exists": one["key"] in labels, "DoesNotExist": one["key"] not in labels}[kind]
            if not fits:
                return False
        return True
    return matches


def field_query(text):
    """Any path of members; a real server offers few per kind."""
    wanted = []
    for part in filter(None, (text or "").split(",")):
        path, kind, value = re.fullmatch(r"([^!=]+)(==|=|!=)(.*)", part).groups()
        wanted.append((path.split("."), kind != "!=", value))

    def matches(value):
        for path, equal, expected in wanted:
            found = value
            for part in path:
                found = (found or {}).get(part) if isinstance(found, dict) else None
            if (str(found if found is not None else "") == expected) != equal:
                return False
        return True
    return matches
