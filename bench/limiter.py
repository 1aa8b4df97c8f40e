"""Against a strict limit of 30 messages in any one second, each answered after 300 ms.

The stand-in counts arrivals in a moving second and throttles what is too much. The real
clock and one worker send through the Vonage connector; the account's limit is 30 as well.
The rate is that of the accepted messages, from the first arrival to the last.
"""

from __future__ import annotations

from datetime import timedelta

from bench import provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, verdict

LIMIT, LATENCY, SECONDS = 30, 0.3, 90


def run(kinds: tuple[str, ...] = KINDS, seconds: int = SECONDS) -> Report:
    """Measure on each kind of database."""
    report = Report("Against a limiter")
    for kind in kinds:
        with House(kind) as house:
            _measure(house, seconds, report)
    return report


def _measure(house: House, seconds: int, report: Report) -> None:
    vonage = provider.start(house, rate=LIMIT, latency=LATENCY)
    account = provider.account(house, vonage.credentials, float(LIMIT))
    shop = scene.a_shop(house, account.id)
    made = seeds.pattern(house, shop, scene.now())
    first, due = seeds.next_number(house), scene.now() - timedelta(seconds=1)
    house.database.run(lambda db: seeds.copy(db, made, first, LIMIT * seconds, due))
    scene.workers(house, 1)
    scene.clock(house)
    scene.wait_until_done(house, seconds * 3)
    record = vonage.record()
    arrivals = sorted(entry["arrival"] for entry in record if entry["accepted"])
    throttled = sum(entry["outcome"] == 429 for entry in record)
    lasted = arrivals[-1] - arrivals[0]
    rate = (len(arrivals) - 1) / lasted
    print(house.kind, rate, throttled, flush=True)
    report.add(
        Row(
            f"rate against the limit, {NAMES[house.kind]}",
            f"{LIMIT}/s, answers after {LATENCY * 1000:.0f} ms",
            f"{rate:.2f}/s over {lasted:.0f} s, {throttled} of {len(record)} throttled",
            "29/s, 0 throttled",
            "29.8/s, 0 throttled",
            verdict(rate >= 29 and not throttled, rate >= 29.8 and not throttled),
        )
    )
