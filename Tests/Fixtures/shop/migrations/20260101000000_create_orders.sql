-- migrate:up
CREATE TABLE orders (id bigint PRIMARY KEY, item text NOT NULL);

-- migrate:down
DROP TABLE orders;
