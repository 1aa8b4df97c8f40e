"""What time it is: the system's clock, or in demonstrations one that can be moved forward."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Now = Callable[[], datetime]


def system_time() -> datetime:
    """The current time, aware UTC."""
    return datetime.now(UTC)


class NotMovable(Exception):
    """Time must not be moved here; the message says what to do."""


BESIDE_A_REAL_SHOP = (
    "CLOCK_FILE: not allowed while a real shop is connected. Take it away and start again."
)


class FileClock:
    """The system's clock plus the seconds written in a file that every process reads.

    It only goes forward: a clock that jumps back would send twice in stories that
    real life never tells.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self) -> datetime:
        """The current time of the demonstration, aware UTC."""
        return system_time() + timedelta(seconds=self.ahead())

    def ahead(self) -> float:
        """By how many seconds this clock is ahead; 0 while nobody moved it."""
        try:
            return float(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return 0.0

    def forward(self, seconds: float) -> None:
        """Move the time forward for every process that reads this file."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        fresh.write_text(str(self.ahead() + seconds))
        fresh.replace(self.path)


def refuse_beside_real_shops(clock_file: str, database_url: str) -> None:
    """A clock that can be moved is for demonstrations: not beside one real shop.

    For the start of a process. Raises `NotMovable`, also when the database cannot say
    whether there is one.
    """
    if not clock_file:
        return
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    from recovery import shops, tables
    from recovery.database import Database

    try:
        opened = Database(database_url, pool=1)
        with opened.reading() as db:
            known = inspect(db).has_table(tables.shops.name)  # else nothing is there yet
            real = known and shops.has_real_ones(db)
        opened.close()
    except SQLAlchemyError as error:
        raise NotMovable(
            "CLOCK_FILE: the database does not say whether a real shop is connected "
            f"({type(error).__name__}). Without CLOCK_FILE this can start."
        ) from error
    if real:
        raise NotMovable(BESIDE_A_REAL_SHOP)


def clock_of(path: str) -> Now:
    """The clock kept in `path`; the system's own when `path` is empty."""
    return FileClock(Path(path)) if path else system_time
