# shellcheck shell=bash
# The Docker engine: yours if one answers, else a scratch one of our own. Sourced, never run.
#
# start_engine exports DOCKER_HOST and DOCKER_CONFIG, and puts a fitting docker client first on PATH.

# shellcheck source=script/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Images that the Dockerfile builds on.
base_images=(debian:bookworm-slim swift:6.3-bookworm)

# start_engine: an engine answers, and has the base images.
start_engine() {
    if ! find_engine; then
        started+=(engine)
        own_engine up > /dev/null
        use_own_engine
    fi
    export SHIPIT_E2E_DOCKER_HOST=$DOCKER_HOST
    say "using the Docker engine at $DOCKER_HOST"
    bring_base_images
}

# find_engine: uses your engine, else our own from another time, if it answers; false when there is none.
find_engine() {
    if [[ -n ${DOCKER_HOST:-} && $DOCKER_HOST != "$(own_engine address)" ]]; then
        answers || fail "the Docker engine at $DOCKER_HOST does not answer: start it, or unset DOCKER_HOST"
        use_your_engine
    elif [[ -z ${DOCKER_HOST:-} ]] && answers; then
        use_your_engine
    elif DOCKER_HOST=$(own_engine address) answers; then
        use_own_engine
    else
        return 1
    fi
}

own_engine() { "$repository/Tests/Support/engine" "$1" "$cache/engine"; }
answers() { docker version > /dev/null 2>&1; }

use_your_engine() {
    DOCKER_HOST=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
    export DOCKER_HOST
    link_plugins "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins"
}

# use_own_engine: with Debian's client first on PATH, since it has BuildKit built in; a newer one without its build
# plugin falls back to the classic builder.
use_own_engine() {
    DOCKER_HOST=$(own_engine address)
    export DOCKER_HOST
    mkdir -p "$cache/bin"
    ln -sf /usr/bin/docker "$cache/bin/docker"
    PATH=$cache/bin:$PATH
    link_plugins
}

# link_plugins [FOLDER]: a private docker configuration with compose, the plugins in FOLDER, and nobody's logins.
link_plugins() {
    local config=$cache/docker plugin
    rm -rf "$config/cli-plugins"
    mkdir -p "$config/cli-plugins"
    for plugin in "$cache/tools/docker-compose" ${1:+"$1"/*}; do
        [[ ! -x $plugin ]] || ln -sf "$plugin" "$config/cli-plugins/"
    done
    export DOCKER_CONFIG=$config
}

# bring_base_images: each is there, or pulled, or, in our own engine only, made here.
bring_base_images() {
    local image
    for image in "${base_images[@]}"; do
        docker image inspect "$image" > /dev/null 2>&1 ||
            docker pull --quiet "$image" > "$cache/pull.log" 2>&1 ||
            make_base_images "$image"
    done
}

# make_base_images MISSING: stand-ins of the same names, which Tests/Support/base-images makes in our own engine only.
make_base_images() {
    [[ $DOCKER_HOST == "$(own_engine address)" ]] ||
        fail "$1 cannot be pulled into the engine at $DOCKER_HOST: $(tail -n 1 "$cache/pull.log")"
    say "$1 cannot be pulled: making local stand-ins of the base images (a few minutes, once)"
    "$repository/Tests/Support/base-images" > "$cache/base-images.log" 2>&1 ||
        fail "the stand-ins were not made: $(tail -n 1 "$cache/base-images.log")"
}
