/// The module Postgres.
