"""The stand-in Vonage over TLS in a process of its own, and the sender account that uses it."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from bench.house import House
from recovery import accounts
from recovery.accounts import AccountRow

SENDER = "+33700000001"


@dataclass(frozen=True)
class Provider:
    """Where the stand-in listens, and what it was told."""

    host: str
    credentials: dict[str, str]
    ca_file: str

    def record(self) -> list[dict[str, Any]]:
        """Every request that came, `arrival` as the system's clock shows it (seconds)."""
        monotonic_to_wall = time.time() - time.monotonic()
        context = ssl.create_default_context(cafile=self.ca_file)
        address = f"https://{self.host}/_record"
        with urllib.request.urlopen(address, timeout=60, context=context) as answer:
            entries: list[dict[str, Any]] = json.load(answer)
        return [entry | {"arrival": entry["arrival"] + monotonic_to_wall} for entry in entries]


def start(house: House, **weather: Any) -> Provider:
    """Start the stand-in in this weather; processes started later send to it."""
    known, ca_file = house.folder / "vonage.json", str(house.folder / "ca.pem")
    weather = {"receipts": False, "rate": None} | weather
    house.python(
        "tests.standins.vonage",
        *("--ca-file", ca_file),
        *("--credentials-file", str(known)),
        *("--weather", json.dumps(weather)),
    )
    until = time.monotonic() + 30
    while not known.exists() or not known.read_text():
        if time.monotonic() > until:
            raise RuntimeError(f"the stand-in Vonage did not start\n{house.log()}")
        time.sleep(0.05)
    found = json.loads(known.read_text())
    house.environment |= {"VONAGE_API_HOST": found["api_host"], "REQUESTS_CA_BUNDLE": ca_file}
    return Provider(found["api_host"], found["credentials"], ca_file)


def account(
    house: House, credentials: dict[str, str], rate: float, messenger: str = "vonage"
) -> AccountRow:
    """A sender account of `rate` messages a second."""
    return house.database.run(
        lambda db: accounts.keep(db, house.keys, messenger, messenger, SENDER, credentials, rate)
    )
