"""Ten shops on one sender account, steady; then one of them with 7 times its volume.

Each shop offers two reminders a second, 20/s together, of an account that sends 30/s;
the flood makes it 32/s, more than the account can send. What is compared is the p99
lateness of the other nine, with the flood against without it, in one run.
"""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta

from bench import provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.lateness import offer
from bench.load import percentile
from bench.report import Report, Row, spread, verdict

SHOPS, A_SECOND, FLOOD, SECONDS, ROUNDS = 10, 2.0, 7, 30, 1
_START_UP = 15.0
_CALM = 2.0  # seconds: later than that without a flood, and nothing can be compared


def run(kinds: tuple[str, ...] = KINDS, seconds: int = SECONDS, rounds: int = ROUNDS) -> Report:
    """Measure on each kind of database."""
    report = Report("One shop's flood")
    for kind in kinds:
        with House(kind) as house:
            _measure(house, seconds, rounds, report)
    return report


def _measure(house: House, seconds: int, rounds: int, report: Report) -> None:
    vonage = provider.start(house)
    account = provider.account(house, vonage.credentials, 30.0)
    shops = [scene.a_shop(house, account.id, place) for place in range(SHOPS)]
    made = [seeds.pattern(house, shop, scene.now()) for shop in shops]
    scene.workers(house, 2)
    scene.clock(house)
    calm, flooded = [], []
    for _ in range(rounds):
        calm.append(_p99(house, vonage, made, seconds, 1))
        flooded.append(_p99(house, vonage, made, seconds, FLOOD))
        print(house.kind, calm, flooded, flush=True)
    _tell(house, calm, flooded, report)


def _p99(
    house: House,
    vonage: provider.Provider,
    made: list[seeds.Pattern],
    seconds: int,
    volume: int,
) -> float:
    """The p99 lateness of all shops but the first, whose volume is `volume` times."""
    begin = scene.now() + timedelta(seconds=_START_UP)
    everything: dict[int, datetime] = {}
    others: dict[int, datetime] = {}
    for place, each in enumerate(made):
        times = volume if place == 0 else 1
        # Shops are not in step with each other.
        due = offer(
            house, each, seconds, A_SECOND * times, begin + timedelta(seconds=place * 0.047)
        )
        everything |= due
        others |= due if place else {}
    scene.wait_until_all(house, everything, seconds * 2 + 60)
    late = scene.lateness(others, vonage)
    if len(late) != len(others):
        raise RuntimeError(f"{len(late)} of {len(others)} were accepted\n{house.log()}")
    return percentile(late, 0.99)


def _tell(house: House, calm: list[float], flooded: list[float], report: Report) -> None:
    times = [with_it / without for with_it, without in zip(flooded, calm, strict=True)]
    middle = statistics.median(times)
    report.add(
        Row(
            f"p99 lateness of nine shops while one has {FLOOD} × its volume, {NAMES[house.kind]}",
            f"without it, {spread(calm, '.2f', ' s')}",
            f"{spread(times, '.2f', ' ×')}; {spread(flooded, '.2f', ' s')}",
            "≤ 1.5 ×",
            "≤ 1.1 ×",
            verdict(middle <= 1.5, middle <= 1.1)
            if statistics.median(calm) <= _CALM
            else "**falls short**: late without the flood, too",
        )
    )
