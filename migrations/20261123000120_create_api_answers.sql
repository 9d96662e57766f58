-- What requests with an Idempotency-Key were answered, kept for a day; docs/api.md describes it.
-- shipit:compatible

-- migrate:up
CREATE TABLE api_answers (
    token      text NOT NULL,
    key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    -- SHA-256 of the method, the path and the body.
    request    bytea NOT NULL CHECK (length(request) = 32),
    -- Tells the attempt that does the work from one that comes after it.
    attempt    bigint NOT NULL,
    -- Null while the work is under way.
    status     smallint,
    type       text,
    body       bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (token, key)
);
CREATE INDEX api_answers_by_time ON api_answers (created_at);

-- migrate:down
DROP TABLE api_answers;
