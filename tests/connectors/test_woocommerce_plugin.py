"""The door of the WordPress plugin."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Forged, Unreadable
from connectors.woocommerce.plugin import CARTS, PRIVACY, read_carts, signature, verify_cart
from recovery.model import Cart, CartGone, Channel, CustomerSeen
from tests.connectors.woocommerce_recordings import FOLDER, NOW

BODY = (FOLDER / "plugin-carts.json").read_bytes()
NONCE = "3f0b9c1d2e4a5968"
SECRET = "leaf"


def signed(
    body: bytes = BODY, at: datetime = NOW, nonce: str = NONCE, secret: str = SECRET
) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "X-Relance-Timestamp": timestamp,
        "X-Relance-Nonce": nonce,
        "X-Relance-Signature": signature(secret, timestamp, nonce, body),
    }


# -- who may speak -----------------------------------------------------------------------


def test_a_genuine_request_gives_its_nonce() -> None:
    assert verify_cart(signed(), BODY, SECRET, NOW) == NONCE
    lower = {name.lower(): value for name, value in signed().items()}
    assert verify_cart(lower, BODY, SECRET, NOW) == NONCE


def test_the_signature_is_written_as_documented() -> None:
    # sha256_hmac("leaf", "1795000000.3f0b9c1d2e4a5968.{}"), worked out with another tool.
    import subprocess

    told = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "leaf", "-r"],
        input=b"1795000000.3f0b9c1d2e4a5968.{}",
        capture_output=True,
        check=True,
        timeout=10,
    )
    assert signature("leaf", "1795000000", NONCE, b"{}") == told.stdout.split()[0].decode()


def test_the_privacy_doors_name_is_in_its_signed_text() -> None:
    alike = signature("leaf", "1795000000", NONCE, b"privacy.{}")
    assert signature("leaf", "1795000000", NONCE, b"{}", PRIVACY) == alike
    timestamp = str(int(NOW.timestamp()))
    here = signed() | {"X-Relance-Signature": signature(SECRET, timestamp, NONCE, BODY, PRIVACY)}
    assert verify_cart(here, BODY, SECRET, NOW, PRIVACY) == NONCE
    for headers, body, door in (
        (here, BODY, CARTS),
        (here, b"privacy." + BODY, CARTS),
        (signed(), BODY, PRIVACY),
    ):
        with pytest.raises(Forged):
            verify_cart(headers, body, SECRET, NOW, door)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_five_minutes_either_way_are_fresh(seconds: int) -> None:
    assert verify_cart(signed(at=NOW + timedelta(seconds=seconds)), BODY, SECRET, NOW) == NONCE


@pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 365])
def test_older_or_newer_than_five_minutes_is_forged(seconds: int) -> None:
    with pytest.raises(Forged, match="five minutes"):
        verify_cart(signed(at=NOW + timedelta(seconds=seconds)), BODY, SECRET, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"X-Relance-Nonce": "3f0b9c1d2e4a5969"},
        {"X-Relance-Nonce": ""},
        {"X-Relance-Nonce": "short"},
        {"X-Relance-Nonce": "3f0b9c1d2e4a5968\n"},
        {"X-Relance-Timestamp": str(int(NOW.timestamp()) + 1)},
        {"X-Relance-Timestamp": ""},
        {"X-Relance-Timestamp": "now"},
        {"X-Relance-Timestamp": "-1"},
        {"X-Relance-Timestamp": "9" * 40},
        {"X-Relance-Timestamp": "١٧٩٥٠٠٠٠٠٠"},
        {"X-Relance-Signature": ""},
        {"X-Relance-Signature": "ß"},
        {"X-Relance-Signature": "0" * 64},
    ],
)
def test_anything_changed_is_forged(changes: dict[str, str]) -> None:
    with pytest.raises(Forged):
        verify_cart({**signed(), **changes}, BODY, SECRET, NOW)


def test_another_body_another_secret_and_no_secret_are_forged() -> None:
    with pytest.raises(Forged):
        verify_cart(signed(), BODY + b" ", SECRET, NOW)
    with pytest.raises(Forged):
        verify_cart(signed(secret="root"), BODY, SECRET, NOW)
    with pytest.raises(Forged):
        verify_cart(signed(secret=""), BODY, "", NOW)
    with pytest.raises(Forged):
        verify_cart({}, BODY, SECRET, NOW)


# -- what is told ------------------------------------------------------------------------------


def the_cart(**changes: Any) -> Cart:
    found = read_carts(with_cart(**changes), NOW)[0]
    assert isinstance(found, Cart)
    return found


def with_cart(**changes: Any) -> bytes:
    told = json.loads(BODY)
    told["carts"] = [{**told["carts"][0], **changes}]
    return json.dumps(told).encode()


def test_a_cart_is_read_with_its_contact_its_lines_and_its_way_back() -> None:
    cart = the_cart()
    assert (cart.key, cart.sees) == ("cart:5b0d6a4e-7c1e-4c66-9a55-0d7b7a1f0001", "plugin")
    assert cart.aliases == ("order:7301",)
    assert (cart.currency, cart.totals.total, cart.totals.tax) == (
        "EUR",
        Decimal("46.90"),
        Decimal("7.49"),
    )
    assert (cart.created_at, cart.changed_at) == (
        datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
        datetime(2026, 11, 20, 12, 41, tzinfo=UTC),
    )
    assert cart.way_back == "https://pots.example/?relance_restore=Vq3rT8yLw0ZpXc5N"
    assert (cart.locale, cart.discount_codes) == ("de_DE", ("back10",))
    assert (cart.client_address, cart.user_agent) == ("198.51.100.23", "Mozilla/5.0 (iPhone)")
    (line,) = cart.lines
    assert (line.product_key, line.variant_key, line.variant_title) == ("501", "502", "large, blue")
    assert (line.quantity, line.unit_price, line.total) == (2, Decimal("21.00"), Decimal("42.00"))
    person = cart.shopper
    assert (person.email, person.phone, person.country) == (
        "nele.brandt@etu.example",
        "0151 23456789",
        "DE",
    )


def test_a_coupon_is_cleaned_of_what_no_database_holds() -> None:
    (cart, *_) = read_carts(with_cart(coupons=["A\ud83d", " B\x00C ", "\x00", " "]), NOW)
    assert isinstance(cart, Cart)
    assert cart.discount_codes == ("a?", "bc")


def test_a_consent_is_what_was_ticked_and_a_refusal_is_kept_too() -> None:
    sms, email = the_cart().shopper.consents
    assert (sms.channel, sms.granted, sms.address) == (Channel.SMS, True, "0151 23456789")
    assert sms.words == "Erinnert mich per SMS an meinen Warenkorb."
    assert (email.channel, email.granted) == (Channel.EMAIL, False)


def test_a_cart_given_up_is_gone() -> None:
    found = read_carts(BODY, NOW)[1]
    at = datetime(2026, 11, 20, 12, 41, tzinfo=UTC)
    assert found == CartGone(("cart:9c2f1e00-1111-4222-8333-444455556666",), at)


def test_a_consent_taken_back_needs_no_cart() -> None:
    found = read_carts(BODY, NOW)[2]
    assert isinstance(found, CustomerSeen)
    assert found.shopper.customer_key == "88"
    assert not found.shopper.consents[0].granted


def test_the_cart_and_the_order_it_became_know_each_other() -> None:
    from tests.connectors.woocommerce_recordings import seen

    (pending,) = seen("order-updated-pending-guest")
    assert isinstance(pending, Cart)
    cart = the_cart()
    assert cart.key in pending.aliases
    assert pending.key in cart.aliases


def test_a_cart_without_a_contact_is_a_cart() -> None:
    cart = the_cart(contact={}, consents=[], order_id=None, customer_id=0)
    assert (cart.shopper.email, cart.shopper.phone, cart.aliases) == (None, None, ())


def test_a_unit_price_may_be_left_out() -> None:
    row = json.loads(BODY)["carts"][0]["lines"][0]
    del row["unit_price"]
    assert the_cart(lines=[row]).lines[0].unit_price == Decimal("21.00")


def test_a_shop_whose_clock_is_ahead_does_not_outlive_its_own_orders() -> None:
    assert the_cart(changed_at="2026-11-20T15:00:00Z").changed_at == NOW


def test_an_address_that_is_no_web_address_is_no_way_back() -> None:
    assert the_cart(restore_url="javascript:alert(1)").way_back is None


def test_250_lines_are_read() -> None:
    row = json.loads(BODY)["carts"][0]["lines"][0]
    assert len(the_cart(lines=[row] * 250).lines) == 250


LINE = {"product_id": 5, "title": "Pot", "quantity": 1, "total": "5.00"}
CONSENT = {"channel": "sms", "granted": True, "address": "+49151", "at": "2026-11-20T12:00:00Z"}


@pytest.mark.parametrize(
    "changes",
    [
        {"key": None},
        {"key": "short"},
        {"key": "x" * 65},
        {"key": "5b0d6a4e 7c1e"},
        {"key": ["5b0d6a4e7c1e"]},
        {"currency": "euro"},
        {"currency": None},
        {"totals": []},
        {"totals": {"total": "x"}},
        {"totals": {"total": None}},
        {"changed_at": None},
        {"changed_at": "2026-11-20T12:00:00"},
        {"changed_at": "today"},
        {"changed_at": 1795000000},
        {"changed_at": "0001-01-01T00:00:00+14:00"},
        {"created_at": ""},
        {"lines": {"a": 1}},
        {"lines": [LINE] * 251},
        {"lines": [{**LINE, "quantity": 0}]},
        {"lines": [{**LINE, "quantity": "many"}]},
        {"lines": [{**LINE, "total": "-1"}]},
        {"lines": [{**LINE, "total": None}]},
        {"lines": [{**LINE, "title": {"de": "Topf"}}]},
        {"contact": "nele"},
        {"contact": {"email": ["a"]}},
        {"consents": [{**CONSENT, "channel": "fax"}]},
        {"consents": [{**CONSENT, "granted": "yes"}]},
        {"consents": [{**CONSENT, "granted": None}]},
        {"consents": [{**CONSENT, "address": ""}]},
        {"consents": [{**CONSENT, "at": None}]},
        {"consents": [CONSENT] * 21},
        {"coupons": "back10"},
        {"coupons": [5]},
        {"coupons": ["x"] * 21},
        {"deleted": "yes"},
        {"order_id": {}},
    ],
)
def test_another_sort_of_value_is_unreadable_and_nothing_else(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_carts(with_cart(**changes), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"version":2}',
        b'{"version":"1"}',
        b'{"version":1,"carts":7}',
        b'{"version":1,"carts":[7]}',
        b'{"version":1,"customers":[{"changed_at":"2026-11-20T12:00:00Z"}]}',
        b'{"version":1,"carts":[' + b",".join([b"{}"] * 51) + b"]}",
        b'{"version":1}' + b" " * 512 * 1024,
        b"[" * 100_000,
    ],
)
def test_another_form_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_carts(body, NOW)


def test_nothing_of_the_person_is_in_the_words_of_an_error() -> None:
    with pytest.raises(Unreadable) as told:
        read_carts(with_cart(totals={"total": "nele.brandt@etu.example"}), NOW)
    assert "nele" not in str(told.value)


def test_an_empty_list_is_nothing() -> None:
    assert read_carts(b'{"version":1,"carts":[]}', NOW) == ()
