# shellcheck shell=bash
# shellcheck disable=SC2034  # those who source this use the variables
# What every script shares: where things are kept, how to speak, how to wait. Sourced, never run.

# The work tree this script belongs to, and the folder that keeps downloads and servers between runs.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/shipit
mkdir -p "$cache"

# The servers this script started itself, in order, so that it stops those and nothing else.
started=()

# say TEXT…: one line of progress, kept apart from the output of the commands in between.
say() { printf '==> %s\n' "$*" >&2; }

# fail TEXT…: says what is wrong and what to do, and ends the script with exit code 1.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# wait_for SECONDS COMMAND…: runs COMMAND until it succeeds; false when the time is over.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# free_port: prints a port of the loopback interface that nothing listens on now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# running PIDFILE NAME: true while the process recorded in PIDFILE lives and is still a NAME (ids are reused).
running() {
    local pid
    pid=$(cat "$1" 2> /dev/null) && [[ -n $pid && $(cat "/proc/$pid/comm" 2> /dev/null) == "$2"* ]]
}

# stop_recorded PIDFILE NAME: ends that process, waiting up to 20 s before it is killed, and forgets it.
stop_recorded() {
    local pid
    if running "$1" "$2"; then
        pid=$(cat "$1")
        kill "$pid"
        wait_for 20 eval "! kill -0 $pid" || kill -9 "$pid"
    fi
    rm -f "$1"
}

# build_shipped OPTION…: `swift build` in the current folder, with what the images are built with (docs/decisions.md, 8).
build_shipped() {
    swift build --configuration release --static-swift-stdlib --toolset "$repository/script/release.json" "$@"
}
