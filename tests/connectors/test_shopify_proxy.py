"""The app proxy: who signed, and what a shopper left in the box."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.protocols import Forged, Unreadable
from connectors.shopify.proxy import (
    AS_TOLD,
    LONGEST_BODY,
    Visit,
    read_box,
    read_contact,
    verify_proxy,
)
from recovery.model import (
    Channel,
    Consent,
    ContactSeen,
    CustomerSeen,
    RequestKind,
    TextRequest,
)
from tests.connectors.shopify_words import NOW, PREVIOUS, SECRET, SHOP
from tests.standins.shopify.app_proxy import signed_query

ONCE = "n=00112233445566778899aabbccddeeff"
VISIT = Visit(SHOP, "5" * 64)
PHONE = "0612345678"
TICKED = {"asks[keep_cart]": "Keep it", "marketing": "Offers now and then"}


def query(more: str = ONCE, secret: str = SECRET, shop: str = SHOP, **rest: Any) -> str:
    return signed_query(secret, shop, rest.pop("at", NOW), more, **rest)


def verify(text: str) -> Visit:
    return verify_proxy(text, ["", SECRET, PREVIOUS], NOW)


# -- the signature -----------------------------------------------------------------------


EXAMPLE = (
    "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id={customer}"
    "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555&signature={signature}"
)


@pytest.mark.parametrize(
    ("customer", "signature"),
    [
        ("1", "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
        ("", "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"),
    ],
)
def test_the_examples_that_shopify_publishes_are_genuine(customer: str, signature: str) -> None:
    text = EXAMPLE.format(customer=customer, signature=signature)
    with pytest.raises(Forged, match="not of this hour"):  # so the signature itself fits
        verify_proxy(text, ["hush"], NOW)
    with pytest.raises(Forged, match="does not fit"):
        verify_proxy(text, ["hush!"], NOW)


@pytest.mark.parametrize(
    "more", ["logged_in_customer_id=7", "shop=other.myshopify.com", "timestamp=1", ONCE]
)
def test_what_a_visitor_writes_beside_what_shopify_says_is_nobodys_word(more: str) -> None:
    with pytest.raises(Forged, match="there twice"):
        verify(query(f"{ONCE}&{more}"))


def test_shopify_vouches_for_the_shop_and_who_is_logged_in() -> None:
    assert verify(query()).shop == SHOP
    assert verify(query()).customer_key is None
    assert verify(query(customer_id=2**60)).customer_key == str(2**60)


def test_the_previous_secret_is_good_during_a_rotation_and_no_other() -> None:
    assert verify(query(secret=PREVIOUS)).shop == SHOP
    with pytest.raises(Forged):
        verify(query(secret="another"))
    with pytest.raises(Forged):
        verify_proxy(query(secret=""), ["", ""], NOW)


@pytest.mark.parametrize("away", [-301, 301, -86_400, 86_400])
def test_a_signature_is_good_for_five_minutes(away: int) -> None:
    with pytest.raises(Forged):
        verify(query(at=NOW + timedelta(seconds=away)))
    assert verify(query(at=NOW + timedelta(seconds=299 if away > 0 else -299)))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("logged_in_customer_id=", "logged_in_customer_id=7"),
        lambda text: text.replace(SHOP, "other.myshopify.com"),
        lambda text: text + "&n=ffffffffffffffffffffffffffffffff",
        lambda text: text + "&signature=" + "0" * 64,
        lambda text: text.replace("signature=", "sign="),
        lambda text: text.replace("signature=", "signature=%F0%9F%8E%81"),
        lambda text: "&".join(f"a{n}=1" for n in range(100)),
        lambda text: "",
    ],
)
def test_what_shopify_did_not_sign_is_forged(change: Any) -> None:
    with pytest.raises(Forged):
        verify(change(query()))


@pytest.mark.parametrize("shop", ["evil.example", "teapots.myshopify.com.evil.example", ""])
def test_a_signature_without_a_shop_is_forged(shop: str) -> None:
    with pytest.raises(Forged):
        verify(query(shop=shop))


@pytest.mark.parametrize("more", ["", "n=", "n=1", "n=XYZ112233445566778899aabbccddeeff"])
def test_a_query_without_its_own_number_is_refused(more: str) -> None:
    with pytest.raises(Forged):
        verify(query(more))


def test_two_shoppers_of_one_second_have_two_signatures() -> None:
    assert verify(query(ONCE)).signature != verify(query(ONCE.replace("00", "11"))).signature


# -- the box -----------------------------------------------------------------------------


def form(**fields: str) -> bytes:
    return urlencode({"phone": PHONE, "country": "FR", "locale": "fr"} | fields).encode()


def asked(body: bytes, visit: Visit = VISIT) -> tuple[Any, ...]:
    return read_contact(body, visit, NOW)


def test_a_cart_to_keep_and_marketing_ticked_apart() -> None:
    contact, request = asked(form(cart="c1-abc", **TICKED))
    assert isinstance(contact, ContactSeen)
    assert (contact.keys, contact.at) == (("cart:c1-abc",), NOW)
    shopper = contact.shopper
    assert (shopper.phone, shopper.country, shopper.locale) == (PHONE, "FR", "fr")
    assert shopper.consents == (
        Consent(Channel.SMS, PHONE, True, "embed", NOW, f"{AS_TOLD}Offers now and then", "fr"),
    )
    assert request == TextRequest(
        RequestKind.KEEP_CART,
        PHONE,
        NOW,
        f"{AS_TOLD}Keep it",
        "embed",
        country="FR",
        locale="fr",
        cart_key="cart:c1-abc",
    )


def test_json_says_the_same_as_a_form() -> None:
    fields = {"phone": PHONE, "country": "FR", "locale": "fr", "cart": "c1-abc"}
    said = fields | {"asks": {"keep_cart": "Keep it"}, "marketing": "Offers now and then"}
    assert asked(json.dumps(said).encode()) == asked(form(cart="c1-abc", **TICKED))


def test_the_secret_behind_a_carts_token_is_left_out() -> None:
    contact, _ = asked(form(cart="c1-abc?key=5ec4e7", **TICKED))
    assert contact.keys == ("cart:c1-abc",)


def test_keeping_a_cart_is_no_consent_to_marketing() -> None:
    contact, _ = asked(form(cart="c1", **{"asks[keep_cart]": "Keep it"}))
    assert contact.shopper.consents == ()


def test_who_waits_for_a_parcel_leaves_no_contact_with_the_cart() -> None:
    (request,) = asked(form(cart="c1", **{"asks[order_news]": "Text me"}))
    assert (request.kind, request.cart_key) == (RequestKind.ORDER_NEWS, "cart:c1")


def test_marketing_alone_without_a_cart_is_news_of_a_person() -> None:
    (seen,) = asked(form(marketing="Offers"), Visit(SHOP, "5" * 64, "77"))
    assert isinstance(seen, CustomerSeen)
    assert (seen.shopper.customer_key, seen.shopper.consents[0].words) == ("77", f"{AS_TOLD}Offers")


def test_an_empty_cart_cannot_be_kept() -> None:
    assert asked(form(**{"asks[keep_cart]": "Keep it"})) == ()


def test_a_watched_variant_is_named_and_its_price_is_not_believed() -> None:
    watch = {"asks[back_in_stock]": "Tell me", "asks[price_drop]": "Tell me"}
    told = {"product": "81", "variant": "44", "price": "0.01", "title": "Hack", "cart": "c1"}
    seen = asked(form(**watch, **told))
    assert [each.kind for each in seen] == [RequestKind.BACK_IN_STOCK, RequestKind.PRICE_DROP]
    for each in seen:
        assert (each.product_key, each.variant_key, each.cart_key) == ("81", "44", None)
        assert (each.price, each.product_title) == (None, None)
    assert asked(form(**watch)) == (), "a watch of nothing"


def test_nothing_ticked_is_nothing_asked() -> None:
    assert asked(form(cart="c1")) == ()
    assert asked(form(cart="c1", **{"asks[keep_cart]": "", "marketing": "  "})) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b'{"phone": 612345678}',
        b'{"phone": null}',
        b"phone=",
        form(phone="0" * 61),
        form(marketing="x" * 601),
        form(phone=PHONE, more="x" * LONGEST_BODY),
        "&".join(f"a{n}=1" for n in range(100)).encode(),
        b'{"phone": "0612345678", "asks": {"keep_cart": ["yes"]}}',
    ],
)
def test_what_is_no_box_is_unreadable_and_quotes_nothing(body: bytes) -> None:
    with pytest.raises(Unreadable) as odd:
        asked(body)
    assert "0612" not in str(odd.value)


def test_fields_of_another_shape_are_as_good_as_none() -> None:
    box = read_box(
        form(country="France", locale="<b>", cart="a b", product="1 OR 1", variant="-1", x="y")
    )
    found = (box.country, box.locale, box.cart_token, box.product_key, box.variant_key)
    assert found == (None, None, None, None, None)
