-- Who may use the API, and what they changed or were refused there; docs/api.md describes both.
-- shipit:compatible

-- migrate:up
CREATE TABLE api_tokens (
    id         text PRIMARY KEY CHECK (id ~ '^[a-z2-7]{13}$'),
    -- SHA-256 of the secret, which is kept nowhere.
    sum        bytea NOT NULL CHECK (length(sum) = 32),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    project    text NOT NULL CHECK (length(project) BETWEEN 1 AND 63),
    role       text NOT NULL CHECK (role IN ('developer', 'ci', 'release-manager', 'on-call', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- Written at most once a minute.
    used_at    timestamptz
);
CREATE INDEX api_tokens_by_project ON api_tokens (project, created_at DESC, id DESC);

CREATE TABLE api_accesses (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    project    text NOT NULL,
    -- The token, if there was a good one: it may be gone when somebody looks.
    token      text,
    name       text,
    role       text,
    method     text NOT NULL,
    path       text NOT NULL,
    -- Null while the work is under way, and for ever when the service ended meanwhile.
    status     smallint,
    request_id text NOT NULL,
    address    text NOT NULL
);
CREATE INDEX api_accesses_by_project ON api_accesses (project, id DESC);

-- migrate:down
DROP TABLE api_accesses;
DROP TABLE api_tokens;
