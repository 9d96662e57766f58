"""The refusals of an API server: each becomes a Status object with the code, reason and words the genuine one uses."""


class Refusal(Exception):
    def __init__(self, code, reason, message, details=None, headers=()):
        super().__init__(message)
        self.code, self.headers = code, list(headers)
        self.status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
                       "reason": reason, "details": details or {}, "code": code}


def qualified(kind):
    return f"{kind['plural']}.{kind['group']}" if kind["group"] else kind["plural"]


def details(kind, name):
    return {"name": name, "group": kind["group"], "kind": kind["plural"]}


def not_found(kind, name):
    return Refusal(404, "NotFound", f'{qualified(kind)} "{name}" not found', details(kind, name))


def exists(kind, name):
    return Refusal(409, "AlreadyExists", f'{qualified(kind)} "{name}" already exists', details(kind, name))


def changed(kind, name):
    return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {qualified(kind)} "{name}": the object has been modified; '
                   "please apply your changes to the latest version and try again", details(kind, name))


def invalid(kind, name, causes):
    """causes: (field, message) pairs."""
    shown = f"{kind['kind']}.{kind['group']}" if kind["group"] else kind["kind"]
    texts = [f"{field}: {message}" for field, message in causes]
    text = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    found = {"name": name, "group": kind["group"], "kind": kind["kind"],
             "causes": [{"reason": "FieldValueInvalid", "message": message, "field": field} for field, message in causes]}
    return Refusal(422, "Invalid", f'{shown} "{name}" is invalid: {text}', found)


def forbidden(kind, name, text):
    return Refusal(403, "Forbidden", f'{qualified(kind)}{f" {chr(34)}{name}{chr(34)}" if name else ""} is forbidden: {text}',
                   details(kind, name))


def bad_request(message):
    return Refusal(400, "BadRequest", message)
