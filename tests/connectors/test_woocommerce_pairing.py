"""Asking a shop back whether it waits for a pairing."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy, Connection, Refused, Unreadable
from connectors.woocommerce import pairing
from connectors.woocommerce.pairing import (
    confirm,
    is_same_shop,
    proof_of,
    read_pairing,
    shown,
    shown_name,
)
from tests.connectors.pairing_shop import NONCE, PairingShop, a_pairing_shop
from tests.connectors.woocommerce_recordings import PRIVATE

CODE = "q" * 32
FORM = {"version": 1, "code": CODE, "address": "https://Pots.example/wp-admin/", "nonce": NONCE}


@pytest.fixture
def shop() -> Iterator[PairingShop]:
    with a_pairing_shop() as opened:
        yield opened


def ask(shop: PairingShop, **options: str) -> None:
    confirm(Connection("pots", shop.address, {}, PRIVATE | options), NONCE)


def test_the_proof_is_written_as_documented() -> None:
    assert proof_of(NONCE) == hashlib.sha256(b"relance-pairing:" + NONCE.encode()).hexdigest()


def test_a_shop_that_waits_for_this_very_pairing_confirms_it(shop: PairingShop) -> None:
    shop.waits_for()
    ask(shop)
    assert shop.asked == ["/?rest_route=/relance/v1/pairing"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, {"code": "rest_no_route"}, Refused),
        (404, b"<html>", Refused),
        (200, {"proof": proof_of("f" * 32)}, Refused),
        (200, {"proof": NONCE}, Refused),
        (200, {"proof": None}, Refused),
        (200, {"proof": "ü" * 64}, Refused),
        (200, [proof_of(NONCE)], Refused),
        (200, {}, Refused),
        (200, b"<html>soon</html>", Unreadable),
        (200, b"\xff\xfe", Unreadable),
        (200, b'{"proof":"' + b"a" * 5_000 + b'"}', Unreadable),
        (401, b"<html>", AccountStopped),
        (403, b"<html>", AccountStopped),
        (500, b"", Busy),
        (503, b"", Busy),
    ],
)
def test_anything_else_confirms_nothing(
    shop: PairingShop, status: int, body: Any, expected: type[Exception]
) -> None:
    shop.says(status, body)
    with pytest.raises(expected):
        ask(shop)


def test_a_redirect_is_not_followed_and_told_by_its_host_alone(shop: PairingShop) -> None:
    with a_pairing_shop() as other:
        other.waits_for()
        shop.says(302, b"", Location=f"{other.address}/?rest_route=/relance/v1/pairing")
        with pytest.raises(AccountStopped, match="redirects to http://127"):
            ask(shop)
        assert other.asked == []


def test_a_private_address_is_asked_nothing_unless_that_is_allowed(shop: PairingShop) -> None:
    shop.waits_for()
    with pytest.raises(AccountStopped, match="private network"):
        ask(shop, allow_private="")
    assert shop.asked == []


def test_a_shop_that_is_closed_is_busy() -> None:
    with a_pairing_shop() as shop:
        pass
    with pytest.raises(Busy):
        ask(shop)


def test_an_answer_that_drips_in_is_given_up(
    shop: PairingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.waits_for()
    monkeypatch.setattr(pairing, "LONGEST_READ", -1.0)  # as if the time were over at once
    began = time.monotonic()
    with pytest.raises(Unreadable):
        ask(shop)
    assert time.monotonic() >= began


@pytest.mark.parametrize("address", ["ftp://pots.example", "https://"])
def test_an_address_that_cannot_be_called_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        confirm(Connection("pots", address, {}, PRIVATE), NONCE)


# -- what the plugin posts -------------------------------------------------------------------


def test_the_form_is_read_and_the_address_cleaned() -> None:
    assert read_pairing(json.dumps(FORM).encode()) == (CODE, "https://pots.example", NONCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": None},
        {"code": "short"},
        {"code": "q" * 65},
        {"code": "q" * 31 + "/"},
        {"code": ["q" * 32]},
        {"address": ""},
        {"address": "https://a:b@pots.example"},
        {"address": "javascript:alert(1)"},
        {"nonce": NONCE.upper()},
        {"nonce": NONCE[1:]},
        {"nonce": None},
        {"more": "x" * 5_000},
    ],
)
def test_another_form_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_pairing(json.dumps(FORM | changes).encode())


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("https://pots.example", "https://pots.example", True),
        ("https://pots.example", "http://pots.example", True),
        ("https://www.pots.example", "http://pots.example", True),
        ("https://pots.example/shop", "https://pots.example/shop", True),
        ("https://pots.example/shop", "https://pots.example", False),
        ("https://pots.example", "https://pots.example:8443", False),
        ("https://pots.example", "https://shop.pots.example", False),
        ("https://pots.example", "https://potsexample", False),
        ("https://pots.example", "https://pots.example.evil.example", False),
    ],
)
def test_http_and_www_make_no_other_shop(ours: str, theirs: str, same: bool) -> None:
    assert is_same_shop(ours, theirs) is same
    assert is_same_shop(theirs, ours) is same


@pytest.mark.parametrize(
    "letter", ["\u202e", "\u2066", "\u200f", "\u200b", "\u00ad", "\ufeff", "\x7f", "\x9b", "\u2028"]
)
@pytest.mark.parametrize("place", ["https://po{}ts.example", "https://pots.example/?x={}y"])
def test_an_address_with_letters_that_nobody_sees_is_unreadable(letter: str, place: str) -> None:
    body = json.dumps(FORM | {"address": place.format(letter)}).encode()
    with pytest.raises(Unreadable, match="address"):
        read_pairing(body)


def test_a_host_that_looks_like_another_is_read_and_shown_in_ascii() -> None:
    with_a_cyrillic_o = "https://p\u043ets.example"
    body = json.dumps(FORM | {"address": with_a_cyrillic_o}).encode()
    assert read_pairing(body)[1] == "https://xn--pts-sed.example"
    assert not is_same_shop("https://pots.example", read_pairing(body)[1])
    assert shown(with_a_cyrillic_o) == "https://xn--pts-sed.example"
    assert shown("https://pots\u202e.example") == "?"


def test_a_name_is_told_without_what_turns_the_writing() -> None:
    assert shown_name("Pots\u202e & \u2067Co\x1b[31m") == "Pots & Co[31m"
    assert shown_name("चाय की क्‍यारी") == "चाय की क्‍यारी"
