"""The small controllers: deployments and replica sets, jobs, endpoints, disruption budgets, namespaces and what owners leave behind."""
import copy
import hashlib
import json
import math
import sys
import threading
import time
import traceback

import kinds
from answers import Refusal
from kinds import named
from kubelet import POD, Kubelet
from matching import label_object
from store import now

DEPLOYMENT, REPLICA_SET, JOB = named("apps", "Deployment"), named("apps", "ReplicaSet"), named("batch", "Job")
SERVICE, SLICE, NAMESPACE = named("", "Service"), named("discovery.k8s.io", "EndpointSlice"), named("", "Namespace")
ENDPOINTS = named("", "Endpoints")
BUDGET = named("policy", "PodDisruptionBudget")
REVISION = "deployment.kubernetes.io/revision"
SAFE = "bcdfghjklmnpqrstvwxz2456789"
# Seconds until a refused pod is tried again.
RETRY = 1


class Controllers(threading.Thread):
    def __init__(self, api, faults):
        super().__init__(daemon=True)
        self.api, self.store, self.faults = api, api.store, faults
        self.kubelet = Kubelet(self.store, faults)
        self.progressed, self.retry = {}, {}

    def run(self):
        with self.store.lock:
            while True:
                before = self.store.version
                self.kubelet.next = None
                try:
                    self.reconcile()
                except Exception:
                    traceback.print_exc(file=sys.stderr)
                    self.kubelet.due(time.monotonic() + RETRY)
                if self.store.version == before:
                    due = self.kubelet.next
                    self.store.changed.wait(None if due is None else max(0.005, due - time.monotonic()))

    def reconcile(self):
        for namespace in self.store.all(NAMESPACE):
            self.namespace(namespace)
        self.collect_garbage()
        for deployment in self.store.all(DEPLOYMENT):
            if not deployment["metadata"].get("deletionTimestamp"):
                self.deployment(deployment)
        for replica_set in self.store.all(REPLICA_SET):
            if not replica_set["metadata"].get("deletionTimestamp"):
                self.replica_set(replica_set)
        for job in self.store.all(JOB):
            self.job(job)
        self.kubelet.run()
        for service in self.store.all(SERVICE):
            self.endpoints(service)
        for budget in self.store.all(BUDGET):
            self.budget(budget)

    # Owners and namespaces

    def namespace(self, value):
        name = value["metadata"]["name"]
        if value["metadata"].get("deletionTimestamp"):
            for kind in kinds.KINDS:
                if kind["namespaced"] and kind["group"] != "events.k8s.io":
                    for one in self.store.all(kind, name):
                        self.store.remove(kind, one)
            self.store.remove(NAMESPACE, value)
        elif not self.store.get(named("", "ServiceAccount"), name, "default"):
            self.store.add(named("", "ServiceAccount"), {"metadata": {"name": "default", "namespace": name}})
            self.store.add(named("", "ConfigMap"), {"metadata": {"name": "kube-root-ca.crt", "namespace": name}, "data": {"ca.crt": ""}})

    def collect_garbage(self):
        alive = {value["metadata"]["uid"]: value for kind in kinds.KINDS for value in self.store.all(kind)}
        waited_for = set()
        for kind in kinds.KINDS:
            if kind["group"] == "events.k8s.io":
                continue
            for value in self.store.all(kind):
                owners = value["metadata"].get("ownerReferences") or []
                dying = [one for one in owners if "foregroundDeletion" in
                         (alive.get(one["uid"], {}).get("metadata", {}).get("finalizers") or [])]
                waited_for |= {one["uid"] for one in dying}
                gone = owners and all(one["uid"] not in alive for one in owners)
                if (gone or dying) and not value["metadata"].get("deletionTimestamp"):
                    self.api.delete(kind, value["metadata"].get("namespace"), value["metadata"]["name"],
                                    {"propagationPolicy": "Foreground" if dying else "Background"})
        for kind in kinds.KINDS:
            for value in self.store.all(kind):
                left = value["metadata"].get("finalizers") or []
                if "foregroundDeletion" in left and value["metadata"]["uid"] not in waited_for:
                    left = [one for one in left if one != "foregroundDeletion"]
                    if left:
                        self.store.change(kind, value, metadata={**value["metadata"], "finalizers": left})
                    else:
                        self.store.remove(kind, value)

    def owned(self, kind, owner):
        return [value for value in self.store.all(kind, owner["metadata"]["namespace"])
                if any(one["uid"] == owner["metadata"]["uid"] for one in value["metadata"].get("ownerReferences") or [])]

    def make(self, kind, owner, meta, **members):
        reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
                     "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}
        meta = {**meta, "namespace": owner["metadata"]["namespace"], "ownerReferences": [reference]}
        value, _ = self.api.create(kind, meta["namespace"], {"metadata": meta, **copy.deepcopy(members)},
                                   {"fieldManager": "kube-controller-manager"}, "")
        return value

    # Deployments

    def deployment(self, value):
        spec, meta = value["spec"], value["metadata"]
        template = hashed(spec["template"])
        sets = self.owned(REPLICA_SET, value)
        current = next((one for one in sets if one["metadata"]["labels"].get("pod-template-hash") == template), None)
        if not current:
            revision = str(1 + max((int(one["metadata"]["annotations"][REVISION]) for one in sets), default=0))
            pod = copy.deepcopy(spec["template"])
            pod["metadata"].setdefault("labels", {})["pod-template-hash"] = template
            selector = copy.deepcopy(spec["selector"])
            selector.setdefault("matchLabels", {})["pod-template-hash"] = template
            self.progressed[meta["uid"]] = time.monotonic()
            self.make(REPLICA_SET, value, {"name": f"{meta['name']}-{template}", "labels": pod["metadata"]["labels"],
                                           "annotations": {REVISION: revision}}, spec={"replicas": 0, "selector": selector, "template": pod})
            return
        newest = max(int(one["metadata"]["annotations"][REVISION]) for one in sets)
        if int(current["metadata"]["annotations"][REVISION]) < newest:
            annotations = {**current["metadata"]["annotations"], REVISION: str(newest + 1)}
            current = self.store.change(REPLICA_SET, current, metadata={**current["metadata"], "annotations": annotations})
            self.progressed[meta["uid"]] = time.monotonic()
        if meta.get("annotations", {}).get(REVISION) != current["metadata"]["annotations"][REVISION]:
            annotations = {**(meta.get("annotations") or {}), REVISION: current["metadata"]["annotations"][REVISION]}
            value = self.store.change(DEPLOYMENT, value, metadata={**meta, "annotations": annotations})
        old = [one for one in sets if one["metadata"]["uid"] != current["metadata"]["uid"]]
        if not spec.get("paused"):
            self.roll(value, current, old)
        self.deployment_status(value)

    def roll(self, value, current, old):
        wanted = value["spec"]["replicas"]
        rolling = value["spec"]["strategy"].get("rollingUpdate", {"maxSurge": 0, "maxUnavailable": wanted})
        surge, missing = share(rolling["maxSurge"], wanted, math.ceil), share(rolling["maxUnavailable"], wanted, math.floor)
        missing = missing or (0 if surge else 1)
        others = sum(max(one["spec"]["replicas"], len(self.owned(POD, one)) if surge == 0 else 0) for one in old)
        self.scale(value, current, max(min(wanted, wanted + surge - others), min(current["spec"]["replicas"], wanted)))
        spare = sum(one.get("status", {}).get("availableReplicas", 0) for one in [current, *old]) - (wanted - missing)
        for one in old:
            # Pods that never became ready serve nobody, and go first.
            useless = one["spec"]["replicas"] - one.get("status", {}).get("availableReplicas", 0)
            fewer = min(one["spec"]["replicas"], max(0, useless) + max(0, spare))
            spare -= max(0, fewer - max(0, useless))
            self.scale(value, one, one["spec"]["replicas"] - fewer)

    def scale(self, deployment, value, replicas):
        before = value["spec"]["replicas"]
        if before != replicas:
            meta = {**value["metadata"], "generation": value["metadata"]["generation"] + 1}
            self.store.change(REPLICA_SET, value, spec={**value["spec"], "replicas": replicas}, metadata=meta)
            self.store.event(deployment, "ScalingReplicaSet", f"Scaled {'up' if replicas > before else 'down'} replica set "
                             f"{meta['name']} from {before} to {replicas}", source="deployment-controller")

    def deployment_status(self, value):
        meta, wanted, old = value["metadata"], value["spec"]["replicas"], value.get("status", {})
        sets = self.owned(REPLICA_SET, value)
        current = next(one for one in sets if one["metadata"]["labels"]["pod-template-hash"] == hashed(value["spec"]["template"]))
        total = {key: sum(one.get("status", {}).get(key, 0) for one in sets) for key in ("replicas", "readyReplicas", "availableReplicas")}
        updated = current.get("status", {}).get("replicas", 0)
        status = {"observedGeneration": meta["generation"], "updatedReplicas": updated, **total,
                  "unavailableReplicas": max(0, wanted - total["availableReplicas"])}
        status = {key: number for key, number in status.items() if number}
        if {key: old.get(key) for key in status} != status:
            self.progressed[meta["uid"]] = time.monotonic()
        rolling = value["spec"]["strategy"].get("rollingUpdate", {"maxUnavailable": wanted, "maxSurge": 0})
        enough = total["availableReplicas"] >= wanted - share(rolling["maxUnavailable"], wanted, math.floor)
        done = updated == wanted == total["replicas"] == total["availableReplicas"]
        deadline = self.progressed.setdefault(meta["uid"], time.monotonic()) + value["spec"]["progressDeadlineSeconds"]
        if done:
            progress = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{current["metadata"]["name"]}" has successfully progressed.')
        elif time.monotonic() > deadline:
            progress = ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{current["metadata"]["name"]}" has timed out progressing.')
        else:
            self.kubelet.due(deadline + 0.01)
            progress = ("True", "ReplicaSetUpdated", f'ReplicaSet "{current["metadata"]["name"]}" is progressing.')
        conditions = [("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.") if enough else
                      ("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
                      ("Progressing", *progress)]
        conditions += [("ReplicaFailure", "True", "FailedCreate", one["message"])
                       for one in current.get("status", {}).get("conditions", []) if one["type"] == "ReplicaFailure"]
        status["conditions"] = kept_moments(old.get("conditions", []), conditions)
        self.store.change(DEPLOYMENT, value, status=status)

    def replica_set(self, value):
        pods = [pod for pod in self.owned(POD, value) if not pod["metadata"].get("deletionTimestamp")]
        wanted, uid, failure = value["spec"]["replicas"], value["metadata"]["uid"], []
        if len(pods) < wanted:
            failure = self.more_pods(value, wanted - len(pods))
        for pod in sorted(pods, key=is_ready)[:max(0, len(pods) - wanted)]:
            self.api.delete(POD, pod["metadata"]["namespace"], pod["metadata"]["name"], {})
            self.store.event(value, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", source="replicaset-controller")
        if len(pods) >= wanted:
            self.retry.pop(uid, None)
        pods = [pod for pod in self.owned(POD, value) if not pod["metadata"].get("deletionTimestamp")]
        ready = sum(is_ready(pod) for pod in pods)
        status = {"replicas": len(pods), "fullyLabeledReplicas": len(pods), "readyReplicas": ready, "availableReplicas": ready,
                  "observedGeneration": value["metadata"]["generation"]}
        status = {key: number for key, number in status.items() if number or key == "replicas"}
        if failure:
            status["conditions"] = kept_moments(value.get("status", {}).get("conditions", []), failure)
        self.store.change(REPLICA_SET, value, status=status)

    def more_pods(self, value, count):
        """Makes pods; the condition to report when that was refused."""
        meta, uid = value["metadata"], value["metadata"]["uid"]
        due, failure = self.retry.get(uid, (0, []))
        if time.monotonic() < due:
            self.kubelet.due(due)
            return failure
        template = value["spec"]["template"]
        for _ in range(count):
            try:
                quota = self.faults.for_pod("quota", meta["namespace"], meta["name"], template["spec"]["containers"][0]["image"])
                if quota:
                    raise Refusal(403, "Forbidden", f'pods "{meta["name"]}-" is forbidden: ' + quota.get(
                        "text", "exceeded quota: double, requested: pods=1, used: pods=1, limited: pods=1"))
                pod = self.make(POD, value, {**template.get("metadata", {}), "generateName": f"{meta['name']}-"}, spec=template["spec"])
                self.store.event(value, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", source="replicaset-controller")
            except Refusal as refused:
                self.store.event(value, "FailedCreate", f"Error creating: {refused}", True, "replicaset-controller")
                failure = [("ReplicaFailure", "True", "FailedCreate", str(refused))]
                self.retry[uid] = (time.monotonic() + RETRY, failure)
                self.kubelet.due(time.monotonic() + RETRY)
                return failure
        self.retry.pop(uid, None)
        return []

    # The rest

    def job(self, value):
        status = value.get("status", {})
        if value["metadata"].get("deletionTimestamp") or any(one["type"] in ("Complete", "Failed") for one in status.get("conditions", [])):
            return
        meta, spec = value["metadata"], value["spec"]
        pods = self.owned(POD, value)
        ended = {phase: sum(pod["status"]["phase"] == phase for pod in pods) for phase in ("Succeeded", "Failed")}
        active = len(pods) - sum(ended.values())
        conditions = []
        if ended["Succeeded"] >= spec["completions"]:
            conditions = [("SuccessCriteriaMet", "True", "CompletionsReached", ""), ("Complete", "True", "CompletionsReached", "")]
        elif ended["Failed"] > spec["backoffLimit"]:
            text = "Job has reached the specified backoff limit"
            conditions = [("FailureTarget", "True", "BackoffLimitExceeded", text), ("Failed", "True", "BackoffLimitExceeded", text)]
            self.store.event(value, "BackoffLimitExceeded", text, True, "job-controller")
        elif active < min(spec["parallelism"], spec["completions"] - ended["Succeeded"]) and not spec.get("suspend"):
            template = spec["template"]
            labels = {**(template.get("metadata", {}).get("labels") or {}), "job-name": meta["name"], "batch.kubernetes.io/job-name": meta["name"],
                      "controller-uid": meta["uid"]}
            pod = self.make(POD, value, {**template.get("metadata", {}), "generateName": f"{meta['name']}-", "labels": labels}, spec=template["spec"])
            self.store.event(value, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", source="job-controller")
            active += 1
        fresh = {"startTime": status.get("startTime") or now(), "active": active, "succeeded": ended["Succeeded"], "failed": ended["Failed"]}
        fresh = {key: item for key, item in fresh.items() if item}
        if conditions:
            fresh["conditions"] = kept_moments([], conditions)
            fresh["completionTime"] = now()
        self.store.change(JOB, value, status=fresh)

    def endpoints(self, value):
        selector, meta = value["spec"].get("selector"), value["metadata"]
        if not selector:
            return
        pods = [pod for pod in self.store.all(POD, meta["namespace"]) if pod.get("status", {}).get("podIP")
                and label_object({"matchLabels": selector})(pod["metadata"].get("labels"))]
        target = {port.get("name", ""): port["targetPort"] for port in value["spec"].get("ports") or []}
        ports = [{"name": name, "port": number if isinstance(number, int) else named_port(pods, number), "protocol": "TCP"}
                 for name, number in target.items()]
        found = [{"addresses": [pod["status"]["podIP"]], "conditions": {"ready": is_ready(pod)},
                  "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": meta["namespace"]}} for pod in pods]
        self.keep(SLICE, value, f"{meta['name']}-double", {"addressType": "IPv4", "endpoints": found, "ports": ports},
                  {"kubernetes.io/service-name": meta["name"]})
        ready = [{"ip": pod["status"]["podIP"]} for pod in pods if is_ready(pod)]
        self.keep(ENDPOINTS, value, meta["name"], {"subsets": [{"addresses": ready, "ports": ports}] if ready else []}, {})

    def keep(self, kind, owner, name, members, labels):
        known = self.store.get(kind, owner["metadata"]["namespace"], name)
        if known:
            self.store.change(kind, known, **members)
        else:
            self.make(kind, owner, {"name": name, "labels": labels}, **members)

    def budget(self, value):
        spec = value["spec"]
        pods = [pod for pod in self.store.all(POD, value["metadata"]["namespace"])
                if label_object(spec.get("selector") or {})(pod["metadata"].get("labels"))]
        healthy = sum(is_ready(pod) for pod in pods)
        if "minAvailable" in spec:
            wanted = share(spec["minAvailable"], len(pods), math.ceil)
        else:
            wanted = len(pods) - share(spec.get("maxUnavailable", 1), len(pods), math.ceil)
        status = {"observedGeneration": value["metadata"]["generation"], "expectedPods": len(pods), "currentHealthy": healthy,
                  "desiredHealthy": max(0, wanted), "disruptionsAllowed": max(0, healthy - wanted)}
        self.store.change(BUDGET, value, status=status)


def hashed(template):
    number = int(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest(), 16)
    return "".join(SAFE[number // len(SAFE) ** place % len(SAFE)] for place in range(9))


def share(text, whole, rounding):
    return rounding(int(text[:-1]) * whole / 100) if isinstance(text, str) else text


def is_ready(pod):
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod.get("status", {}).get("conditions", []))


def named_port(pods, name):
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or []:
                if port.get("name") == name:
                    return port["containerPort"]
    return 0


def kept_moments(old, conditions):
    """Conditions whose moments change only with their status and reason."""
    known = {(one["type"], one["status"], one["reason"]): one for one in old}
    result = []
    for kind, status, reason, message in conditions:
        before = known.get((kind, status, reason), {})
        result.append({"type": kind, "status": status, "reason": reason, "message": message,
                       "lastTransitionTime": before.get("lastTransitionTime", now()), "lastUpdateTime": before.get("lastUpdateTime", now())})
    return result
