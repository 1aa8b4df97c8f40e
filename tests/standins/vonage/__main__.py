"""`python -m tests.standins.vonage`: the stand-in in a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
from pathlib import Path

from tests.standins.vonage import StandInVonage, Weather


def main() -> None:
    """Serve until SIGTERM or SIGINT; the first line printed is JSON with host and credentials."""
    given = argparse.ArgumentParser(prog="python -m tests.standins.vonage", description=__doc__)
    given.add_argument("--port", type=int, default=0, help="0: any free one")
    given.add_argument("--ca-file", required=True, help="where to write the authority")
    given.add_argument("--credentials-file", help="where to write host and credentials as JSON")
    given.add_argument("--status-url", help="where status webhooks go")
    given.add_argument("--inbound-url", help="where inbound texts go")
    given.add_argument("--weather", type=json.loads, default={}, help="JSON of Weather's fields")
    options = given.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with StandInVonage(
        Weather(**options.weather),
        port=options.port,
        ca_file=options.ca_file,
        status_url=options.status_url,
        inbound_url=options.inbound_url,
    ) as vonage:
        known = json.dumps({"api_host": vonage.host, "credentials": vonage.credentials})
        if options.credentials_file:
            Path(options.credentials_file).write_text(known, encoding="utf-8")
        print(known, flush=True)
        signal.sigwait(ends)


main()
