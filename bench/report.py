"""A figure beside its anchor and its target, as a line of a Markdown table."""

from __future__ import annotations

import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it was measured against, what it must and what it should be."""

    figure: str
    anchor: str
    measured: str
    at_least: str
    aim: str
    verdict: str


@dataclass
class Report:
    """All rows of one measurement, and what must be known to read them."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """One more row."""
        self.rows.append(row)

    def markdown(self) -> str:
        """The table with its notes."""
        head = "| figure | anchor | measured | at least | aim | verdict |\n" + "|---" * 6 + "|"
        lines = [
            f"| {r.figure} | {r.anchor} | {r.measured} | {r.at_least} | {r.aim} | {r.verdict} |"
            for r in self.rows
        ]
        notes = "".join(f"\n- {note}" for note in self.notes)
        return f"## {self.title}\n\n" + "\n".join([head, *lines]) + (f"\n{notes}" if notes else "")


def verdict(reaches_least: bool, reaches_aim: bool) -> str:
    """In words, how a figure stands to its target."""
    if reaches_aim:
        return "aim reached"
    return "reached" if reaches_least else "**falls short**"


def spread(values: Sequence[float], form: str = ".2f", unit: str = "") -> str:
    """The median, and the least and the most of several runs."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:{form}}{unit} ({low:{form}}–{high:{form}})"


def machine(postgresql: str = "") -> str:
    """What it was measured on; no name and no path of the machine."""
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        f"- processor: {_processor()}, {psutil.cpu_count()} cores, shared by all processes",
        f"- memory: {memory:.0f} GiB",
        f"- system: {platform.system()} {platform.machine()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        + (f", PostgreSQL {postgresql}" if postgresql else ""),
    ]
    return "\n".join(lines)


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else "unknown"
