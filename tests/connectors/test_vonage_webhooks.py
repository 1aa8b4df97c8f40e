"""The webhooks of Vonage: whose they are, and what they say."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import jwt
import pytest

from connectors.protocols import Connection, Forged, Unreadable
from connectors.vonage import Unsigned, VonageMessenger, application_of
from connectors.vonage.payloads import BUTTON_TAPPED
from recovery.model import Money
from tests.connectors.messenger_contract import NOW, SHOPPER
from tests.connectors.vonage_account import (
    messenger_of,
    recording,
    running_vonage,  # noqa: F401
    signed,
    trusted_vonage,  # noqa: F401
)
from tests.standins.vonage import StandInVonage

# Who wrote this webhook


def test_no_authorization_at_all_is_unsigned(vonage: StandInVonage) -> None:
    with pytest.raises(Unsigned):
        messenger_of(vonage).verify({"Content-Type": "application/json"}, b"{}", NOW)


@pytest.mark.parametrize(
    "claims",
    [{"secret": "the secret of somebody else, of fine length"}, {"application_id": "another"}],
)
def test_another_secret_or_another_application_is_forged(
    vonage: StandInVonage, claims: dict[str, str]
) -> None:
    body = recording("status_delivered")
    with pytest.raises(Forged) as failure:
        messenger_of(vonage).verify(signed(vonage, body, **claims), body, NOW)
    assert not isinstance(failure.value, Unsigned)


@pytest.mark.parametrize("lacking", ["iat", "jti", "payload_hash", "application_id"])
def test_a_signature_that_lacks_a_claim_is_forged(vonage: StandInVonage, lacking: str) -> None:
    with pytest.raises(Forged):
        messenger_of(vonage).verify(_token(vonage, b"{}", **{lacking: None}), b"{}", NOW)


@pytest.mark.parametrize(
    "iat", ["now", True, [], {}, float("inf"), 10**400], ids=lambda iat: str(iat)[:9]
)
def test_a_signature_with_a_strange_time_is_forged(vonage: StandInVonage, iat: object) -> None:
    with pytest.raises(Forged):
        messenger_of(vonage).verify(_token(vonage, b"{}", iat=iat), b"{}", NOW)


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["none", "HS384"])
def test_a_signature_of_another_kind_is_forged(vonage: StandInVonage, algorithm: str) -> None:
    with pytest.raises(Forged):
        messenger_of(vonage).verify(_token(vonage, b"{}", algorithm), b"{}", NOW)


def test_an_account_without_secret_takes_no_webhook(vonage: StandInVonage) -> None:
    bare = {**vonage.credentials, "signature_secret": ""}
    with pytest.raises(Forged):
        VonageMessenger(Connection("k", "", bare)).verify(signed(vonage, b"{}"), b"{}", NOW)


@pytest.mark.parametrize("seconds", [-29, 0, 299])
def test_clocks_may_differ_a_little(vonage: StandInVonage, seconds: int) -> None:
    at = NOW - timedelta(seconds=seconds)
    messenger_of(vonage).verify(signed(vonage, b"{}", at), b"{}", NOW)


def test_the_application_is_read_before_it_is_verified(vonage: StandInVonage) -> None:
    headers = signed(vonage, b"{}", secret="a secret that is not known here at all")
    assert application_of(headers) == vonage.credentials["application_id"]


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", "Basic x", "Bearer a.b.c", "Bearer \ud800", "é"]
)
def test_no_application_is_read_from_nonsense(value: str | None) -> None:
    assert application_of({} if value is None else {"authorization": value}) is None


def _token(
    vonage: StandInVonage, body: bytes, algorithm: str = "HS256", **changed: object
) -> dict[str, str]:
    claims = {
        "iat": int(NOW.timestamp()),
        "jti": "1",
        "application_id": vonage.credentials["application_id"],
        "payload_hash": hashlib.sha256(body).hexdigest(),
        **changed,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    secret = "" if algorithm == "none" else vonage.credentials["signature_secret"]
    return {"Authorization": "Bearer " + jwt.encode(kept, secret, algorithm=algorithm)}


# What webhooks say


def read(name: str, **changed: Any) -> Any:
    return VonageMessenger(Connection("k", "")).read_receipt(recording(name, **changed))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("submitted", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("rejected", "undelivered"),
        ("undeliverable", "undelivered"),
    ],
)
def test_each_status_has_its_state(name: str, state: str) -> None:
    receipt = read(f"status_{name}")
    assert (receipt.state, receipt.reference) == (state, "reminder-17")
    assert receipt.provider_id == "3c9a1f52-8d0e-4f6b-9c77-5a1e2b6d4f01"
    assert receipt.raw["status"] == name


@pytest.mark.parametrize("name", ["delivered", "price_as_number"])
def test_a_price_is_exact_whether_text_or_number(name: str) -> None:
    assert read(f"status_{name}").price == Money(Decimal("0.065"), "EUR")


@pytest.mark.parametrize(
    "usage",
    [None, [], {}, {"price": "0.1"}, {"price": "free", "currency": "EUR"},
     {"price": "NaN", "currency": "EUR"}, {"price": "-1", "currency": "EUR"},
     {"price": "1e30", "currency": "EUR"}, {"price": "1e999999", "currency": "EUR"},
     {"price": "0.1", "currency": "EUROS"}, {"price": "0.1", "currency": "€"}],
)  # fmt: skip
def test_a_price_that_cannot_be_read_loses_no_receipt(usage: object) -> None:
    receipt = read("status_delivered", usage=usage)
    assert (receipt.state, receipt.price) == ("delivered", None)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("delivered", datetime(2026, 11, 20, 11, 58, 3, 417000, UTC)),
        ("timestamp_with_offset", datetime(2026, 11, 20, 11, 58, 3, 0, UTC)),
        ("timestamp_without_zone", datetime(2026, 11, 20, 11, 58, 3, 0, UTC)),
    ],
)
def test_every_form_of_time_is_read_as_utc(name: str, at: datetime) -> None:
    receipt = read(f"status_{name}")
    assert receipt.at == at
    assert receipt.at.tzinfo is UTC


@pytest.mark.parametrize("written", ["soon", "", 17, None, "0001-01-01T00:00:00+23:00"])
def test_a_receipt_without_a_readable_time_is_unreadable(written: object) -> None:
    with pytest.raises(Unreadable):
        read("status_delivered", timestamp=written)


def test_a_reason_is_told_without_any_number() -> None:
    assert read("status_undeliverable").reason == (
        "1320 https://developer.vonage.com/api-errors/messages#1320"
    )
    reason = read("status_rejected").reason
    assert reason.startswith("Destination unreachable for … https://")


def test_a_receipt_may_lack_a_reference() -> None:
    assert read("status_without_reference").reference is None


def test_half_a_surrogate_and_a_nul_become_storable() -> None:
    receipt = read("status_delivered", client_ref="a\ud83d\0")
    assert receipt.reference == "a\ufffd\ufffd"
    json.dumps(receipt.raw, ensure_ascii=False).encode()


def reply(name: str, **changed: Any) -> Any:
    return VonageMessenger(Connection("k", "")).read_reply(recording(name, **changed))


def test_a_short_code_is_no_international_number() -> None:
    found = reply("inbound_to_a_short_code")
    assert (found.sender, found.recipient, found.text) == (SHOPPER, "38080", "Arrêt 🛑")


def test_a_reply_may_come_with_its_context() -> None:
    found = reply("inbound_with_context")
    assert found.text == "C’est quoi ce message ?"
    assert found.at == datetime(2026, 11, 20, 11, 59, 41, 2000, UTC)


@pytest.mark.parametrize("changed", [{"text": None}, {"text": 17}, {"from": ""}, {"to": {"x": 1}}])
def test_a_reply_that_lacks_a_part_is_unreadable(changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        reply("inbound_stop", **changed)


@pytest.mark.parametrize("written", [None, "", 17, {"x": 1}])
def test_a_reply_without_an_id_is_known_by_its_body(written: object) -> None:
    first, again = (reply("inbound_stop", message_uuid=written) for _ in range(2))
    another = reply("inbound_stop", message_uuid=written, text="START")
    assert first.provider_id == again.provider_id != another.provider_id


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "[image]"),
        ({"image": {"url": "https://example.com/1.png", "caption": "Stop"}}, "Stop"),
        ({"channel": "mms", "text": "STOP"}, "STOP"),
        ({"message_type": "vcard", "vcard": {"url": "https://example.com/1.vcf"}}, "[vcard]"),
        ({"message_type": "reply", "reply": {"id": "x", "title": "ARRET"}}, "ARRET"),
        ({"message_type": "button", "button": {"payload": "x", "text": "Stop"}}, "Stop"),
    ],
)
def test_what_comes_by_mms_or_rcs_has_its_words(changed: dict[str, Any], words: str) -> None:
    assert reply("inbound_image", **changed).text == words


@pytest.mark.parametrize(
    "changed",
    [
        {"message_type": "image", "image": None},
        {"message_type": ["image"]},
        {"message_type": "reply", "reply": {"id": "x"}},
        {"message_type": "custom", "custom": {}},
    ],
)
def test_a_reply_without_any_words_is_unreadable(changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        reply("inbound_image", **changed)


@pytest.mark.parametrize(
    "tapped",
    [
        {"message_type": "reply", "reply": {"id": BUTTON_TAPPED, "title": "Back to my cart"}},
        {"message_type": "button", "button": {"payload": BUTTON_TAPPED, "text": "Back"}},
    ],
)
def test_a_tap_on_the_cards_button_is_nothing_that_somebody_wrote(tapped: dict[str, Any]) -> None:
    body = recording("inbound_image", **tapped)
    assert VonageMessenger(Connection("k", "")).read_reply(body) is None
