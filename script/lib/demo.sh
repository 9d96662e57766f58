# shellcheck shell=bash
# The steps of script/demo. Sourced, never run.

# shellcheck source=script/lib/servers.sh
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

# The scratch clone lives as long as the cache: what did not change since the last time is not compiled again.
clone=$cache/demo/shipit

# prepare_clone: a clean copy of HEAD that ships to this machine's registry and engine, and the current folder from here on.
prepare_clone() {
    [[ -d $clone/.git ]] || git init --quiet --initial-branch main "$clone"
    cd "$clone" || fail "no folder $clone"
    git config user.name "shipit demo"
    git config user.email demo@example.invalid
    git fetch --quiet --update-shallow "$repository" HEAD
    git checkout --quiet --force -B main FETCH_HEAD
    git clean --quiet --force -dx --exclude=.build
    mv deploy/project.yml pipelines/project.yml
    sed -i -e "s|^registry: .*|registry: $SHIPIT_E2E_REGISTRY/shipit-dev/shipit|" \
        -e 's/project: shipit-/project: shipit-demo-/' pipelines/project.yml
    git commit --quiet --all --message "Ship to this machine, under names of the demo's own"
    say "a scratch clone of HEAD is in $clone"
}

# build_shipit: the release binary, first on PATH.
build_shipit() {
    local begun=$SECONDS
    say "building shipit (some minutes the first time)"
    build_shipped --product shipit --quiet
    PATH=$(build_shipped --show-bin-path):$PATH
    say "built in $((SECONDS - begun)) s"
}

# forget_last_time: no release runs, and the databases are new and empty.
forget_last_time() {
    local database
    remove_releases
    for database in ledger staging production; do
        sql "DROP DATABASE IF EXISTS demo_$database WITH (FORCE)"
        sql "CREATE DATABASE demo_$database"
    done
}

# remove_releases: the containers and networks of the demo's environments, and of candidates beside them.
remove_releases() {
    local project
    for project in $(docker compose ls --all --quiet | grep '^shipit-demo-' || true); do
        docker compose --project-name "$project" --progress quiet down --remove-orphans --timeout 5
    done
}

# sql STATEMENT: as the superuser; the password travels in the environment, never as an argument.
sql() {
    local login=${SHIPIT_E2E_POSTGRES#*://}
    local place=${login##*@}
    login=${login%@*}
    PGUSER=${login%%:*} PGPASSWORD=${login#*:} PGHOST=${place%%:*} PGPORT=$(port_of "$place") PGDATABASE=postgres \
        psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set VERBOSITY=terse --command "SET client_min_messages = warning" \
        --command "$1"
}

# port_of HOST:PORT/DATABASE: prints the port.
port_of() {
    local rest=${1#*:}
    printf '%s' "${rest%%/*}"
}

# connect_shipit: what deploy/project.yml refers to, and the ledger that the page shows.
connect_shipit() {
    local here=${SHIPIT_E2E_POSTGRES%/*} inside=${SHIPIT_E2E_POSTGRES_INSIDE%/*}
    export REGISTRY_USERNAME=$SHIPIT_E2E_REGISTRY_USER REGISTRY_PASSWORD=$SHIPIT_E2E_REGISTRY_PASSWORD
    export STAGING_DATABASE_URL=$here/demo_staging STAGING_API_DATABASE_URL=$inside/demo_staging
    export PRODUCTION_DATABASE_URL=$here/demo_production PRODUCTION_API_DATABASE_URL=$inside/demo_production
    export SHIPIT_STATE=$here/demo_ledger API_LEDGER_URL=$inside/demo_ledger
}

# step CODE COMMAND…: shows a command, runs it, and insists on its exit code (3 is "waiting for an approval").
step() {
    local expected=$1 code=0
    shift
    printf '\n$ %s\n' "$*"
    "$@" || code=$?
    ((code == expected)) || fail "'$*' ended with exit code $code, not $expected"
}

# approve: approves the run that waits, and goes on with it.
approve() {
    local run
    step 0 shipit approvals
    run=$(shipit approvals --json | jq -er 'first(.. | objects | .run // empty)') || fail "no run waits for an approval"
    step 0 shipit approve "$run" --continue
}

# page ENVIRONMENT PORT: says where the page is, once it has answered.
page() {
    curl --silent --fail --show-error --max-time 5 --output /dev/null "http://127.0.0.1:$2/" ||
        fail "the page of $1 does not answer on port $2"
    printf '\n%s is at http://127.0.0.1:%s\n' "$1" "$2"
}

# second_commit: a change to the page, so a new web image, and a compatible migration, so a new api image.
second_commit() {
    sed -i 's|>shipit</a>|>shipit, second release</a>|' Sources/apps/web/Public/index.html
    cat > migrations/20261123000200_announcement_severity.sql << 'END'
-- shipit:compatible

-- migrate:up
ALTER TABLE announcements ADD COLUMN severity text NOT NULL DEFAULT 'info' CHECK (severity IN ('info', 'warning'));
INSERT INTO announcements (message) VALUES ('This database has met the second release.');

-- migrate:down
ALTER TABLE announcements DROP COLUMN severity;
END
    git add --all
    git commit --quiet --message "Announcements have a severity"
    [[ -n $(git diff --name-only HEAD~1 -- Sources/apps/web/Public) ]] || fail "the second commit did not change the page"
    step 0 git --no-pager show --stat --format='%h %s' HEAD
}

# take_down: removes what the demo deployed, and stops the servers that are ours.
take_down() {
    ! find_engine || remove_releases
    stop_server postgres
    stop_server registry
    stop_server engine
}

