"""Which resources there are: those of kinds.json, and those that CustomResourceDefinitions add. What discovery and OpenAPI say of them."""
import json
import os

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds.json")) as file:
    KINDS = json.load(file)


def api_version(kind):
    return f"{kind['group']}/{kind['version']}" if kind["group"] else kind["version"]


def named(group, kind):
    return next(known for known in KINDS if known["group"] == group and known["kind"] == kind)


def find(group, version, plural):
    """The kind at this place of the paths, or None."""
    return next((kind for kind in KINDS if (kind["group"], kind["version"], kind["plural"]) == (group, version, plural)), None)


def add_custom(definition):
    """Lets a CustomResourceDefinition's versions be served; says whether any was new."""
    spec = definition["spec"]
    before = len(KINDS)
    for version in spec["versions"]:
        if version.get("served") and not find(spec["group"], version["name"], spec["names"]["plural"]):
            sub = sorted(version.get("subresources") or {})
            KINDS.append({"group": spec["group"], "version": version["name"], "plural": spec["names"]["plural"],
                          "kind": spec["names"]["kind"], "namespaced": spec["scope"] == "Namespaced",
                          "short": spec["names"].get("shortNames") or [], "sub": sub, "custom": True,
                          "schema": (version.get("schema") or {}).get("openAPIV3Schema") or {}})
    return len(KINDS) > before


def remove_custom(definition):
    spec = definition["spec"]
    KINDS[:] = [kind for kind in KINDS if (kind["group"], kind["plural"]) != (spec["group"], spec["names"]["plural"])]


def groups():
    """Group to its versions, in the order of the table."""
    found = {}
    for kind in KINDS:
        versions = found.setdefault(kind["group"], [])
        if kind["version"] not in versions:
            versions.append(kind["version"])
    return found


def resource_list(group, version):
    kinds = [kind for kind in KINDS if (kind["group"], kind["version"]) == (group, version)]
    if not kinds:
        return None
    resources = []
    for kind in kinds:
        resources.append({"name": kind["plural"], "singularName": kind["kind"].lower(), "namespaced": kind["namespaced"],
                          "kind": kind["kind"], "verbs": VERBS, "shortNames": kind["short"]})
        for sub in kind["sub"]:
            scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"} if sub == "scale" else {"kind": kind["kind"]}
            resources.append({"name": f"{kind['plural']}/{sub}", "singularName": "", "namespaced": kind["namespaced"],
                              "verbs": ["get"] if sub == "log" else ["get", "patch", "update"], **scale})
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version(kinds[0]), "resources": resources}


def group_list():
    found = []
    for group, versions in groups().items():
        if group:
            offered = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
            found.append({"name": group, "versions": offered, "preferredVersion": offered[0]})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def aggregated(core):
    """All resources of /api (core) or /apis in one document."""
    items = []
    for group, versions in groups().items():
        if (group == "") != core:
            continue
        shown = []
        for version in versions:
            resources = []
            for kind in KINDS:
                if (kind["group"], kind["version"]) == (group, version):
                    response = {"group": group, "version": version, "kind": kind["kind"]}
                    resources.append({"resource": kind["plural"], "singularResource": kind["kind"].lower(), "responseKind": response,
                                      "scope": "Namespaced" if kind["namespaced"] else "Cluster", "verbs": VERBS,
                                      "shortNames": kind["short"],
                                      "subresources": [{"subresource": sub, "responseKind": response, "verbs": ["get", "patch", "update"]}
                                                       for sub in kind["sub"]]})
            shown.append({"version": version, "resources": resources, "freshness": "Current"})
        items.append({"metadata": {"name": group} if group else {}, "versions": shown})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def prefix(group, version):
    return f"apis/{group}/{version}" if group else f"api/{version}"


def openapi_index():
    return {"paths": {prefix(group, version): {"serverRelativeURL": f"/openapi/v3/{prefix(group, version)}?hash=double"}
                      for group, versions in groups().items() for version in versions}}


def openapi(group, version):
    """Just enough for clients to see that each kind's PATCH takes fieldValidation, so that they leave validation to the server."""
    paths = {}
    for kind in KINDS:
        if (kind["group"], kind["version"]) == (group, version):
            scope = "/namespaces/{namespace}" if kind["namespaced"] else ""
            parameters = [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
                          for name in ("dryRun", "fieldManager", "fieldValidation")]
            paths[f"/{prefix(group, version)}{scope}/{kind['plural']}/{{name}}"] = {
                "patch": {"operationId": f"patch{kind['kind']}", "parameters": parameters, "responses": {"200": {"description": "OK"}},
                          "x-kubernetes-action": "patch",
                          "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind["kind"]}}}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes (test double)", "version": "v1.32.0+double"}, "paths": paths}
