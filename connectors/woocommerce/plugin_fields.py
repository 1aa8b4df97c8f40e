"""Values as the plugin writes them: times with an offset, true or false, lists, consents."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.protocols import Unreadable
from connectors.woocommerce.fields import Row, rows, text, wanted
from recovery.model import Channel, Consent


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


def consent(
    row: Row, now: datetime, source: str, language: str | None = None, ip: str | None = None
) -> Consent:
    """A box ticked or unticked. Whether it was is told, never supposed.

    `language` and `ip` are those of the cart or order that it came with.
    """
    try:
        found = Channel(wanted(text(row, "channel"), "channel"))
    except ValueError as error:
        raise Unreadable("channel: sms or email was expected") from error
    if not isinstance(row.get("granted"), bool):
        raise Unreadable("granted: true or false was expected")
    return Consent(
        channel=found,
        address=wanted(text(row, "address"), "address"),
        granted=flag(row, "granted"),
        source=source,
        at=at(row, "at", now),
        words=text(row, "words") or "",
        language=language,
        ip=ip,
    )
