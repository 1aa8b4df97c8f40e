"""Run the stand-in by hand: `python -m tests.standins.shopify --help`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.standins.shopify.standin import StandInShopify
from tests.standins.shopify.webhooks import Weather


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.standins.shopify", description=__doc__)
    parser.add_argument("--port", type=int, default=9443)
    parser.add_argument("--ca-file", default="var/stand-in-shopify-ca.pem")
    parser.add_argument("--certificate", help="PEM file with certificate and key")
    parser.add_argument("--hooks", help="where webhooks go that nobody subscribed to")
    parser.add_argument("--shop", action="append", help="a domain; may be given several times")
    parser.add_argument("--api-key", default="stand-in-key")
    parser.add_argument("--api-secret", default="stand-in-secret")
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--webhook-version", default="2026-07")
    parser.add_argument("--index-lag", type=float, default=5.0, help="seconds")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="1 means four hours in all")
    parser.add_argument("--hooks-ca", help="CA file that the hooks' certificate is checked with")
    for name in ("duplicate", "lose", "reorder", "delay"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


def main() -> int:
    asked = arguments()
    Path(asked.ca_file).parent.mkdir(parents=True, exist_ok=True)
    weather = Weather(asked.duplicate, asked.lose, asked.reorder, asked.delay, seed=asked.seed)
    stand_in = StandInShopify(
        asked.api_key,
        asked.api_secret,
        port=asked.port,
        hooks=asked.hooks,
        webhook_version=asked.webhook_version,
        weather=weather,
        retry_scale=asked.retry_scale,
        index_lag=asked.index_lag,
        links="here",
        ca_file=asked.ca_file,
        certificate=asked.certificate,
        hooks_ca=asked.hooks_ca or True,
    )
    stopped = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stopped.set())
    with stand_in:
        for domain in asked.shop or ["shop-one.myshopify.com"]:
            stand_in.add_shop(domain, currency=asked.currency)
        print(f"stand-in Shopify at {stand_in.url}", flush=True)
        print(f"  SHOPIFY_HOST_OVERRIDE={stand_in.url}")
        print(f"  REQUESTS_CA_BUNDLE={asked.ca_file}", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
