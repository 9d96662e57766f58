"""plain.py FILE COUNT LENGTH: the peer of SQLite's ledger in script/bench: COUNT rows, each in a durable transaction of its own.

It says `ready` once the file is open, begins at a line of its standard input, and says `done` when the last row is durable.
"""

import os
import sqlite3
import sys

file, count, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = sqlite3.connect(file, timeout=60, isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
body = bytes(length)
insert = "INSERT INTO plain(body) VALUES (?)"
if not database.execute("SELECT 1 FROM sqlite_schema").fetchall():
    database.execute("CREATE TABLE plain(id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    # The log grows to its full size once, and is written anew from its beginning ever after, which is faster.
    database.execute("BEGIN")
    database.executemany(insert, [(body,)] * 20_000)
    database.execute("COMMIT")
print("ready", flush=True)
sys.stdin.readline()
for _ in range(count):
    database.execute(insert, (body,))
print("done", flush=True)
# Without closing the file, which would remove its log, as ledger-bench ends: a log that is there is written to faster than a new one.
os._exit(0)
