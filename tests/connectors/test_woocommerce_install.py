"""Connecting a WooCommerce shop."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.protocols import AccountStopped, Connection, Unreadable
from connectors.woocommerce import WooCommerceShop
from connectors.woocommerce.install import (
    authorize_url,
    clean_address,
    keys_work,
    read_callback,
    zone_of,
)
from tests.connectors.woocommerce_recordings import PRIVATE, recorded
from tests.standins.woocommerce import WooCommerceStandIn

ASKED = (
    "https://pots.example",
    "Relance",
    "q7Hk",
    "https://r.example/done",
    "https://r.example/cb",
)


def test_the_merchant_is_sent_away_with_all_that_is_required() -> None:
    parts = urlsplit(authorize_url(*ASKED))
    assert (parts.netloc, parts.path) == ("pots.example", "/wc-auth/v1/authorize")
    assert parse_qs(parts.query) == {
        "app_name": ["Relance"],
        "scope": ["read_write"],
        "user_id": ["q7Hk"],
        "return_url": ["https://r.example/done"],
        "callback_url": ["https://r.example/cb"],
    }


@pytest.mark.parametrize(
    "asked",
    [
        (*ASKED[:2], "0", *ASKED[3:]),
        (*ASKED[:2], "", *ASKED[3:]),
        (*ASKED[:4], "http://r.example/cb"),
    ],
)
def test_what_wc_auth_would_refuse_is_not_asked(asked: tuple[str, str, str, str, str]) -> None:
    with pytest.raises(ValueError, match=r"user_id|https"):
        authorize_url(*asked)


def test_the_callback_holds_the_keys_and_whom_we_asked_for() -> None:
    found = read_callback(recorded("wc-auth-callback")[1])
    assert found.user_id == "q7Hk2LwZpVxN4mT9"
    assert found.credentials == {
        "consumer_key": "ck_" + "1f" * 20,
        "consumer_secret": "cs_" + "2e" * 20,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": ""},
        {"user_id": 7},
        {"user_id": None},
        {"consumer_key": "ck_short"},
        {"consumer_key": ["ck_"]},
        {"consumer_secret": "ck_" + "1f" * 20},
        {"key_permissions": "read"},
        {"key_permissions": None},
    ],
)
def test_a_callback_of_another_shape_is_unreadable(changes: dict[str, object]) -> None:
    row = {**json.loads(recorded("wc-auth-callback")[1]), **changes}
    with pytest.raises(Unreadable):
        read_callback(json.dumps(row).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"consumer_key=ck", b"\xff", b" " * 5000])
def test_nonsense_is_no_callback(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_callback(body)


def test_keys_are_believed_only_when_the_shop_itself_accepts_them() -> None:
    with WooCommerceStandIn() as woo:
        keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
        keys_work(Connection("pots", woo.address, keys, PRIVATE))
        with pytest.raises(AccountStopped):
            keys_work(
                Connection("pots", woo.address, {**keys, "consumer_secret": "cs_no"}, PRIVATE)
            )


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin"])
def test_a_shop_tells_its_name_money_country_zone_and_language(zone: str) -> None:
    with WooCommerceStandIn(timezone=zone, currency="EUR") as woo:
        woo.shop.name = "Pots &amp; Pans"
        keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
        news = WooCommerceShop(Connection("pots", woo.address, keys, PRIVATE)).shop_news()
        assert (news.name, news.currency, news.country) == ("Pots & Pans", "EUR", "US")
        assert (news.timezone, news.locale) == (zone, "en_US")


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ("0", "UTC"),
        ("5", "Etc/GMT-5"),
        ("-8", "Etc/GMT+8"),
        ("10", "Etc/GMT-10"),
        ("5.50", "Asia/Kolkata"),
        ("-3.5", None),
    ],
)
def test_bare_hours_from_greenwich_are_a_zone_where_there_is_one(
    hours: str, zone: str | None
) -> None:
    from decimal import Decimal

    assert zone_of(Decimal(hours)) == zone


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/ ", "https://shop.example"),
        ("http://shop.example", "http://shop.example"),
        ("https://shop.example:443/", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("shop.example/de/", "https://shop.example/de"),
        ("https://shop.example/wp-admin/admin.php?page=wc", "https://shop.example"),
        ("https://shop.example/store/wp-login.php", "https://shop.example/store"),
        ("https://shop.example/wp-json/wc/v3", "https://shop.example"),
        ("https://käse.example", "https://xn--kse-qla.example"),
        ("https://shop.example//a//b/#top", "https://shop.example/a/b"),
        ("https://admin:pw@shop.example", None),
        ("javascript:alert(1)", None),
        ("ftp://shop.example", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("", None),
        ("shop", None),
        ("my shop.example", None),
        ("https://shop.example:99999", None),
        ("https://[::1", None),
        ("https://shop.example/../x", None),
        ("https://-.example\n.x", None),
        ("a" * 70 + ".example", None),
    ],
)
def test_what_a_merchant_types_becomes_an_address_or_nothing(
    typed: str, address: str | None
) -> None:
    assert clean_address(typed) == address
