"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

# SQLite counts rows by itself only in a column that is exactly INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")

_STEPS = Decimal(10_000)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so it is taken off and put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently mean the machine's zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back aware UTC, whatever zone the session of the database speaks."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def written_moment(value: datetime | None) -> str | None:
    """The text that SQLite keeps for a `Moment`."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


#: A word to search by. PostgreSQL orders it by its bytes, as SQLite does: a beginning is a range.
Word = String(40).with_variant(String(40, collation="C"), "postgresql")


class Amount(TypeDecorator[Decimal]):
    """An exact amount with up to four decimals, kept as a whole number of ten-thousandths.

    SQLite has no decimal type and would keep a float; whole numbers add up
    exactly in both databases. Four decimals hold every ISO 4217 currency.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Round half even to ten-thousandths, far below a cent."""
        return None if value is None else round(value * _STEPS)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give back the amount with four decimals."""
        return None if value is None else Decimal(value) / _STEPS
