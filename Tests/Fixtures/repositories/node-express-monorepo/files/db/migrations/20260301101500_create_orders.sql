-- migrate:up
CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL);

-- migrate:down
DROP TABLE orders;
