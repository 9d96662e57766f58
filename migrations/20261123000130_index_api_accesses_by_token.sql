-- Whether somebody changed something in the last seconds is asked with each question that a replica of the ledger may answer.
-- shipit:compatible

-- migrate:up
CREATE INDEX api_accesses_by_token ON api_accesses (token, at);

-- migrate:down
DROP INDEX api_accesses_by_token;
