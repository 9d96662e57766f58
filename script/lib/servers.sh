# shellcheck shell=bash
# The engine and the servers beside it, a registry and PostgreSQL. Sourced, never run.

# shellcheck source=script/lib/engine.sh
source "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

# PostgreSQL refuses to run as root, and root's home is closed to the user it runs as: its data live here.
postgres_folder=/var/tmp/shipit-postgres-$UID

# start_servers: engine, registry and PostgreSQL are up, and the variables that CONTRIBUTING.md lists are set.
start_servers() {
    start_engine
    start_registry
    start_postgres
    export SHIPIT_E2E_TOOLS=$cache/tools
}

# start_registry: Tests/Support/registry lives as long as its standard input, which here is a pipe that it holds open
# itself, so that it outlives this script; what it prints first is where it listens.
start_registry() {
    local folder=$cache/registry
    if ! registry_runs; then
        started+=(registry)
        mkdir -p "$folder"
        [[ -p $folder/input ]] || mkfifo "$folder/input"
        # What an earlier registry printed must not be taken for this one's.
        rm -f "$folder/output"
        setsid "$repository/Tests/Support/registry" "$folder" <> "$folder/input" > "$folder/output" 2> "$folder/errors" &
        printf '%s\n' $! > "$folder/pid"
        wait_for 20 grep -qsx ready "$folder/output" || fail "the registry did not start: $(tail -n 1 "$folder/errors")"
    fi
    SHIPIT_E2E_REGISTRY=localhost:$(sed -n 's/^port=//p' "$folder/output")
    export SHIPIT_E2E_REGISTRY SHIPIT_E2E_REGISTRY_USER=octo SHIPIT_E2E_REGISTRY_PASSWORD=octo-secret
    say "using the registry at $SHIPIT_E2E_REGISTRY"
}

registry_runs() { running "$cache/registry/pid" registry; }

start_postgres() {
    local url bridge
    bridge=$(bridge_address)
    "$repository/Tests/Support/postgres" status "$postgres_folder" > /dev/null 2>&1 || started+=(postgres)
    url=$("$repository/Tests/Support/postgres" up "$postgres_folder" "$bridge") || fail "PostgreSQL did not start"
    export SHIPIT_E2E_POSTGRES=$url
    export SHIPIT_E2E_POSTGRES_INSIDE=${url/127.0.0.1/${bridge:-host.docker.internal}}
    say "using PostgreSQL at ${url##*@}"
}

# bridge_address: this host's address on the engine's bridge, by which containers reach it; nothing if the bridge is not here.
#
# The interface tells, not the engine: one that has just made its first bridge names no gateway until it is started again.
bridge_address() {
    local name
    name=$(docker network inspect bridge --format '{{index .Options "com.docker.network.bridge.name"}}')
    python3 - "$name" << 'EOF' 2> /dev/null || true
import fcntl, socket, struct, sys
asked = fcntl.ioctl(socket.socket(), 0x8915, struct.pack("256s", sys.argv[1].encode()))  # SIOCGIFADDR
print(socket.inet_ntoa(asked[20:24]), end="")
EOF
}

# stop_server engine|registry|postgres: stops it; what it stored stays for the next time.
stop_server() {
    case $1 in
        engine) own_engine down ;;
        registry) stop_recorded "$cache/registry/pid" registry ;;
        postgres) "$repository/Tests/Support/postgres" down "$postgres_folder" ;;
    esac
}

# stop_started: stops what this script started, last first. For a trap: it goes on after a failure.
stop_started() {
    local index
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        stop_server "${started[index]}" || say "the ${started[index]} was not stopped"
    done
    started=()
}
