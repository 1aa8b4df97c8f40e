"""Whether the figure of what a programme added can be believed: shops with a known lift.

For each size, lift and seed, `SHOPS` shops are made up. A shop draws its own rate (2–12 %),
tail and basket; baskets are lognormal (sigma 0.5–1.3)
mixed with Pareto (alpha 2.1–3.5, so skewness is often infinite); with a lift, half the shops
also have baskets up to 15 % smaller or larger among the treated. A tenth is held out. The
truth is computed, not estimated. What is measured is `recovery.added.added` itself.

The three seeds were written down before the first run and are used for nothing else: the
method, `BORROWED` and `ORDERS_FIRST` were chosen on the seeds 11, 12, 21 and 22.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from bench.report import Report, Row, verdict
from recovery.added import Added, Arm, Figure, added

SEEDS = (20261122, 4104, 733)
SIZES = (200, 1_000, 5_000, 20_000, 50_000)
LIFTS = (0.0, 0.005, 0.02)
SHOPS = 2_000
HELD_OUT = 0.10
RATES_LEAST, REVENUE_LEAST, AA_MOST = 0.94, 0.93, 0.06


@dataclass(frozen=True, slots=True)
class Shop:
    """A made-up shop: the rate of the held out, its baskets, and what the programme does."""

    rate: float
    lift: float
    sigma: float
    alpha: float
    heavy: float  # share of baskets that are Pareto
    scale: float
    factor: float  # of the treated's baskets

    @property
    def mean(self) -> float:
        """The mean basket of the held out."""
        plain = math.exp(self.sigma**2 / 2)
        return self.scale * ((1 - self.heavy) * plain + self.heavy * self.alpha / (self.alpha - 1))

    @property
    def revenue_lift(self) -> float:
        """What the programme truly adds per person."""
        return self.mean * ((self.rate + self.lift) * self.factor - self.rate)


def a_shop(chance: random.Random, lift: float) -> Shop:
    """One shop by chance."""
    return Shop(
        rate=chance.uniform(0.02, 0.12),
        lift=lift,
        sigma=chance.uniform(0.5, 1.3),
        alpha=chance.uniform(2.1, 3.5),
        heavy=chance.choice((0.0, 0.1, 0.3, 1.0)),
        scale=chance.uniform(20, 200),
        factor=chance.choice((1.0, chance.uniform(0.85, 1.15))) if lift else 1.0,
    )


def lived(shop: Shop, people: int, chance: random.Random) -> Added:
    """What the merchant is told after so many people."""
    apart = round(people * HELD_OUT)
    treated = _arm(shop, people - apart, shop.rate + shop.lift, shop.factor, chance)
    return added(treated, _arm(shop, apart, shop.rate, 1.0, chance))


def _arm(shop: Shop, people: int, rate: float, factor: float, chance: random.Random) -> Arm:
    baskets = (_basket(shop, chance) * factor for _ in _orders(people, rate, chance))
    return Arm(people, tuple(Decimal(max(1, round(each * 100))) / 100 for each in baskets))


def _orders(people: int, rate: float, chance: random.Random) -> Iterator[int]:
    """Which of the people order: from one to the next by a geometric step."""
    at, log = -1, math.log1p(-rate)
    while (at := at + int(math.log(1 - chance.random()) / log) + 1) < people:
        yield at


def _basket(shop: Shop, chance: random.Random) -> float:
    if chance.random() < shop.heavy:
        return shop.scale * chance.paretovariate(shop.alpha)
    return shop.scale * math.exp(chance.gauss(0, shop.sigma))


Counts = Counter[str]


def measured(seed: int, people: int, lift: float, shops: int) -> Counts:
    """How many shops of one sort were shown a figure, and how many of those held the truth."""
    chance = random.Random(f"{seed}/{people}/{lift}")
    counts = Counts()
    for _ in range(shops):
        shop = a_shop(chance, lift)
        told = lived(shop, people, chance)
        for name, figure, truth in (
            ("rates", told.conversion, shop.lift),
            ("revenue", told.revenue, shop.revenue_lift),
        ):
            if isinstance(figure, Figure):
                counts[f"{name} shown"] += 1
                counts[f"{name} held"] += float(figure.low) <= truth <= float(figure.high)
                counts[f"{name} apart"] += figure.is_told_apart
    return counts


def run(shops: int = SHOPS, sizes: tuple[int, ...] = SIZES) -> Report:
    """The figure "added": coverage by shop size, and A/A shops called different."""
    asked = [(seed, size, lift, shops) for size in sizes for lift in LIFTS for seed in SEEDS]
    with ProcessPoolExecutor(2) as two:
        found = dict(zip(asked, two.map(measured, *zip(*asked, strict=True)), strict=True))
    report = Report("What a programme added: does the 95 % interval hold the truth?")
    for size in sizes:
        of_size = {each: counts for each, counts in found.items() if each[1] == size}
        for name, least in (("rates", RATES_LEAST), ("revenue", REVENUE_LEAST)):
            report.add(_coverage(name, size, of_size, least))
            alike = {each: counts for each, counts in of_size.items() if each[2] == 0}
            report.add(_called_apart(name, size, alike))
    report.notes += [
        f"{shops} shops for each size, lift (none, +0.5, +2 points) and seed; seeds {SEEDS}, "
        "chosen before the first run; the spread is over the seeds",
        "a tenth held out; a figure is shown from 12 orders to be expected in the smaller arm",
        "the method was chosen on other seeds",
    ]
    return report


_Found = dict[tuple[int, int, float, int], Counts]


def _coverage(name: str, size: int, found: _Found, least: float) -> Row:
    by_seed, shown = _shares(found, f"{name} held", f"{name} shown")
    said = f"{name}, {size} people: interval holds the truth"
    if not shown:
        return _nothing(said, found)
    reached = by_seed[0] >= least
    return Row(
        said, "95 % nominal", _told(by_seed, shown, found), f"{least:.0%}", "95 %",
        verdict(reached, by_seed[0] >= 0.95),
    )  # fmt: skip


def _called_apart(name: str, size: int, found: _Found) -> Row:
    by_seed, shown = _shares(found, f"{name} apart", f"{name} shown")
    said = f"{name}, {size} people: A/A called different"
    if not shown:
        return _nothing(said, found)
    reached = by_seed[0] <= AA_MOST
    return Row(
        said, "5 % nominal", _told(by_seed, shown, found), f"≤ {AA_MOST:.0%}", "≤ 5 %",
        verdict(reached, by_seed[0] <= 0.05),
    )  # fmt: skip


def _nothing(said: str, found: _Found) -> Row:
    shops = sum(each[3] for each in found)
    return Row(said, "", f"no figure shown (0 of {shops} shops)", "", "", "not enough people yet")


def _shares(found: _Found, part: str, whole: str) -> tuple[tuple[float, float, float], int]:
    """The share over all seeds, then the least and the most of a seed."""
    sums = {seed: Counts() for seed in SEEDS}
    for (seed, *_), counts in found.items():
        sums[seed].update(counts)
    seeds = [each[part] / each[whole] for each in sums.values() if each[whole]]
    shown = sum(each[whole] for each in sums.values())
    if not shown:
        return (0.0, 0.0, 0.0), 0
    return (sum(each[part] for each in sums.values()) / shown, min(seeds), max(seeds)), shown


def _told(by_seed: tuple[float, float, float], shown: int, found: _Found) -> str:
    middle, low, high = by_seed
    shops = sum(each[3] for each in found)
    return f"{middle:.1%} ({low:.1%}–{high:.1%}); shown in {shown} of {shops} shops"
