"""The most memory that web, clock and worker held, after a load of each (VmHWM).

The web stores a few thousand webhooks; the clock hands out and the worker sends a few
thousand reminders through the Vonage connector, and polls. The web is gunicorn's master
and its one serving process together, so pages that they share count twice.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from bench import intake, provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, verdict

REMINDERS, WEBHOOKS = 3_000, 4_000
LEAST, AIM = 150, 100  # MB


def run(kinds: tuple[str, ...] = KINDS) -> Report:
    """Measure on each kind of database."""
    report = Report("Peak memory")
    for kind in kinds:
        with House(kind) as house:
            for name, size in _measure(house).items():
                print(kind, name, size, flush=True)
                report.add(
                    Row(
                        f"{name}, {NAMES[kind]}",
                        "–",
                        f"{size:.0f} MB",
                        f"under {LEAST} MB",
                        f"under {AIM} MB",
                        verdict(size < LEAST, size < AIM),
                    )
                )
    return report


def _measure(house: House) -> dict[str, float]:
    vonage = provider.start(house)
    account = provider.account(house, vonage.credentials, 300.0)
    shop = scene.a_shop(house, account.id)
    made = seeds.pattern(house, shop, scene.now())
    first, due = seeds.next_number(house), scene.now() - timedelta(seconds=1)
    house.database.run(lambda db: seeds.copy(db, made, first, REMINDERS, due))
    seeds.settle(house)
    begin = scene.now().replace(microsecond=0) - timedelta(hours=1)
    intake.a_shop(house, begin)
    processes: dict[str, Any] = {"web": house.web(), "worker": scene.workers(house, 1)[0]}
    processes["clock"] = scene.clock(house)
    started = intake.start_load(house, processes["web"], 1, begin, WEBHOOKS, 32, 30)
    told = json.loads(started.communicate(timeout=180)[0])
    if told["errors"]:
        raise RuntimeError(f"{told}\n{house.log()}")
    scene.wait_until_done(house, 180)
    return {name: _peak(process.pid) for name, process in processes.items()}


def _peak(pid: int) -> float:
    """MB that a process and its children held at most, each at its own worst moment."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return sum(_high_water(each) for each in family) / 1000


def _high_water(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmHWM"))
    return int(found.split()[1]) * 1.024  # kB of 1024 bytes
