"""From the due time to the provider's first byte, 25/s offered, a million rows for later.

The rows of a million reminders are scheduled over the day that follows; beside them 25
fall due every second, one each 40 ms, for over a minute. The real clock and two workers,
real Redis, the Vonage connector and the stand-in over TLS; the account's limit is 30/s.
Lateness is the stand-in's own time of a request's first byte less the row's `due_at`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bench import provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.load import percentile
from bench.report import Report, Row, verdict

LATER, OFFERED, SECONDS = 1_000_000, 25, 65
_START_UP = 12.0  # seconds until the processes run


def run(kinds: tuple[str, ...] = KINDS, rows: int = LATER, seconds: int = SECONDS) -> Report:
    """Measure on each kind of database."""
    report = Report("Lateness of the hand-over")
    for kind in kinds:
        with House(kind) as house:
            _measure(house, rows, seconds, report)
    return report


def _measure(house: House, rows: int, seconds: int, report: Report) -> None:
    vonage = provider.start(house)
    account = provider.account(house, vonage.credentials, 30.0)
    shop = scene.a_shop(house, account.id)
    made = seeds.pattern(house, shop, scene.now())
    begun = scene.now()
    seeds.later(house, made, seeds.next_number(house), rows, begun + timedelta(hours=2))
    print(house.kind, f"{rows} rows in {(scene.now() - begun).total_seconds():.0f} s", flush=True)
    scene.workers(house, 2)
    scene.clock(house)
    due = offer(house, made, seconds, OFFERED, scene.now() + timedelta(seconds=_START_UP))
    scene.wait_until_all(house, due, seconds + 120)
    late = scene.lateness(due, vonage)
    if len(late) != len(due):
        raise RuntimeError(f"{len(late)} of {len(due)} were accepted\n{house.log()}")
    _tell(house, late, rows, report)


def offer(
    house: House, made: seeds.Pattern, seconds: int, a_second: float, begin: datetime
) -> dict[int, datetime]:
    """Reminders due one after the other from `begin` on; number → due time."""
    first = seeds.next_number(house)
    due = {
        first + place: begin + timedelta(seconds=place / a_second)
        for place in range(round(seconds * a_second))
    }

    house.database.run(lambda db: seeds.copy_each(db, made, due))
    if scene.now() > begin:
        raise RuntimeError("the machine is too busy: rows fell due before they were written")
    return due


def _tell(house: House, late: list[float], rows: int, report: Report) -> None:
    p50, p99, p999 = (percentile(late, share) for share in (0.5, 0.99, 0.999))
    print(house.kind, p50, p99, p999, max(late), flush=True)
    report.add(
        Row(
            f"lateness with {rows:,} rows scheduled, {NAMES[house.kind]}",
            "10 s, a national SMS service's public measure",
            f"p50 {p50:.2f} s, p99 {p99:.2f} s, p99.9 {p999:.2f} s, most {max(late):.2f} s "
            f"({len(late)} messages)",
            "99 % ≤ 2 s, 99.9 % ≤ 10 s",
            "99 % ≤ 1 s",
            verdict(p99 <= 2 and p999 <= 10, p99 <= 1 and p999 <= 10),
        )
    )
