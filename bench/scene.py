"""What several benches need: a shop, the clock and workers, waiting until all is done."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from bench.house import House
from bench.provider import Provider
from bench.seeds import left_to_do
from recovery import shops
from recovery.shops import ShopRow


def now() -> datetime:
    """The real time: benches measure against it."""
    return datetime.now(UTC)


def a_shop(
    house: House, account_id: int, place: int = 0, platform: str = "bench", **more: Any
) -> ShopRow:
    """A stand-in shop that sends at any hour; its orders become known by its own polls."""
    settings = {
        "name": f"Shop {place}",
        "currency": "EUR",
        "country": "FR",
        "timezone": "Europe/Paris",
        "locale": "fr",
        "stand_in": True,
        "any_hour": True,
        "account_id": account_id,
        "address": f"bench-{place}.myshopify.com",
    } | more
    address = settings.pop("address")
    return house.database.run(lambda db: shops.add(db, platform, address, now(), **settings))


def clock(house: House) -> Any:
    """Start the clock."""
    return house.python("bench.work", "clock")


def workers(house: House, count: int) -> list[Any]:
    """Start so many workers."""
    return [house.python("bench.work", "work") for _ in range(count)]


def wait_until_done(house: House, seconds: float) -> None:
    """Until nothing that is due is left to do; raises when it takes longer."""
    until = time.monotonic() + seconds
    while True:
        with house.database.reading() as db:
            left = left_to_do(db, now())
        if not left:
            return
        if time.monotonic() > until:
            raise RuntimeError(f"{left} reminders are still not done\n{house.log()}")
        time.sleep(0.5)


def lateness(due: dict[int, datetime], provider: Provider) -> list[float]:
    """Seconds from the due time to the provider's first byte, of those that it took."""
    found = []
    for entry in provider.record():
        moment = due.get(int(entry["client_ref"] or 0))
        if moment is not None and entry["accepted"]:
            found.append(entry["arrival"] - moment.timestamp())
    return found


def wait_until_all(house: House, due: dict[int, datetime], seconds: float) -> None:
    """Until the last of these is due and none is left to do."""
    rest = (max(due.values()) - now()).total_seconds()
    time.sleep(max(0.0, rest) + 0.5)
    wait_until_done(house, seconds)
