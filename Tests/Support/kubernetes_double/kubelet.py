"""Plays scheduler and kubelet: a pod's state is what its age and the faults say. Nothing is ever run."""
import time

from kinds import named
from store import now

POD = named("", "Pod")
# Seconds from being made to ready (or, for a pod that ends, to its end), and from deletion to being gone.
READY_AFTER = 0.3
GONE_AFTER = 0.2
NODE = "double-node"
NOT_FOUND = ('Failed to pull image "{0}": rpc error: code = NotFound desc = failed to pull and unpack image "{0}": failed to resolve '
             'reference "{0}": unexpected status from HEAD request: 404 Not Found')


class Kubelet:
    def __init__(self, store, faults):
        self.store, self.faults = store, faults
        self.began, self.dying, self.told = {}, {}, set()
        self.next = None

    def due(self, moment):
        """Asks to be run again then."""
        self.next = moment if self.next is None else min(self.next, moment)

    def fault(self, name, pod):
        meta = pod["metadata"]
        return self.faults.for_pod(name, meta["namespace"], meta["name"], pod["spec"]["containers"][0]["image"])

    def tell(self, pod, reason, message, warning=False, again=None):
        """One event a pod and reason, or one every `again` seconds."""
        turn = int((time.monotonic() - self.began[pod["metadata"]["uid"]]) / again) if again else 0
        if again:
            self.due(self.began[pod["metadata"]["uid"]] + (turn + 1) * again)
        if (pod["metadata"]["uid"], reason, message, turn) not in self.told:
            self.told.add((pod["metadata"]["uid"], reason, message, turn))
            self.store.event(pod, reason, message, warning, "default-scheduler" if "chedul" in reason else "kubelet")

    def run(self):
        for pod in self.store.all(POD):
            meta = pod["metadata"]
            if meta.get("deletionTimestamp"):
                gone = self.dying.setdefault(meta["uid"], time.monotonic() + GONE_AFTER)
                if time.monotonic() >= gone:
                    self.tell_started(pod)
                    self.tell(pod, "Killing", f"Stopping container {pod['spec']['containers'][0]['name']}")
                    self.store.remove(POD, pod)
                else:
                    self.due(gone)
            elif pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
                self.tell_started(pod)
                self.progress(pod)

    def tell_started(self, pod):
        self.began.setdefault(pod["metadata"]["uid"], time.monotonic())

    def progress(self, pod):
        age = time.monotonic() - self.began[pod["metadata"]["uid"]]
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        if fault := self.fault("unschedulable", pod):
            text = fault.get("text", "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: "
                             "1 No preemption victims found for incoming pod.")
            self.tell(pod, "FailedScheduling", text, True, again=5)
            return self.report(pod, "Pending", scheduled=text)
        self.tell(pod, "Scheduled", f"Successfully assigned {name} to {NODE}")
        if not pod["spec"].get("nodeName"):
            pod = self.store.change(POD, pod, spec={**pod["spec"], "nodeName": NODE})
        container, image = pod["spec"]["containers"][0]["name"], pod["spec"]["containers"][0]["image"]
        if fault := self.fault("image-pull", pod):
            self.tell(pod, "Pulling", f'Pulling image "{image}"')
            self.tell(pod, "Failed", fault.get("text", NOT_FOUND.format(image)), True)
            self.tell(pod, "Failed", "Error: ErrImagePull", True)
            self.due(self.began[pod["metadata"]["uid"]] + 0.5)
            if age < 0.5:
                return self.waiting(pod, "ErrImagePull", fault.get("text", NOT_FOUND.format(image)))
            self.tell(pod, "BackOff", f'Back-off pulling image "{image}"')
            self.tell(pod, "Failed", "Error: ImagePullBackOff", True)
            return self.waiting(pod, "ImagePullBackOff", f'Back-off pulling image "{image}"')
        self.tell(pod, "Pulled", f'Container image "{image}" already present on machine')
        self.tell(pod, "Created", f"Created container: {container}")
        self.tell(pod, "Started", f"Started container {container}")
        if fault := self.fault("crash-loop", pod):
            restarts, every = fault.get("restarts", 3), fault.get("every", 0.2)
            count = min(int(age / every), restarts)
            if count < restarts:
                self.due(self.began[pod["metadata"]["uid"]] + (count + 1) * every)
            if count:
                self.tell(pod, "BackOff", f"Back-off restarting failed container {container} in pod {pod['metadata']['name']}"
                          f"_{pod['metadata']['namespace']}({pod['metadata']['uid']})", True, again=5)
            ended = {"terminated": {"exitCode": fault.get("exit", 1), "reason": "Error", "startedAt": now(), "finishedAt": now()}}
            if count == restarts:
                return self.waiting(pod, "CrashLoopBackOff", f"back-off 10s restarting failed container={container}", count, ended)
            return self.report(pod, "Running", state=ended, restarts=count, last=ended if count else None)
        if pod["spec"]["restartPolicy"] != "Always":
            return self.end(pod, age)
        if fault := self.fault("failed-readiness", pod):
            self.tell(pod, "Unhealthy", fault.get("text", "Readiness probe failed: HTTP probe failed with statuscode: 503"), True, again=1)
            return self.report(pod, "Running")
        moment = (self.fault("ready-after", pod) or {}).get("seconds", READY_AFTER)
        if self.fault("never-ready", pod):
            return self.report(pod, "Running")
        if age < moment:
            self.due(self.began[pod["metadata"]["uid"]] + moment)
            return self.waiting(pod, "ContainerCreating", "") if age < moment / 2 else self.report(pod, "Running")
        return self.report(pod, "Running", ready=True)

    def end(self, pod, age):
        """A pod that runs to its end: `exit` fault, else the annotation double/exit-code, else 0."""
        fault = self.fault("exit", pod) or {}
        code = int(fault.get("code", (pod["metadata"].get("annotations") or {}).get("double/exit-code", 0)))
        moment = fault.get("seconds", READY_AFTER)
        if age < moment:
            self.due(self.began[pod["metadata"]["uid"]] + moment)
            return self.report(pod, "Running", ready=True)
        ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "startedAt": now(), "finishedAt": now()}}
        return self.report(pod, "Failed" if code else "Succeeded", state=ended)

    def waiting(self, pod, reason, text, restarts=0, last=None):
        state = {"waiting": {"reason": reason, **({"message": text} if text else {})}}
        self.report(pod, "Running" if restarts else "Pending", state=state, restarts=restarts, last=last)

    def report(self, pod, phase, state=None, ready=False, restarts=0, last=None, scheduled=None):
        old = pod.get("status", {})
        known = {one["type"]: one for one in old.get("conditions", [])}

        def condition(kind, true, reason="", message=""):
            fresh = {"type": kind, "status": "True" if true else "False", **({"reason": reason} if reason else {}),
                     **({"message": message} if message else {})}
            same = known.get(kind, {}).get("status") == fresh["status"]
            return {**fresh, "lastProbeTime": None, "lastTransitionTime": known[kind]["lastTransitionTime"] if same else now()}

        ended = phase == "Succeeded"
        reason = "" if ready else "PodCompleted" if ended else "ContainersNotReady"
        text = "" if ready or ended else f"containers with unready status: [{pod['spec']['containers'][0]['name']}]"
        conditions = [condition("PodScheduled", scheduled is None, "" if scheduled is None else "Unschedulable", scheduled or "")]
        status = {"phase": phase, "conditions": conditions}
        if scheduled is None:
            conditions += [condition("Initialized", True), condition("Ready", ready, reason, text), condition("ContainersReady", ready, reason, text)]
            running = {"running": {"startedAt": old.get("startTime") or now()}}
            # Of a pod that reports again, the moments stay those of the first time.
            before = {one["name"]: one for one in old.get("containerStatuses", [])}
            states = []
            for container in pod["spec"]["containers"]:
                fresh = {"name": container["name"], "image": container["image"], "imageID": container["image"], "ready": ready,
                         "started": (state or running) == running, "restartCount": restarts, "state": state or running, "lastState": last or {}}
                known_state = before.get(container["name"])
                if known_state and shape(known_state) == shape(fresh):
                    fresh = known_state
                states.append(fresh)
            last_octets = old.get("podIP", "").removeprefix("10.244.") or self.store.next_address()
            status.update(containerStatuses=states, hostIP="127.0.0.1", podIP=f"10.244.{last_octets}",
                          podIPs=[{"ip": f"10.244.{last_octets}"}], startTime=old.get("startTime") or now(), qosClass="Burstable")
        self.store.change(POD, pod, status=status)


def shape(status):
    """A container's status without its moments."""
    def timeless(state):
        return {kind: {key: value for key, value in one.items() if not key.endswith("At")} for kind, one in state.items()}
    return {**status, "state": timeless(status["state"]), "lastState": timeless(status["lastState"])}
