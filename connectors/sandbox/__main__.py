"""`python -m connectors.sandbox`: the sandbox shop and phone as a process of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import settings as configuration
from connectors.sandbox.server import serve
from connectors.sandbox.shared_secret import sandbox_secret
from moment import FileClock, NotMovable, clock_of, refuse_beside_real_shops


def main() -> int:
    """Serve the sandbox on SANDBOX_PORT until told to stop; what cannot be is told in words."""
    try:
        settings = configuration.load()
        refuse_beside_real_shops(settings.clock_file, settings.database_url)
        _serve(settings)
    except (configuration.BadSettings, NotMovable) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _serve(settings: configuration.Settings) -> None:
    now = clock_of(settings.clock_file)
    # Beside the clock's file, so that a second house on this machine shares nothing.
    folder = Path(settings.clock_file).parent if settings.clock_file else configuration.HERE / "var"
    serve(
        settings.sandbox_port,
        folder / "sandbox.sqlite",
        f"http://127.0.0.1:{settings.port}",
        "sandbox",
        sandbox_secret(settings.secret_key),
        now,
        pages_url=settings.public_url,
        forward=now.forward if isinstance(now, FileClock) else None,
    )


if __name__ == "__main__":
    sys.exit(main())
