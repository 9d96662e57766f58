# Three images from one file: api, web (the control plane) and shipit (the command).
#
# Layers go from what changes least to what changes most: Debian packages, the dependencies of Package.swift, our Swift,
# and last the files that need no compiler (the page, the migrations). No frontend line, no heredoc, so that a
# builder without access to a registry can read it.

FROM swift:6.3-bookworm AS toolchain
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        jq libcurl4-openssl-dev libgit2-dev libpq-dev libsqlite3-dev libyaml-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY script/release.json /release.json
ENV SWIFT_BUILD="swift build --configuration release --static-swift-stdlib --toolset /release.json"

# What is compiled, without what is only served: a change to the page must not compile Swift again.
FROM toolchain AS sources
COPY Sources Sources
RUN rm -rf Sources/apps/web/Public && mkdir Sources/apps/web/Public

# What Package.swift says about dependencies and nothing else: a new module of ours must not compile theirs again.
FROM toolchain AS manifest
COPY Package.swift ./
RUN mkdir -p /manifest/Sources/dependencies && touch /manifest/Sources/dependencies/main.swift \
    && { echo '// swift-tools-version: 6.2'; echo 'import PackageDescription'; \
        echo 'let package = Package(name: "shipit", dependencies: ['; \
        sed -n '/^ *\.package(url: /p' Package.swift; \
        echo '], targets: [.executableTarget(name: "dependencies", dependencies: ['; \
        sed -n 's/^let .* = Target\.Dependency\(\.product(.*)\)$/    \1,/p' Package.swift; \
        echo '])])'; } > /manifest/Package.swift

# The dependencies alone, compiled for an empty program, so that this layer lives as long as their versions.
FROM toolchain AS dependencies
COPY --from=manifest /manifest ./
RUN $SWIFT_BUILD --product dependencies && rm -rf Package.swift Sources

# The tests stay outside; for Package.swift to be valid their folders are there.
FROM dependencies AS services
COPY Package.swift ./
RUN swift package dump-package \
    | jq -r '.targets[] | .path // (if .type == "test" then "Tests/" + .name else empty end) | select(startswith("Tests/"))' \
    | while read -r folder; do mkdir -p "$folder" && touch "$folder/Empty.swift"; done
COPY --from=sources /src/Sources Sources
RUN $SWIFT_BUILD --product api && $SWIFT_BUILD --product web \
    && install -D -t /out .build/release/api .build/release/web

FROM services AS command
RUN $SWIFT_BUILD --product shipit && install -D -t /out .build/release/shipit

# What every image runs on: no shell user, no home, nothing writable.
FROM debian:bookworm-slim AS base
RUN groupadd --gid 10001 shipit \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shipit
STOPSIGNAL SIGTERM

FROM base AS api
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libpq5 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=services /out/api /usr/local/bin/api
COPY migrations /usr/local/share/shipit/migrations
ENV HOST=0.0.0.0 PORT=3001
USER 10001:10001
EXPOSE 3001
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["/usr/local/bin/api", "--check-health"]
ENTRYPOINT ["/usr/local/bin/api"]

FROM base AS web
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=services /out/web /usr/local/bin/web
COPY Sources/apps/web/Public /usr/local/share/shipit/web
ENV HOST=0.0.0.0 PORT=3000 API_URL=http://api:3001 WEB_PUBLIC=/usr/local/share/shipit/web
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["/usr/local/bin/web", "--check-health"]
ENTRYPOINT ["/usr/local/bin/web"]

FROM base AS shipit
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgit2-1.5 libpq5 libsqlite3-0 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=command /out/shipit /usr/local/bin/shipit
USER 10001:10001
WORKDIR /work
HEALTHCHECK NONE
ENTRYPOINT ["/usr/local/bin/shipit"]
