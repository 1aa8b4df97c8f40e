"""Open the database: SQLite by default, PostgreSQL by its URL.

SQLite runs in WAL mode with `synchronous=NORMAL`, writes begin with
`BEGIN IMMEDIATE` and wait up to five seconds for another writer. PostgreSQL
runs at READ COMMITTED with its own `synchronous_commit` (on by default).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

Result = TypeVar("Result")
_PATIENCE = 4  # seconds for a connection: a platform waits five for the whole answer
_WRITERS_PATIENCE = 5.0  # seconds
_ASK_EVERY = 0.001  # seconds between two tries to be SQLite's one writer
_BUSY_TIMEOUT = "PRAGMA busy_timeout=5000"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    _BUSY_TIMEOUT,
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-4000",
    # 16 MB between two checkpoints: each costs two fsyncs, and a webhook writes some 40 kB.
    "PRAGMA wal_autocheckpoint=4000",
)

_SQLITE = {"cached_statements": 600}  # `bulk` makes one for each number of rows
# Nearly everything asked here is a look at a few rows by an index. A plan made while the
# tables are empty reads all of them, and is kept with the statement until the first
# statistics come: by then a flood has waited 35 ms for each look at a dozen carts.
_BY_INDEX = ("enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off")
_POSTGRESQL = {
    "connect_timeout": _PATIENCE,
    "options": " ".join(f"-c {each}" for each in (*_BY_INDEX, "random_page_cost=1.1")),
}


class Database:
    """One engine with two ways in: `transaction()` to write, `reading()` to read."""

    def __init__(self, url: str, pool: int = 8) -> None:
        self.url = _driver(url)
        self.engine = _engine(self.url, pool)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, undone on any exception."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                _begin_writing(connection)
            yield connection
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; it never waits for a writer."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    def run(self, work: Callable[[Connection], Result], tries: int = 4) -> Result:
        """Do `work` in a transaction, again when another writer came between.

        That is a lock not had in time, a deadlock, or a row that another process
        inserted first. `work` must be repeatable. Raises the last error.
        """
        while True:
            tries -= 1
            try:
                with self.transaction() as connection:
                    return work(connection)
            except (IntegrityError, OperationalError):
                if tries == 0:
                    raise

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def _begin_writing(connection: Connection) -> None:
    """BEGIN IMMEDIATE; the lock that other writers hold is asked for every millisecond.

    SQLite's own wait asks ever more rarely, ten times a second in the end, and loses for
    seconds against a writer that comes again at once (webhooks against a flood of sends).
    """
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    until = time.monotonic() + _WRITERS_PATIENCE
    raw.execute("PRAGMA busy_timeout=0").close()
    try:
        while _is_busy(raw) and time.monotonic() < until:
            time.sleep(_ASK_EVERY)
        if not raw.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises the error that callers know
    finally:
        raw.execute(_BUSY_TIMEOUT).close()


def _is_busy(raw: sqlite3.Connection) -> bool:
    """Try to become the writer; whether another one is, and that alone is in the way."""
    try:
        raw.execute("BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


LOCKED = "55P03"  # PostgreSQL: lock_not_available


class InUse(Exception):
    """A table is in use, and waiting for it would hold up all others: nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "The database is in use: a change of its tables would hold up the running processes. "
            "Nothing was changed. Stop web, clock and worker, or try again at a quiet hour."
        )


def upgrade(url: str, patience: float = 5.0) -> None:
    """Bring the schema of the database at `url` to the newest version; made when missing.

    On PostgreSQL each change waits `patience` seconds at most for whoever uses a table, then
    raises `InUse`, with all as it was before.
    """
    # Here, because only this needs it and it takes 12 MB.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = _driver(url)
    config.attributes["patience"] = patience
    _make_folder(_driver(url))
    command.upgrade(config, "head")


def _driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _engine(url: str, pool: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=_PATIENCE,
        # The connection used last is used next: its statements are prepared and its pages
        # read. Taking turns, each of twenty would keep all of them for itself.
        pool_use_lifo=True,
        hide_parameters=True,  # an error must not repeat what a shopper typed
        pool_pre_ping="sqlite" not in url,
        connect_args=_SQLITE if "sqlite" in url else _POSTGRESQL,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _make_folder(url: str) -> None:
    place = make_url(url)
    if place.drivername.startswith("sqlite") and place.database not in (None, "", ":memory:"):
        Path(str(place.database)).parent.mkdir(parents=True, exist_ok=True)
