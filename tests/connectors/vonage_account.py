"""What the Vonage tests share: a running stand-in, an account on it, its recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.protocols import Connection
from connectors.vonage import VonageMessenger
from tests.connectors.messenger_contract import NOW
from tests.standins.vonage import StandInVonage
from tests.standins.vonage.webhooks import signature

RECORDINGS = Path(__file__).parent.parent / "recordings" / "vonage"


def recording(name: str, **changed: Any) -> bytes:
    body = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return json.dumps({**body, **changed}).encode()


@pytest.fixture(name="running", scope="module")
def running_vonage() -> Iterator[StandInVonage]:
    with StandInVonage() as stand_in:
        yield stand_in


@pytest.fixture(name="vonage")
def trusted_vonage(running: StandInVonage, monkeypatch: pytest.MonkeyPatch) -> StandInVonage:
    """A stand-in in fine weather with an empty record, trusted by this test."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", running.ca_file)
    running.reset()
    return running


def messenger_of(vonage: StandInVonage, **options: str) -> VonageMessenger:
    here = {"api_host": vonage.host, "timeout": "5", **options}
    return VonageMessenger(Connection("account", "", vonage.credentials, here))


def signed(vonage: StandInVonage, body: bytes, at: datetime = NOW, **claims: str) -> dict[str, str]:
    ours = {
        "secret": vonage.credentials["signature_secret"],
        "application_id": vonage.credentials["application_id"],
        "api_key": vonage.credentials["api_key"],
    }
    return {"Authorization": signature(body, now=at.timestamp(), **{**ours, **claims})}
