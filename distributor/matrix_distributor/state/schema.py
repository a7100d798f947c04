"""The tables of the state, and how a database of an earlier version comes to have them."""

from __future__ import annotations

import sqlite3

VERSION = 3

TABLES = """
CREATE TABLE generations (
    number    INTEGER PRIMARY KEY,
    manifest  BLOB NOT NULL,          -- manifest.json, as on the hosts
    ancestors TEXT NOT NULL,          -- "number digest" a line, the newest first
    signature BLOB NOT NULL DEFAULT x''  -- over the manifest, armoured, empty: not signed
);
CREATE TABLE files (
    number  INTEGER NOT NULL REFERENCES generations ON DELETE CASCADE,
    path    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    PRIMARY KEY (number, path)
) WITHOUT ROWID;
CREATE TABLE contents (
    sha256  TEXT PRIMARY KEY,
    packed  BLOB NOT NULL             -- zlib
);
CREATE TABLE hosts (
    host       TEXT PRIMARY KEY,
    result     TEXT NOT NULL,
    generation INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    stage      TEXT NOT NULL,
    cause      TEXT NOT NULL,
    cure       TEXT NOT NULL,
    drift      TEXT NOT NULL,         -- JSON list of paths
    tried      TEXT NOT NULL,
    seen       TEXT NOT NULL,
    since      TEXT NOT NULL
);
CREATE TABLE outcomes (
    time       TEXT NOT NULL,
    wanted     INTEGER NOT NULL,      -- the generation that was pushed
    host       TEXT NOT NULL,
    result     TEXT NOT NULL,
    generation INTEGER NOT NULL,
    stage      TEXT NOT NULL,
    cause      TEXT NOT NULL,
    seconds    REAL NOT NULL
);
CREATE INDEX outcomes_by_host ON outcomes (host, time);
"""

REFLECTIONS = """
CREATE TABLE reflections (
    entry      TEXT NOT NULL,
    host       TEXT NOT NULL,
    path       TEXT NOT NULL,
    result     TEXT NOT NULL,
    stage      TEXT NOT NULL,
    cause      TEXT NOT NULL,
    cure       TEXT NOT NULL,
    wanted     INTEGER NOT NULL,      -- the generation whose file was to be applied
    tried      TEXT NOT NULL,
    applied    TEXT NOT NULL,         -- when a file was last put in place and applied; empty: never
    PRIMARY KEY (entry, host)
) WITHOUT ROWID
"""


_NAMES = ("generations", "files", "contents", "hosts", "outcomes", "reflections")


def prepare(connection: sqlite3.Connection) -> int:
    """Give a new database its tables. Returns the version that it has, which may be newer than VERSION."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in TABLES.split(";"):
                connection.execute(statement)
        if version == 1:
            connection.execute("ALTER TABLE generations ADD COLUMN signature BLOB NOT NULL DEFAULT x''")
        if version < VERSION:
            connection.execute(REFLECTIONS)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            version = VERSION
        connection.execute("COMMIT")
    return version


def strange_entry(connection: sqlite3.Connection) -> str:
    """What is in the place of a table, or acts when one is read or written; empty when all is as it should be.

    A view in place of a table could keep a reader up for ever.
    """
    rows = connection.execute("SELECT name, type, rootpage FROM sqlite_master WHERE type != 'index'").fetchall()
    for name, kind, page in rows:
        if kind != "table" or not page:
            return f"{name} is a {'virtual table' if kind == 'table' else kind}"
    held = {name for name, _, _ in rows}
    missing = [name for name in _NAMES if name not in held]
    return f"there is no table {missing[0]}" if missing else ""
