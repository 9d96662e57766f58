"""What is filled in before an object is stored, and what is refused: unknown fields, wrong types, names, sizes, what may not change."""
import base64
import binascii
import json
import re

from answers import bad_request, invalid
from kinds import api_version
from schema import check, without
from matching import label_object

SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
LABEL = r"[a-z]([-a-z0-9]*[a-z0-9])?"
MIB = 1 << 20


def decode(kind, value, strictness):
    """Checks the fields; the warnings to send for those that are dropped. strictness is fieldValidation's."""
    unknown, wrong, bad = check(kind, value)
    version = f'{kind["kind"]} in version "{kind["version"]}" cannot be handled as a {kind["kind"]}: '
    if wrong:
        raise bad_request(version + wrong[0])
    if unknown and strictness == "Strict":
        raise bad_request(version + "strict decoding error: " + ", ".join(f'unknown field "{one}"' for one in unknown))
    for one in unknown:
        without(value, one)
    if bad:
        raise invalid(kind, value["metadata"].get("name", ""), bad)
    return [f'unknown field "{one}"' for one in unknown] if strictness != "Ignore" else []


def default(kind, value, store):
    spec = value.get("spec")
    if kind["kind"] == "Secret":
        value.setdefault("type", "Opaque")
        for name, text in (value.pop("stringData", None) or {}).items():
            value.setdefault("data", {})[name] = base64.b64encode(text.encode()).decode()
    elif kind["kind"] == "Namespace":
        value.setdefault("status", {"phase": "Active"})
        value.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        value["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = value["metadata"]["name"]
    elif kind["kind"] == "Deployment":
        for name, item in {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": {}}.items():
            spec.setdefault(name, item)
        spec["strategy"].setdefault("type", "RollingUpdate")
        if spec["strategy"]["type"] == "RollingUpdate":
            rolling = spec["strategy"].setdefault("rollingUpdate", {})
            rolling.setdefault("maxSurge", "25%")
            rolling.setdefault("maxUnavailable", "25%")
        default_pod(spec["template"]["spec"])
    elif kind["kind"] == "Job":
        for name, item in {"backoffLimit": 6, "completions": 1, "parallelism": 1}.items():
            spec.setdefault(name, item)
        default_pod(spec["template"]["spec"])
    elif kind["kind"] == "Pod":
        default_pod(spec)
        spec.setdefault("serviceAccountName", "default")
    elif kind["kind"] == "Service":
        spec.setdefault("type", "ClusterIP")
        spec.setdefault("sessionAffinity", "None")
        if spec["type"] != "ExternalName":
            spec.setdefault("clusterIP", f"10.96.{store.next_address()}")
        for port in spec.get("ports") or []:
            port.setdefault("protocol", "TCP")
            port.setdefault("targetPort", port["port"])


def default_pod(spec):
    for name, item in {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst"}.items():
        spec.setdefault(name, item)
    for container in spec.get("containers") or []:
        container.setdefault("imagePullPolicy", "IfNotPresent")
        for port in container.get("ports") or []:
            port.setdefault("protocol", "TCP")


def validate(kind, value, old):
    """Refuses what is wrong beyond the types; old is what an update replaces."""
    name, causes = value["metadata"].get("name", ""), []
    pattern = LABEL if kind["kind"] in ("Service", "Namespace") else SUBDOMAIN
    if not kind["group"].startswith("rbac.") and (not re.fullmatch(pattern, name) or len(name) > (63 if pattern == LABEL else 253)):
        kinds_name = "an RFC 1035 label" if pattern == LABEL else "a lowercase RFC 1123 subdomain"
        causes.append(("metadata.name", f'Invalid value: "{name}": {kinds_name} must consist of lower case alphanumeric characters'
                       f" or '-' (regex used for validation is '{pattern}')"))
    for key, text in (value["metadata"].get("labels") or {}).items():
        if text and (len(text) > 63 or not re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", text)):
            causes.append(("metadata.labels", f'Invalid value: "{text}": a valid label must be an empty string or consist of alphanumeric'
                           " characters, '-', '_' or '.', and must be no more than 63 characters"))
    specific = {"Secret": data, "ConfigMap": data, "Deployment": deployment, "Job": job, "Pod": pod, "Service": service}.get(kind["kind"])
    if specific:
        causes += specific(value, old)
    if causes:
        raise invalid(kind, name, causes)


def data(value, old):
    causes, size = [], 0
    for key, text in (value.get("data") or {}).items():
        if not re.fullmatch(r"[-._a-zA-Z0-9]+", key):
            causes.append((f"data[{key}]", f'Invalid value: "{key}": a valid config key must consist of alphanumeric characters, '
                           "'-', '_' or '.'"))
        try:
            size += len(base64.b64decode(text or "", validate=True) if value["kind"] == "Secret" else (text or "").encode())
        except (binascii.Error, ValueError):
            raise bad_request(f"illegal base64 data at input byte 0 in data.{key}") from None
    if size > MIB:
        causes.append(("data", f"Too long: may not be more than {MIB} bytes"))
    if old and value["kind"] == "Secret" and value["type"] != old["type"]:
        causes.append(("type", f'Invalid value: "{value["type"]}": field is immutable'))
    if old and old.get("immutable") and value.get("data") != old.get("data"):
        causes.append(("data", "Forbidden: field is immutable when `immutable` is set"))
    return causes


def deployment(value, old):
    spec = value["spec"]
    labels = spec["template"].get("metadata", {}).get("labels") or {}
    causes = template(spec["template"], "spec.template.spec", "Always")
    if not label_object(spec["selector"])(labels):
        causes.append(("spec.template.metadata.labels", f"Invalid value: {json.dumps(labels)}: `selector` does not match template `labels`"))
    if old and spec["selector"] != old["spec"]["selector"]:
        causes.append(("spec.selector", f"Invalid value: {json.dumps(spec['selector'])}: field is immutable"))
    if spec["replicas"] < 0:
        causes.append(("spec.replicas", f"Invalid value: {spec['replicas']}: must be greater than or equal to 0"))
    return causes


def job(value, old):
    if old and value["spec"]["template"] != old["spec"]["template"]:
        return [("spec.template", "Invalid value: core.PodTemplateSpec{}: field is immutable")]
    return template(value["spec"]["template"], "spec.template.spec")


def template(holder, path, restart=None):
    spec, causes, names = holder["spec"], [], set()
    if not spec["containers"]:
        causes.append((f"{path}.containers", "Required value"))
    if restart and spec["restartPolicy"] != restart:
        causes.append((f"{path}.restartPolicy", f'Unsupported value: "{spec["restartPolicy"]}": supported values: "{restart}"'))
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for index, container in enumerate(spec["containers"]):
        where = f"{path}.containers[{index}]"
        if container["name"] in names:
            causes.append((f"{where}.name", f'Duplicate value: "{container["name"]}"'))
        names.add(container["name"])
        if not container.get("image"):
            causes.append((f"{where}.image", "Required value"))
        for place, mount in enumerate(container.get("volumeMounts") or []):
            if mount["name"] not in volumes:
                causes.append((f"{where}.volumeMounts[{place}].name", f'Not found: "{mount["name"]}"'))
    return causes


def pod(value, old):
    if old:
        pure = [json.dumps({**one["spec"], "containers": [{**container, "image": ""} for container in one["spec"]["containers"]]},
                           sort_keys=True) for one in (value, old)]
        if pure[0] != pure[1]:
            return [("spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`")]
    return template(value, "spec")


def service(value, old):
    spec, causes = value["spec"], []
    if not spec.get("ports") and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        causes.append(("spec.ports", "Required value"))
    if old and spec["type"] != "ExternalName" and spec.get("clusterIP") != old["spec"].get("clusterIP", spec.get("clusterIP")):
        causes.append(("spec.clusterIP", f'Invalid value: "{spec.get("clusterIP")}": field is immutable'))
    return causes


def check_identity(kind, namespace, name, value):
    """The body must speak of what the path speaks of."""
    if not isinstance(value, dict) or not isinstance(value.setdefault("metadata", {}), dict):
        raise bad_request("the object provided is unrecognized (must be of type " + kind["kind"] + ")")
    if (value.get("apiVersion", api_version(kind)), value.get("kind", kind["kind"])) != (api_version(kind), kind["kind"]):
        raise bad_request(f"{value.get('apiVersion')}, Kind={value.get('kind')} in the body is not the {kind['kind']} of the address")
    value.update(apiVersion=api_version(kind), kind=kind["kind"])
    meta = value["metadata"]
    if kind["namespaced"]:
        if meta.setdefault("namespace", namespace) != namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if name and meta.setdefault("name", name) != name:
        raise bad_request(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")
