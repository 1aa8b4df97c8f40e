"""The most memory that web, clock and worker held under a load of each.

The web stores a few thousand webhooks; the clock hands out and the worker sends a few
thousand reminders through the Vonage connector, and polls. A process is taken with its
children: the web is gunicorn's master, its one serving process and the scribe of that.

The figure is the highest of many looks at the proportional set size (Pss: a page shared
by two processes counts half for each). Beside it stands the sum of each process's own
peak as the kernel keeps it (VmHWM), in which what master and child share counts twice.
"""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from bench import intake, provider, scene, seeds
from bench.house import KINDS, NAMES, House
from bench.report import Report, Row, verdict

REMINDERS, WEBHOOKS = 3_000, 4_000
LEAST, AIM = 150, 100  # MB
_EVERY = 0.2  # seconds between two looks


def run(kinds: tuple[str, ...] = KINDS) -> Report:
    """Measure on each kind of database."""
    report = Report("Peak memory")
    for kind in kinds:
        with House(kind) as house:
            for name, (size, high_water) in _measure(house).items():
                print(kind, name, size, high_water, flush=True)
                report.add(
                    Row(
                        f"{name}, {NAMES[kind]}",
                        "–",
                        f"{size:.0f} MB ({high_water:.0f} MB by VmHWM)",
                        f"under {LEAST} MB",
                        f"under {AIM} MB",
                        verdict(size < LEAST, size < AIM),
                    )
                )
    return report


def _measure(house: House) -> dict[str, tuple[float, float]]:
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
    watch = Watch({name: process.pid for name, process in processes.items()})
    started = intake.start_load(house, processes["web"], 1, begin, WEBHOOKS, 32, 30)
    told = json.loads(started.communicate(timeout=180)[0])
    if told["errors"]:
        raise RuntimeError(f"{told}\n{house.log()}")
    scene.wait_until_done(house, 180)
    return watch.end()


class Watch:
    """Looks at processes and their children several times a second, and keeps the most seen."""

    def __init__(self, pids: dict[str, int]) -> None:
        self.pids = pids
        self.most = dict.fromkeys(pids, 0.0)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> dict[str, tuple[float, float]]:
        """MB by name: the most seen, and the sum of the kernel's own peaks."""
        self._end.set()
        self._thread.join()
        return {
            name: (self.most[name], _held(pid, "status", "VmHWM"))
            for name, pid in self.pids.items()
        }

    def _look(self) -> None:
        while not self._end.wait(_EVERY):
            for name, pid in self.pids.items():
                self.most[name] = max(self.most[name], _held(pid, "smaps_rollup", "Pss"))


def _held(pid: int, page: str, word: str) -> float:
    """MB of a process and its children, as `/proc` tells it."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return sum(_kilobytes(each, page, word) for each in family) * 1.024 / 1000


def _kilobytes(pid: int, page: str, word: str) -> int:
    lines = Path(f"/proc/{pid}/{page}").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{word}:")).split()[1])
