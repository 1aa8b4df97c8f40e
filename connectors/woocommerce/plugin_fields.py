"""Values as the plugin writes them: times with an offset, true or false, short lists."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.protocols import Unreadable
from connectors.woocommerce.fields import Row, rows, text, wanted


def listed(row: Row, name: str, most: int) -> list[Row]:
    """A list of objects with no more than `most`. Raises `Unreadable`."""
    found = rows(row, name)
    if len(found) > most:
        raise Unreadable(f"{name}: more than {most}")
    return found


def at(row: Row, name: str, now: datetime) -> datetime:
    """An ISO 8601 time *with* its offset, at the latest `now`. Raises `Unreadable`."""
    value = wanted(text(row, name), name)
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise Unreadable(f"{name}: a time needs its offset from UTC")
        return min(found.astimezone(UTC), now)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{name}: a time was expected") from error


def flag(row: Row, name: str) -> bool:
    """A true or false; false when missing. Raises `Unreadable`."""
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise Unreadable(f"{name}: true or false was expected")
    return value
