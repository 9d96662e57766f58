"""The verbs of the API on the store. Every function is called with the store's lock held."""
import base64
import copy
import json
import random
import string

import admission
import kinds
import ownership
import patches
from answers import Refusal, bad_request, changed, exists, forbidden, not_found
from kinds import named
from schema import check, root
from matching import field_query, label_query
from store import expired, now


class API:
    def __init__(self, store):
        self.store = store

    # Reading

    def get(self, kind, namespace, name):
        """The stored object itself: callers copy before they change it."""
        value = self.store.get(stored(kind), namespace, name)
        if not value:
            raise not_found(kind, name)
        return shown_as(kind, value)

    def selection(self, query):
        labels, fields = label_query(query.get("labelSelector")), field_query(query.get("fieldSelector"))
        return lambda value: labels(value["metadata"].get("labels")) and fields(value)

    def list(self, kind, namespace, query):
        """The values and the list's metadata; pages go on by name."""
        fits = self.selection(query)
        values = [shown_as(kind, value) for value in self.store.all(stored(kind), namespace)]
        values = [value for value in values if fits(value)]
        metadata = {"resourceVersion": str(self.store.version)}
        start = 0
        if query.get("continue"):
            try:
                version, start = json.loads(base64.b64decode(query["continue"]))
            except ValueError:
                raise bad_request("continue key is not valid") from None
            if version < self.store.oldest:
                raise expired()
        limit = int(query.get("limit") or 0)
        if limit and len(values) > start + limit:
            metadata["continue"] = base64.b64encode(json.dumps([self.store.version, start + limit]).encode()).decode()
            metadata["remainingItemCount"] = len(values) - start - limit
        return values[start:start + limit if limit else None], metadata

    # Writing

    def create(self, kind, namespace, value, query, agent):
        admission.check_identity(kind, namespace, None, value)
        meta = value["metadata"]
        if "name" not in meta and meta.get("generateName"):
            meta["name"] = meta["generateName"] + "".join(random.choices(string.ascii_lowercase + string.digits, k=5))
        if not meta.get("name"):
            raise Refusal(422, "Invalid", f'{kind["kind"]} "" is invalid: metadata.name: Required value: name or generateName is required')
        if meta.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        warnings = admission.decode(kind, value, query.get("fieldValidation", "Warn"))
        self.may_live_here(kind, namespace, meta["name"])
        if self.store.get(stored(kind), meta.get("namespace"), meta["name"]):
            raise exists(kind, meta["name"])
        if "status" in kind["sub"]:
            value.pop("status", None)
        admission.default(kind, value, self.store)
        admission.validate(kind, value, None)
        ownership.record_update(kind, None, value, manager(query, agent), now())
        return self.keep_new(kind, value, query), warnings

    def may_live_here(self, kind, namespace, name):
        if not kind["namespaced"]:
            return
        home = self.store.get(named("", "Namespace"), "", namespace)
        if not home:
            raise not_found(named("", "Namespace"), namespace)
        if home["status"]["phase"] == "Terminating":
            raise forbidden(kind, name, f"unable to create new content in namespace {namespace} because it is being terminated")

    def keep_new(self, kind, value, query):
        if kind["kind"] == "Pod":
            account = value["spec"]["serviceAccountName"]
            if not self.store.get(named("", "ServiceAccount"), value["metadata"]["namespace"], account):
                raise forbidden(kind, value["metadata"]["name"], f"error looking up service account {value['metadata']['namespace']}/{account}: "
                                f'serviceaccount "{account}" not found')
            value["status"] = {"phase": "Pending"}
        if "All" in query.get("dryRun", ""):
            value["metadata"].update(uid="dry-run", creationTimestamp=now())
            return value
        value = self.store.add(stored(kind), value)
        if kind["kind"] == "CustomResourceDefinition":
            names = {"acceptedNames": value["spec"]["names"], "storedVersions": [one["name"] for one in value["spec"]["versions"]]}
            conditions = [{"type": one, "status": "True", "reason": "Double", "message": "", "lastTransitionTime": now()}
                          for one in ("NamesAccepted", "Established")]
            value = self.store.change(kind, value, status={**names, "conditions": conditions})
            kinds.add_custom(value)
        return value

    def update(self, kind, namespace, name, value, query, agent, sub=""):
        admission.check_identity(kind, namespace, name, value)
        old = self.get(kind, namespace, name)
        warnings = admission.decode(kind, value, query.get("fieldValidation", "Warn"))
        # helm 4 hands its fields over from client-side to server-side apply by writing the owners itself.
        given = value["metadata"].get("managedFields", old["metadata"].get("managedFields"))
        before = {**old, "metadata": {**old["metadata"], "managedFields": given}}
        return self.replace(kind, old, value, query, lambda fresh: ownership.record_update(
            kind, before, fresh, manager(query, agent), now(), sub), sub), warnings

    def replace(self, kind, old, value, query, record, sub=""):
        """Puts value in the place of old, as far as the client may."""
        meta, known = value["metadata"], old["metadata"]
        if meta.get("resourceVersion") not in (None, "", known["resourceVersion"]):
            raise changed(kind, known["name"])
        if meta.get("uid") not in (None, "", known["uid"]):
            raise Refusal(409, "Conflict", f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {known['uid']}")
        # What the server keeps is not the client's to change.
        for key in ("uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "managedFields"):
            meta.pop(key, None)
            if key in known:
                meta[key] = known[key]
        if sub == "status":
            value = {**copy.deepcopy(old), "status": value.get("status", {})}
        elif "status" in kind["sub"]:
            value.pop("status", None)
            if "status" in old:
                value["status"] = copy.deepcopy(old["status"])
        if kind["kind"] == "Service" and old["spec"].get("clusterIP"):
            value["spec"].setdefault("clusterIP", old["spec"]["clusterIP"])
        admission.default(kind, value, self.store)
        admission.validate(kind, value, old)
        record(value)
        if "spec" in value and value["spec"] != old.get("spec"):
            value["metadata"]["generation"] = known.get("generation", 1) + 1
        if "All" in query.get("dryRun", ""):
            return value
        if pure(value) == pure(old) and owners(value) == owners(old):
            return old
        if value["metadata"].get("deletionTimestamp") and not value["metadata"].get("finalizers") and kind["kind"] not in ("Pod", "Namespace"):
            self.store.remove(stored(kind), value)
            return value
        value = self.store.put(stored(kind), value)
        if kind["kind"] == "CustomResourceDefinition":
            kinds.add_custom(value)
        return value

    def patch(self, kind, namespace, name, content, body, query, agent, sub=""):
        if content == "application/apply-patch+yaml":
            return self.apply(kind, namespace, name, body, query, sub)
        old = self.get(kind, namespace, name)
        value = copy.deepcopy(old)
        if content == "application/json-patch+json":
            value = patches.json_patch(value, body)
        elif content == "application/merge-patch+json":
            value = patches.merge_patch(value, body)
        elif content == "application/strategic-merge-patch+json" and not kind.get("custom"):
            value = patches.strategic_patch(root(kind), value, body)
        else:
            raise Refusal(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: "
                          "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
        return self.update(kind, namespace, name, value, query, agent, sub)

    def apply(self, kind, namespace, name, body, query, sub=""):
        if not query.get("fieldManager"):
            raise bad_request("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
        admission.check_identity(kind, namespace, name, body)
        if body["metadata"].pop("managedFields", None):
            raise bad_request("metadata.managedFields must be nil")
        unknown, wrong, _ = check(kind, body)
        if unknown or wrong:
            text = f".{unknown[0]}: field not declared in schema" if unknown else wrong[0]
            where = f"{namespace}/{name}" if namespace else f"/{name}"
            raise Refusal(500, "", f"failed to create typed patch object ({where}; {body['apiVersion']}, Kind={body['kind']}): {text}")
        old = self.store.get(stored(kind), namespace, name)
        force = query.get("force") == "true"
        if body["metadata"].get("resourceVersion") and (not old or body["metadata"]["resourceVersion"] != old["metadata"]["resourceVersion"]):
            raise changed(kind, name)
        body.pop("status", None) if sub != "status" else None
        value = ownership.apply(kind, old, copy.deepcopy(body), query["fieldManager"], force, now())
        recorded = value["metadata"].pop("managedFields")
        admission.decode(kind, value, "Strict")
        if not old:
            self.may_live_here(kind, namespace, name)
            admission.default(kind, value, self.store)
            admission.validate(kind, value, None)
            value["metadata"]["managedFields"] = recorded
            return self.keep_new(kind, value, query), []
        value["metadata"].pop("resourceVersion", None)
        return self.replace(kind, old, value, query, lambda fresh: fresh["metadata"].update(managedFields=recorded), sub), []

    def delete(self, kind, namespace, name, options):
        value = self.get(kind, namespace, name)
        meta = value["metadata"]
        wanted = options.get("preconditions") or {}
        for key in ("uid", "resourceVersion"):
            if wanted.get(key) not in (None, meta[key]):
                raise Refusal(409, "Conflict", f"Precondition failed: {key} in precondition: {wanted[key]}, {key} in object meta: {meta[key]}")
        if options.get("dryRun"):
            return value
        policy = options.get("propagationPolicy") or ("Orphan" if options.get("orphanDependents") else "Background")
        if policy == "Orphan":
            for other, dependent in list(self.dependents(value)):
                left = [owner for owner in dependent["metadata"]["ownerReferences"] if owner["uid"] != meta["uid"]]
                self.store.change(other, dependent, metadata={**dependent["metadata"], "ownerReferences": left})
        finalizers = list(meta.get("finalizers") or [])
        if policy == "Foreground" and any(self.dependents(value)):
            finalizers.append("foregroundDeletion")
        graceful = kind["kind"] == "Pod" and options.get("gracePeriodSeconds") != 0
        if finalizers or graceful or kind["kind"] == "Namespace":
            marked = {**meta, "deletionTimestamp": meta.get("deletionTimestamp", now()), **({"finalizers": finalizers} if finalizers else {})}
            extra = {"status": {"phase": "Terminating"}} if kind["kind"] == "Namespace" else {}
            return self.store.change(stored(kind), value, metadata=marked, **extra)
        if kind["kind"] == "CustomResourceDefinition":
            for custom in [known for known in kinds.KINDS if (known["group"], known["plural"]) == (
                    value["spec"]["group"], value["spec"]["names"]["plural"])][:1]:
                for one in self.store.all(custom):
                    self.store.remove(custom, one)
            kinds.remove_custom(value)
        self.store.remove(stored(kind), value)
        return value

    def dependents(self, owner):
        for kind in kinds.KINDS:
            for value in self.store.all(kind):
                if any(one["uid"] == owner["metadata"]["uid"] for one in value["metadata"].get("ownerReferences") or []):
                    yield kind, value

    def scale(self, kind, namespace, name):
        value = self.get(kind, namespace, name)
        meta = {key: value["metadata"][key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
        labels = ",".join(f"{key}={text}" for key, text in (value["spec"]["selector"].get("matchLabels") or {}).items())
        return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": {"replicas": value["spec"]["replicas"]},
                "status": {"replicas": value.get("status", {}).get("replicas", 0), "selector": labels}}

    def set_scale(self, kind, namespace, name, scale, query, agent):
        value = copy.deepcopy(self.get(kind, namespace, name))
        value["spec"]["replicas"] = scale["spec"]["replicas"]
        value["metadata"]["resourceVersion"] = scale["metadata"].get("resourceVersion")
        self.update(kind, namespace, name, value, query, agent, sub="scale")
        return self.scale(kind, namespace, name)


def manager(query, agent):
    return query.get("fieldManager") or agent.split("/")[0] or "unknown"


def pure(value):
    return {**value, "metadata": {key: item for key, item in value["metadata"].items() if key not in ("managedFields", "resourceVersion")}}


def owners(value):
    return {key: paths for key, (paths, _) in ownership.managers(value).items()}


def stored(kind):
    """Events are one store under two groups."""
    return named("", "Event") if kind["group"] == "events.k8s.io" else kind


def shown_as(kind, value):
    if kind["group"] != "events.k8s.io":
        return value
    return {"kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": value["metadata"], "regarding": value["involvedObject"],
            "reason": value["reason"], "note": value["message"], "type": value["type"], "eventTime": value.get("eventTime"),
            "reportingController": value["reportingComponent"], "reportingInstance": value["reportingInstance"],
            "deprecatedCount": value["count"], "deprecatedFirstTimestamp": value["firstTimestamp"],
            "deprecatedLastTimestamp": value["lastTimestamp"], "deprecatedSource": value["source"]}
