"""`python -m demo`: fill the sandbox shop with a year that ends now."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

import settings as configuration
from demo.year import AlreadyFilled, NotForReal, fill
from moment import clock_of
from recovery.database import Database
from start import prepare


def main() -> int:
    """Prepare the database as `make run` does, then fill it."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--carts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        settings = configuration.load()
        prepare(settings)
        opened = Database(settings.database_url)
        now = clock_of(settings.clock_file)()
        days = timedelta(days=given.days)
        told = fill(opened, now, given.carts, days, given.seed, tell=_tell)
    except (configuration.BadSettings, AlreadyFilled, NotForReal) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\nThe sandbox shop has a year behind it: {told}. Start it: make run")
    return 0


_told = [-1]


def _tell(done: float) -> None:
    whole = int(done * 100)
    if whole != _told[0]:
        _told[0] = whole
        print(f"\r{whole:3} % of the year", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
