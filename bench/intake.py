"""Signed checkout webhooks stored per second, against a bare Flask view.

The real web process, as the Procfile starts it, and a bare view that answers 200 run
under the same server with the same settings. One load generator (`bench.load`, a process
of its own on the same cores) asks first one, then the other, several times in one run:
70 % new checkouts, 30 % updates of earlier ones, 5 to 6 kB each. A dozen kept connections
keep both servers busy; over more, answers only wait longer in line (once, for comparison).

Stored means committed before the 200. It is counted afterwards: every checkout that was
answered by 200 has its row, at the version that was answered or a later one. Then the
server is killed (`kill -9`, all its processes) in the middle of a load, right after a
200, and the same is counted in the database as it is found again.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.checkouts import SHOP, changed_at
from bench.house import API_SECRET, KINDS, NAMES, House
from bench.report import Report, Row, spread, verdict
from recovery import shops, tables
from settings import HERE

ROUNDS = 3
SECONDS = 5.0
CONNECTIONS, MANY = 12, 24  # a closed loop: an answer takes at least connections / rate
AT_LEAST, AIM = 0.35, 0.5


def run(kinds: tuple[str, ...] = KINDS, rounds: int = ROUNDS) -> Report:
    """Measure on each kind of database."""
    report = Report("Webhooks stored per second")
    for kind in kinds:
        with House(kind, redis=False) as house:
            _measure(house, rounds, report)
    return report


def _measure(house: House, rounds: int, report: Report) -> None:
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    a_shop(house, begin)
    bare, ours = house.web("bench.bare:create_app()"), house.web()
    pairs = []
    for place in range(rounds):
        anchor = load(house, bare, 100 + place, begin, most=14_000)
        mine = load(house, ours, 200 + place, begin, most=8_000)
        pairs.append((anchor, mine))
        print(house.kind, brief(anchor), brief(mine), flush=True)
    crowd = [
        load(house, web, seed, begin, 14_000, MANY) for web, seed in ((bare, 110), (ours, 210))
    ]
    house.end(bare)
    missing = not_stored(house, ["210", *(f"{200 + place}" for place in range(rounds))], begin)
    lost, before = _killed(house, ours, begin)
    _tell(house, report, pairs, missing, lost, before)
    report.add(_crowd(NAMES[house.kind], *crowd))


def a_shop(house: House, now: datetime) -> None:
    """The shop that the webhooks are about."""
    settings = {
        "name": "Bench",
        "currency": "EUR",
        "country": "FR",
        "timezone": "Europe/Paris",
        "locale": "fr",
        "stand_in": True,
    }
    house.database.run(lambda db: shops.add(db, "shopify", SHOP, now, **settings))


def load(
    house: House, web: Any, seed: int, begin: datetime, most: int, connections: int = CONNECTIONS
) -> dict[str, Any]:
    """One run of the load generator; what it tells."""
    started = start_load(house, web, seed, begin, most, connections, SECONDS)
    told, _ = started.communicate(timeout=120)
    if started.returncode:
        raise RuntimeError(f"the load generator failed\n{house.log()}")
    found: dict[str, Any] = json.loads(told)
    if found["errors"]:
        raise RuntimeError(f"not all were answered by 200: {found['errors']}\n{house.log()}")
    return found


def start_load(
    house: House,
    web: Any,
    seed: int,
    begin: datetime,
    most: int,
    connections: int,
    seconds: float,
) -> subprocess.Popen[bytes]:
    """Start the load generator against a web process."""
    options = {
        "port": web.port,
        "connections": connections,
        "seconds": seconds,
        "most": most,
        "seed": seed,
        "secret": API_SECRET,
        "begin": begin.isoformat(),
        "answered": house.folder / f"answered-{seed}.json",
    }
    words = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    return subprocess.Popen(
        [sys.executable, "-m", "bench.load", *words], stdout=subprocess.PIPE, cwd=HERE
    )


def not_stored(house: House, seeds: list[str], begin: datetime) -> tuple[int, int]:
    """How many 200s there were, and how many of them have no row of that version or later."""
    carts = tables.carts
    with house.database.reading() as db:
        held = {
            row.key: row.changed_at for row in db.execute(select(carts.c.key, carts.c.changed_at))
        }
    answered = [
        each
        for seed in seeds
        for each in json.loads(Path(house.folder / f"answered-{seed}.json").read_text())
    ]
    missing = sum(
        f"token:{token}" not in held or held[f"token:{token}"] < changed_at(begin, version)
        for token, version in answered
    )
    return len(answered), missing


def _killed(house: House, web: Any, begin: datetime) -> tuple[int, int]:
    """Kill the server under load, right after a 200; (200s before, how many of them are lost)."""
    loading = start_load(house, web, 300, begin, 8_000, CONNECTIONS, 20)
    carts = tables.carts
    until = time.monotonic() + 60
    while time.monotonic() < until:  # the load has begun and is well under way
        with house.database.reading() as db:
            name = f"token:{300:08x}"
            if len(db.execute(select(carts.c.id).where(carts.c.key.like(f"{name}%"))).all()) > 800:
                break
        time.sleep(0.02)
    house.end(web, signal.SIGKILL)
    loading.communicate(timeout=60)
    return not_stored(house, ["300"], begin)


def brief(found: dict[str, Any]) -> str:
    """One run in a few words."""
    return (
        f"{found['per_second']:.0f}/s p50 {found['p50'] * 1000:.1f} ms "
        f"p99 {found['p99'] * 1000:.1f} ms"
    )


def _tell(
    house: House,
    report: Report,
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
    missing: tuple[int, int],
    killed: int,
    lost: int,
) -> None:
    name = NAMES[house.kind]
    report.add(_rate(name, pairs))
    report.add(_time(name, pairs))
    none = not missing[1] and not lost
    measured = f"{missing[1]} of {missing[0]}; {lost} of {killed} after `kill -9`"
    report.add(Row(f"200s without their row, {name}", "0", measured, "0", "0", verdict(none, none)))


def _rate(name: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Row:
    ratios = [mine["per_second"] / anchor["per_second"] for anchor, mine in pairs]
    ratio = statistics.median(ratios)
    return Row(
        f"webhooks stored, {name}",
        f"bare Flask view, {_rates([anchor for anchor, _ in pairs])}",
        f"{spread(ratios)} of it; {_rates([mine for _, mine in pairs])}",
        f"{AT_LEAST}",
        f"{AIM}",
        verdict(ratio >= AT_LEAST, ratio >= AIM),
    )


def _rates(found: list[dict[str, Any]]) -> str:
    return spread([each["per_second"] for each in found], ".0f", "/s")


def _time(name: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Row:
    p99 = [mine["p99"] * 1000 for _, mine in pairs]
    slow = statistics.median(p99)
    return Row(
        f"time to the 200 under that load, {name}",
        f"bare Flask view, {_times([anchor for anchor, _ in pairs])}",
        _times([mine for _, mine in pairs]),
        "p99 under 100 ms",
        "p99 under 50 ms",
        verdict(slow < 100, slow < 50),
    )


def _times(found: list[dict[str, Any]]) -> str:
    p99, p50 = ([each[name] * 1000 for each in found] for name in ("p99", "p50"))
    return f"p99 {spread(p99, '.0f', ' ms')}, p50 {spread(p50, '.0f', ' ms')}"


def _crowd(name: str, anchor: dict[str, Any], mine: dict[str, Any]) -> Row:
    ratio = mine["per_second"] / anchor["per_second"]
    measured = f"{ratio:.2f} of it; {_rates([mine])}, {_times([mine])}"
    words = (f"the same over {MANY} connections, {name}", f"{_rates([anchor])}, {_times([anchor])}")
    return Row(*words, measured, "–", "–", "for comparison")
