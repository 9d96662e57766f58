-- Short messages from the operators, newest first, that the page shows as a banner (GET /api/announcements).

-- migrate:up
CREATE TABLE announcements (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message      text NOT NULL CHECK (length(message) BETWEEN 1 AND 500),
    published_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE announcements;
