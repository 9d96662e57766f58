"""A test double of a Kubernetes API server: nothing it is asked to run is run, and no result against it is a cluster test.

kubernetes_double FOLDER PORT: listens on PORT of the loopback interface (0: any), with FOLDER/server.crt and server.key. Writes
FOLDER/kubeconfig, prints `port=N`, `control=N` (plain HTTP, see control.py) and `ready`, and ends with its standard input.
"""
import os
import ssl
import sys
import threading
from http.server import ThreadingHTTPServer

from api import API
from control import Control
from controllers import Controllers
from faults import Faults
from kinds import named
from server import TOKEN, Handler
from store import Store

folder, wanted = sys.argv[1], int(sys.argv[2])


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


store, faults = Store(), Faults()
for name in ("default", "kube-system"):
    with store.lock:
        store.add(named("", "Namespace"), {"metadata": {"name": name}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
Handler.api, Handler.faults = API(store), faults
Handler.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
Handler.tls.load_cert_chain(f"{folder}/server.crt", f"{folder}/server.key")
Control.faults, Control.store = faults, store

server, control = Server(("127.0.0.1", wanted), Handler), Server(("127.0.0.1", 0), Control)
port = server.server_address[1]
with open(os.open(f"{folder}/kubeconfig", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
    file.write(f"""apiVersion: v1
kind: Config
current-context: double
clusters: [{{name: double, cluster: {{server: "https://127.0.0.1:{port}", certificate-authority: "{folder}/server.crt"}}}}]
users: [{{name: double, user: {{token: {TOKEN}}}}}]
contexts: [{{name: double, context: {{cluster: double, user: double, namespace: default}}}}]
""")
for one in (server, control):
    threading.Thread(target=one.serve_forever, daemon=True).start()
Controllers(Handler.api, faults).start()
print(f"port={port}", f"control={control.server_address[1]}", "ready", sep="\n", flush=True)
sys.stdin.read()
os._exit(0)
