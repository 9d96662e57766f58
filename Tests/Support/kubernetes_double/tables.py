"""What `kubectl get` shows: kubectl asks the server for a Table and prints its rows."""
import datetime

COLUMNS = {
    "Pod": ["Ready", "Status", "Restarts"],
    "Deployment": ["Ready", "Up-to-date", "Available"],
    "ReplicaSet": ["Desired", "Current", "Ready"],
    "Service": ["Type", "Cluster-IP"],
    "Secret": ["Type", "Data"],
    "ConfigMap": ["Data"],
    "Namespace": ["Status"],
    "Job": ["Status"],
}


def cells(value):
    spec, status = value.get("spec", {}), value.get("status", {})
    kind = value["kind"]
    if kind == "Pod":
        states = status.get("containerStatuses") or []
        waiting = next((one["state"]["waiting"]["reason"] for one in states if "waiting" in one.get("state", {})), None)
        shown = "Terminating" if value["metadata"].get("deletionTimestamp") else waiting or status.get("phase", "Unknown")
        return [f"{sum(one['ready'] for one in states)}/{len(spec['containers'])}", shown, sum(one["restartCount"] for one in states)]
    if kind == "Deployment":
        return [f"{status.get('readyReplicas', 0)}/{spec['replicas']}", status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    if kind == "ReplicaSet":
        return [spec["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]
    if kind == "Service":
        return [spec["type"], spec.get("clusterIP", "<none>")]
    if kind == "Secret":
        return [value["type"], len(value.get("data") or {})]
    if kind == "ConfigMap":
        return [len(value.get("data") or {})]
    if kind == "Namespace":
        return [status.get("phase", "")]
    if kind == "Job":
        return ["Complete" if status.get("succeeded") else "Failed" if status.get("failed") else "Running"]
    return []


def age(value):
    made = datetime.datetime.fromisoformat(value["metadata"]["creationTimestamp"].replace("Z", "+00:00"))
    return f"{int((datetime.datetime.now(datetime.timezone.utc) - made).total_seconds())}s"


def row(value, whole):
    if value["kind"] == "Event":
        involved = value.get("involvedObject") or value.get("regarding")
        texts = [age(value), value["type"], value["reason"], f"{involved['kind'].lower()}/{involved['name']}",
                 value.get("message") or value.get("note")]
    else:
        texts = [value["metadata"]["name"], *cells(value), age(value)]
    kept = value if whole else {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": value["metadata"]}
    return {"cells": texts, "object": kept}


def table(kind, values, metadata, whole=False, headers=True):
    if kind["kind"] == "Event":
        names = ["Last Seen", "Type", "Reason", "Object", "Message"]
    else:
        names = ["Name", *COLUMNS.get(kind["kind"], []), "Age"]
    columns = [{"name": name, "type": "string", "format": "name" if name == "Name" else "", "description": "", "priority": 0} for name in names]
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": columns if headers else None, "rows": [row(value, whole) for value in values]}
