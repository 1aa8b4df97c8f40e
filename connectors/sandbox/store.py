"""The sandbox's own small file: carts, orders, coupons, texts, e-mails, webhooks to deliver.

One connection per use, so that any thread may ask. `writing()` is one transaction;
a webhook is written down in the transaction that caused it, so none is lost by a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS carts (
    key TEXT PRIMARY KEY, created_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    begun_at TEXT, ordered_at TEXT, deleted_at TEXT,
    language TEXT NOT NULL, country TEXT NOT NULL, user_agent TEXT,
    first_name TEXT NOT NULL DEFAULT '', last_name TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '', email TEXT NOT NULL DEFAULT '',
    sms INTEGER, sms_phone TEXT, sms_at TEXT, sms_words TEXT, code TEXT,
    mail INTEGER, mail_address TEXT, mail_at TEXT, mail_words TEXT
);
CREATE TABLE IF NOT EXISTS lines (
    cart TEXT NOT NULL REFERENCES carts(key), product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0), PRIMARY KEY (cart, product)
);
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,
    cart TEXT NOT NULL UNIQUE REFERENCES carts(key),
    placed_at TEXT NOT NULL, changed_at TEXT NOT NULL, cancelled_at TEXT
);
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS coupons (
    code TEXT PRIMARY KEY COLLATE NOCASE, key TEXT NOT NULL, ends_at TEXT NOT NULL,
    terms TEXT NOT NULL, used_at TEXT
);
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, reference TEXT,
    inbound INTEGER NOT NULL, number TEXT NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL, outcome TEXT NOT NULL, settled_after REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS texts_by_number ON texts (number, id);
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, reference TEXT,
    address TEXT NOT NULL COLLATE NOCASE, message BLOB NOT NULL, at TEXT NOT NULL,
    opened_at TEXT, unsubscribed_at TEXT
);
CREATE INDEX IF NOT EXISTS mails_by_address ON mails (address, id);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, delivery TEXT NOT NULL UNIQUE, url TEXT NOT NULL,
    topic TEXT NOT NULL, body BLOB NOT NULL, written REAL NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting'
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
"""
BUSY_SECONDS = 5.0
#: Columns that a file made by an older version lacks.
LATER = {"mail": "INTEGER", "mail_address": "TEXT", "mail_at": "TEXT", "mail_words": "TEXT"}


class Store:
    """Opens the file at `file`, making it and its tables where they are missing."""

    def __init__(self, file: Path | str) -> None:
        self._file = Path(file)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(SCHEMA)
            held = {row["name"] for row in db.execute("PRAGMA table_info(carts)")}
            for name in LATER.keys() - held:
                db.execute(f"ALTER TABLE carts ADD COLUMN {name} {LATER[name]}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file."""
        with self._open() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or after an exception nothing."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous=NORMAL")
            yield db
        finally:
            db.close()
