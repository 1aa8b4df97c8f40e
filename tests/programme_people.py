"""The people of the programmes' stories, the days on which they shop, and what they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")
TEXAS = ZoneInfo("America/Chicago")


@dataclass(frozen=True)
class Person:
    """A shopper: who they are, and what they tick."""

    number: str
    email: str
    agrees_to: tuple[str, ...] = ("sms", "email")
    name: str = "Ana"
    country: str = "FR"
    province: str | None = None
    locale: str = "fr"

    def typed(self) -> dict[str, Any]:
        """What they type at a checkout."""
        by_text = "sms" in self.agrees_to
        return {
            "email": self.email,
            "phone": self.number,
            "first_name": self.name,
            "locale": self.locale,
            "buyer_accepts_marketing": "email" in self.agrees_to,
            "buyer_accepts_sms_marketing": by_text,
            "sms_marketing_phone": self.number if by_text else None,
            "shipping_address": {"country_code": self.country, "province_code": self.province},
        }


def somebody(which: int, **known: Any) -> Person:
    """A French shopper with a number and an address of their own."""
    own = {"number": f"+3369876{which:04d}", "email": f"shopper{which}@example.com"}
    return Person(**own | known)


def the_next(
    now: datetime, weekday: int, at: str, zone: ZoneInfo = PARIS, *, before_a_holiday: bool = False
) -> datetime:
    """The next such weekday (Monday is 0) at that local time, at least an hour from now.

    A French public holiday falls two days later, or none in the four days from it.
    """
    days_of_rest = holidays.country_holidays("FR")
    today = now.astimezone(zone).date()
    for ahead in range(800):
        day = today + timedelta(days=ahead)
        local = datetime.combine(day, day_time.fromisoformat(at), zone)
        rests = {after for after in range(4) if day + timedelta(days=after) in days_of_rest}
        soon = local.astimezone(UTC) < now + timedelta(hours=1)
        wanted = {2} if before_a_holiday else set()
        if day.weekday() == weekday and not soon and rests == wanted:
            return local.astimezone(UTC)
    raise AssertionError("there is no such day")


def link_in(text: str, path: str = "/r/") -> str:
    """The link to us in a text, or in an e-mail's plain part."""
    found = re.search(rf"https://127\.0\.0\.1:\d+{path}[\w-]+", text)
    assert found is not None, text
    return found[0]
