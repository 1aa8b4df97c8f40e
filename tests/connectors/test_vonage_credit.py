"""The credit of a Vonage account, asked of the stand-in over TLS."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.protocols import Busy, Connection, NoAnswer, Refused, TellsCredit
from connectors.vonage import VonageMessenger
from recovery.model import Credit
from tests.connectors.vonage_account import (  # noqa: F401 - fixtures
    StandInVonage,
    running_vonage,
    trusted_vonage,
)


@pytest.fixture(autouse=True)
def fresh_balance(vonage: StandInVonage) -> None:
    vonage.balance = {"value": 40.5, "autoReload": False}


def messenger(vonage: StandInVonage, **credentials: str) -> VonageMessenger:
    given = {**vonage.credentials, "api_secret": vonage.api_secret, **credentials}
    hosts = {"api_host": vonage.host, "rest_host": vonage.host, "timeout": "2"}
    return VonageMessenger(Connection("account", "", given, hosts))


def test_credit_is_told_in_euros(vonage: StandInVonage) -> None:
    asked = messenger(vonage)
    assert isinstance(asked, TellsCredit)
    assert asked.credit() == Credit(Decimal("40.5"), "EUR", False)
    vonage.balance = {"value": 0.1, "autoReload": True}
    assert asked.credit() == Credit(Decimal("0.1"), "EUR", True)


def test_without_key_or_secret_nothing_is_asked(vonage: StandInVonage) -> None:
    before = vonage.connections
    assert messenger(vonage, api_secret="").credit() is None
    assert messenger(vonage, api_key="").credit() is None
    assert vonage.connections == before


def test_a_wrong_secret_is_refused_and_not_repeated(vonage: StandInVonage) -> None:
    with pytest.raises(Refused) as found:
        messenger(vonage, api_secret="not-this-one").credit()
    assert "not-this-one" not in str(found.value)


@pytest.mark.parametrize(
    ("balance", "failure"),
    [
        (429, Busy),
        (503, NoAnswer),
        ({"value": "much"}, NoAnswer),
        ({"value": float("nan")}, NoAnswer),
        ({}, NoAnswer),
    ],
)
def test_what_goes_wrong_is_told_apart(
    vonage: StandInVonage, balance: dict[str, object] | int, failure: type[Exception]
) -> None:
    vonage.balance = balance
    with pytest.raises(failure):
        messenger(vonage).credit()


def test_nobody_there_is_no_answer(vonage: StandInVonage) -> None:
    hosts = {"rest_host": "127.0.0.1:9", "timeout": "1"}
    given = {**vonage.credentials, "api_secret": vonage.api_secret}
    with pytest.raises(NoAnswer):
        VonageMessenger(Connection("account", "", given, hosts)).credit()
