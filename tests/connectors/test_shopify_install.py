"""The install: permission, callback, tokens and their renewal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.protocols import AccountStopped, Busy, Forged, NoAnswer, Refused
from connectors.shopify.install import (
    exchange_code,
    expires_soon,
    permission_url,
    refreshed,
    verify_callback,
)
from tests.connectors.shopify_words import NOW, PREVIOUS, SECRET, SHOP, Wire

GRANT = {
    "access_token": "shpat_new",
    "scope": "read_orders,write_discounts",
    "expires_in": 3600,
    "refresh_token": "shprt_new",
    "refresh_token_expires_in": 7_776_000,
}


OPTIONS = {"api_key": "key", "scopes": "read_orders,x"}


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


def callback(secret: str = SECRET, **changes: str) -> dict[str, str]:
    parameters = {
        "code": "c0de",
        "host": "YWRtaW4",
        "shop": SHOP,
        "state": "s1",
        "timestamp": str(int(NOW.timestamp())),
    } | changes
    message = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return parameters | {"hmac": digest}


def test_the_merchant_is_asked_at_their_own_shop() -> None:
    address = permission_url(SHOP, OPTIONS, "https://r.example/cb?a=1", "s&1")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", SHOP, "/admin/oauth/authorize")
    assert parse_qs(parts.query) == {
        "client_id": ["key"],
        "scope": ["read_orders,x"],
        "redirect_uri": ["https://r.example/cb?a=1"],
        "state": ["s&1"],
    }
    with pytest.raises(Forged):
        permission_url("evil.example", OPTIONS, "", "")


def test_a_genuine_callback_names_its_shop() -> None:
    assert verify_callback(callback(), [SECRET], NOW) == SHOP
    assert verify_callback(callback(PREVIOUS), [SECRET, PREVIOUS], NOW) == SHOP


@pytest.mark.parametrize("name", ["code", "shop", "state", "timestamp", "host"])
def test_a_changed_parameter_is_forged(name: str) -> None:
    with pytest.raises(Forged):
        verify_callback(callback() | {name: "other.myshopify.com"}, [SECRET], NOW)


@pytest.mark.parametrize("change", [{"hmac": ""}, {"hmac": "ß"}, {"hmac": "00"}, {"extra": "1"}])
def test_a_wrong_signature_is_forged(change: dict[str, str]) -> None:
    with pytest.raises(Forged):
        verify_callback(callback() | change, [SECRET], NOW)
    with pytest.raises(Forged):
        verify_callback({"shop": SHOP}, [SECRET], NOW)
    with pytest.raises(Forged):
        verify_callback(callback(""), ["", ""], NOW)


@pytest.mark.parametrize(
    "stamp", ["", "soon", "1e9", "-1", "١٢٣", "9" * 5000, "17_000", " 1", "NaN", "0"]
)
def test_a_signed_stamp_that_is_no_time_is_forged_and_nothing_else(stamp: str) -> None:
    with pytest.raises(Forged):
        verify_callback(callback(timestamp=stamp), [SECRET], NOW)


@pytest.mark.parametrize(("seconds", "fresh"), [(-91, False), (-90, True), (90, True), (91, False)])
def test_a_stamp_may_be_off_by_ninety_seconds(seconds: int, fresh: bool) -> None:
    stamped = callback(timestamp=str(int(NOW.timestamp()) + seconds))
    if fresh:
        assert verify_callback(stamped, [SECRET], NOW) == SHOP
    else:
        with pytest.raises(Forged):
            verify_callback(stamped, [SECRET], NOW)


@pytest.mark.parametrize("shop", ["evil.example", f"{SHOP}\n", f"{SHOP}.evil.example", ""])
def test_a_signed_callback_of_no_shop_is_forged(shop: str) -> None:
    with pytest.raises(Forged):
        verify_callback(callback(shop=shop), [SECRET], NOW)


def test_a_code_becomes_a_pair_of_tokens_with_their_ends(wire: Wire) -> None:
    wire.says(GRANT)
    assert exchange_code(wire.connection(), "c0de", NOW) == {
        "access_token": "shpat_new",
        "scope": "read_orders,write_discounts",
        "refresh_token": "shprt_new",
        "expires_at": "2026-11-20T13:00:00Z",
        "refresh_expires_at": "2027-02-18T12:00:00Z",
    }
    assert wire.asked() == {
        "client_id": "key",
        "client_secret": SECRET,
        "code": "c0de",
        "expiring": "1",
    }
    assert wire.requests[0]["path"] == "/admin/oauth/access_token"
    assert wire.requests[0]["headers"]["Host"] == SHOP


def test_a_token_without_an_end_is_kept_without_one(wire: Wire) -> None:
    wire.says({"access_token": "shpat_new", "scope": "read_orders"})
    kept = exchange_code(wire.connection(), "c0de", NOW)
    assert kept == {"access_token": "shpat_new", "scope": "read_orders"}
    assert not expires_soon(kept, NOW)


def test_a_refresh_spends_the_refresh_token(wire: Wire) -> None:
    wire.says(GRANT)
    assert refreshed(wire.connection(), NOW)["refresh_token"] == "shprt_new"
    assert wire.asked()["grant_type"] == "refresh_token"
    assert wire.asked()["refresh_token"] == "shprt_made_up"
    with pytest.raises(Refused):
        refreshed(replace(wire.connection(), credentials={}), NOW)


@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        (400, Refused),
        (401, Refused),
        (404, Refused),
        (402, AccountStopped),
        (429, Busy),
        (500, NoAnswer),
        (503, NoAnswer),
    ],
)
def test_only_a_dead_refresh_token_is_refused(
    wire: Wire, status: int, wrong: type[Exception]
) -> None:
    wire.says({"error": "invalid_request"}, status)
    with pytest.raises(wrong) as failed:
        refreshed(wire.connection(), NOW)
    assert type(failed.value) is wrong
    assert "shprt" not in str(failed.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"access_token": 5}'])
def test_an_answer_without_a_token_is_no_answer(wire: Wire, body: bytes) -> None:
    wire.says(body)
    with pytest.raises(NoAnswer):
        refreshed(wire.connection(), NOW)
    wire.drops_the_line()
    with pytest.raises(NoAnswer):
        refreshed(wire.connection(), NOW)


def test_a_token_is_renewed_ten_minutes_before_its_end() -> None:
    assert not expires_soon({}, NOW)
    assert expires_soon({"expires_at": "whenever"}, NOW)
    for minutes, soon in ((-5, True), (9, True), (11, False)):
        end = (NOW + timedelta(minutes=minutes)).isoformat()
        assert expires_soon({"expires_at": end}, NOW) is soon
