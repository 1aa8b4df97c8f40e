"""Two people with one cart: a link passed on, a session that was copied, a subscription."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

OTHER = "+33699999999"


def session_link(shop: RelanceShop, visitor: Visitor) -> str:
    """WooCommerce's own link to this visitor's session, as `/checkout-link/` makes it."""
    mine = next(
        row["session_key"]
        for row in shop.rows("woocommerce_sessions") or []
        if any(row["session_key"] in value for value in visitor.session.cookies.values())
    )
    token = shop.run("return standin_make_token( $id );", id=mine)
    return f"/checkout/?session={token}"


def way_back(shop: RelanceShop, key: str | None) -> str:
    """Relance's link to a cart."""
    found: str = shop.run("return Relance_Restore::url( $key, time() + 3600 );", key=key)
    return found


def granted(row: dict[str, Any]) -> dict[str, bool]:
    """Address → whether its consent stands."""
    return {one["address"]: one["granted"] for one in row["consents"]}


def mark(shop: RelanceShop, order_id: int) -> str:
    """The cart that an order names."""
    found: str = shop.run("return wc_get_order( $id )->get_meta( '_relance_cart' );", id=order_id)
    return found


@pytest.fixture
def anna(relance_shop: RelanceShop) -> Visitor:
    """Somebody who left a cart with a phone number; the service has it."""
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(first_name="Anna")
    relance_shop.send()
    return visitor


# -- a copied session ------------------------------------------------------------------------


def test_a_copied_session_is_another_cart(relance_shop: RelanceShop, anna: Visitor) -> None:
    bob = Visitor(relance_shop)
    page = bob.get(session_link(relance_shop, anna)).text
    assert bob.contents() == {relance_shop.shirt.id: 1}
    assert PHONE not in page and "You agreed to texts" not in page
    assert bob.key() != anna.key()
    bob.agree(phone=OTHER)
    first, second = relance_shop.carts()
    assert (first["cart_key"], first["contact"]["phone"]) == (anna.key(), PHONE)
    assert (second["cart_key"], second["contact"]["phone"]) == (bob.key(), OTHER)
    assert granted(first) == {PHONE: True} and granted(second) == {OTHER: True}


def test_a_copied_session_brings_no_customer_and_is_copied_once(
    relance_shop: RelanceShop, anna: Visitor
) -> None:
    relance_shop.set_options(standin_drafts="")
    anna.store("cart/update-customer", {"billing_address": {"first_name": "Annabelle"}})
    link = session_link(relance_shop, anna)
    bob = Visitor(relance_shop)
    assert "Annabelle" not in bob.get(link).text
    bob.agree(phone=OTHER)
    key = bob.key()
    bob.get(link)
    assert bob.key() == key and len(relance_shop.carts()) == 2


def test_a_member_who_opens_a_copy_leaves_the_others_key_behind(
    relance_shop: RelanceShop, anna: Visitor
) -> None:
    key = anna.key()
    member = Visitor(relance_shop, relance_shop.somebody("customer"))
    member.get(session_link(relance_shop, anna))
    assert member.contents() == {relance_shop.shirt.id: 1}
    member.config()
    member.agree(phone=OTHER)
    first, second = relance_shop.carts()
    assert (first["cart_key"], first["contact"]["phone"]) == (key, PHONE)
    assert (second["contact"]["phone"], second["customer_id"] > 0) == (OTHER, True)


def test_no_thanks_in_a_copied_session_is_about_the_copy(
    relance_shop: RelanceShop, anna: Visitor
) -> None:
    relance_shop.choose(mode="notice")
    bob = Visitor(relance_shop)
    bob.get(session_link(relance_shop, anna))
    bob.capture({"declined": True})
    bob.get("/checkout/")
    assert relance_shop.cart()["contact"]["phone"] == PHONE


def test_the_order_of_a_copy_ends_the_copy_alone(relance_shop: RelanceShop, anna: Visitor) -> None:
    bob = Visitor(relance_shop)
    bob.get(session_link(relance_shop, anna))
    order = bob.order_classic()
    assert mark(relance_shop, order) not in ("", anna.key())
    assert relance_shop.cart()["order_id"] == 0


def test_a_login_is_no_copy(relance_shop: RelanceShop, anna: Visitor) -> None:
    key = anna.key()
    relance_shop.log_in(anna.session, relance_shop.somebody("customer"))
    anna.config()  # a member's own nonce
    assert anna.capture({"consents": {"sms": False}}).status_code == 200
    assert relance_shop.cart()["cart_key"] == key and relance_shop.cart()["forget"] == 1


def test_a_capture_right_after_a_login_keeps_the_key(
    relance_shop: RelanceShop, anna: Visitor
) -> None:
    key = anna.key()
    login = relance_shop.somebody("customer")
    other = Visitor(relance_shop, login)  # the member's nonce, without a visit of this browser
    other.put(relance_shop.shirt.id)
    relance_shop.log_in(anna.session, login)
    for _ in range(2):
        anna.get("/?wc-ajax=relance_capture")
    anna.change(2)
    assert anna.key() == key
    assert relance_shop.cart()["snapshot"]["lines"][0]["quantity"] == 2


# -- a link that was passed on ---------------------------------------------------------------


@pytest.fixture
def bob(relance_shop: RelanceShop, anna: Visitor) -> Visitor:
    """Somebody else, who got Anna's link."""
    visitor = Visitor(relance_shop)
    assert visitor.get(way_back(relance_shop, anna.key())).status_code == 302
    assert visitor.key() == anna.key()
    return visitor


def test_another_persons_contact_takes_the_place_of_the_first_one(
    relance_shop: RelanceShop, bob: Visitor
) -> None:
    bob.agree(phone="", email=EMAIL, consents={"email": True}, country="DE")
    assert relance_shop.cart()["contact"] == {"email": EMAIL, "country": "DE"}


def test_another_persons_tick_leaves_the_first_ones_consent(
    relance_shop: RelanceShop, anna: Visitor, bob: Visitor
) -> None:
    bob.agree(phone=OTHER)
    assert granted(relance_shop.cart()) == {PHONE: True, OTHER: True}
    bob.agree(phone="+33688888888", email=EMAIL, consents={"sms": True, "email": True})
    assert granted(relance_shop.cart())[PHONE] is True
    bob.capture({"email": EMAIL, "consents": {"sms": False, "email": True}})
    row = relance_shop.cart()
    assert row["contact"] == {"email": EMAIL, "country": "FR"}
    assert granted(row)[PHONE] is True and granted(row)[EMAIL] is True
    anna.capture({"consents": {"sms": False}})
    assert granted(relance_shop.cart())[EMAIL] is True  # and Anna takes back only what is hers


def test_a_box_ticked_with_another_persons_order_leaves_the_first_ones_consent(
    relance_shop: RelanceShop, bob: Visitor
) -> None:
    bob.order_classic(relance_sms="1", billing_phone=OTHER)
    row = relance_shop.cart()
    assert granted(row) == {PHONE: True, OTHER: True}
    assert row["contact"] == {"phone": OTHER}


def test_an_unticked_box_of_somebody_who_typed_nothing_changes_nothing(
    relance_shop: RelanceShop, bob: Visitor
) -> None:
    before = relance_shop.cart()
    assert bob.capture({"consents": {"sms": False}}).status_code == 200
    after = relance_shop.cart()
    same = ("contact", "consents", "changed_at", "waiting", "forget")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_another_persons_no_thanks_leaves_the_first_ones_cart(
    relance_shop: RelanceShop, anna: Visitor, bob: Visitor
) -> None:
    relance_shop.choose(mode="notice")
    key = anna.key()
    assert bob.capture({"declined": True}).status_code == 200
    assert bob.key() not in (None, key)
    row = relance_shop.cart()
    assert (row["contact"]["phone"], row["forget"]) == (PHONE, 0)


def test_a_browser_that_declined_once_does_not_erase_the_cart_of_a_link(
    relance_shop: RelanceShop, anna: Visitor
) -> None:
    relance_shop.choose(mode="notice")
    link = way_back(relance_shop, anna.key())
    bob = Visitor(relance_shop)
    bob.session.cookies.set("relance_declined", "1")
    assert bob.get(link).status_code == 302
    bob.get("/checkout/")
    bob.change(3)
    assert relance_shop.cart()["forget"] == 0


def test_the_same_person_on_another_device_goes_on(
    relance_shop: RelanceShop, anna: Visitor, bob: Visitor
) -> None:
    bob.agree(phone=PHONE.replace("+33612", "+33 6 12"), last_name="Petit")
    contact = relance_shop.cart()["contact"]
    assert (contact["first_name"], contact["last_name"]) == ("Anna", "Petit")


def test_the_first_persons_consents_are_found_once_another_goes_on_with_the_cart(
    relance_shop: RelanceShop,
) -> None:
    anna = relance_shop.visitor(relance_shop.shirt)
    anna.agree(email="Anna@Example.com", consents={"sms": True, "email": True})
    carl, third = Visitor(relance_shop), "+33688888888"
    carl.get(way_back(relance_shop, anna.key()))
    carl.agree(phone=third)
    bob = Visitor(relance_shop)
    bob.get(way_back(relance_shop, anna.key()))
    bob.agree(phone=OTHER, email=EMAIL, consents={"sms": True, "email": True})
    assert set(granted(relance_shop.cart())) == {PHONE, "Anna@Example.com", third, OTHER, EMAIL}

    relance_shop.receiver.privacy = {"groups": []}
    found = "return Relance_Privacy::export( $email );"
    told = str(relance_shop.run(found, email="anna@example.com"))
    assert "Anna@Example.com" in told and PHONE in told
    assert not [one for one in (third, OTHER, EMAIL) if one in told]
    assert EMAIL not in str(relance_shop.run(found, email="nna@example.com"))

    relance_shop.receiver.privacy = {"removed": 1, "retained": 0, "words": ""}
    erase = "return Relance_Privacy::erase( $email );"
    assert relance_shop.run(erase, email="anna@example.com")["items_removed"] is True
    row = relance_shop.cart()
    assert granted(row) == {third: True, OTHER: True, EMAIL: True}
    assert (row["contact"]["phone"], row["contact"]["email"], row["forget"]) == (OTHER, EMAIL, 0)
    relance_shop.receiver.privacy = {"groups": []}
    assert relance_shop.run(found, email="anna@example.com")["data"] == []
    relance_shop.send()
    assert PHONE not in str(relance_shop.receiver.carts())
    anna.capture({"consents": {"sms": False, "email": False}})
    assert granted(relance_shop.cart()) == {third: True, OTHER: True, EMAIL: True}


def test_a_strangers_export_does_not_tell_the_first_ones_number(
    relance_shop: RelanceShop, bob: Visitor
) -> None:
    bob.agree(phone="", email=EMAIL, consents={"email": True})
    relance_shop.receiver.privacy = {"groups": []}
    told = str(relance_shop.run("return Relance_Privacy::export( $email );", email=EMAIL))
    assert EMAIL in told and PHONE not in told


# -- a subscription that there is already ------------------------------------------------------


def test_a_cart_that_renews_a_subscription_is_not_captured(relance_shop: RelanceShop) -> None:
    relance_shop.set_options(aside_renewal="1")
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.agree().status_code == 204
    assert relance_shop.carts() == []


def test_a_captured_cart_that_becomes_a_renewal_stays_as_it_was(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    before = relance_shop.cart()
    relance_shop.set_options(aside_renewal="1")
    visitor.change(4)
    visitor.agree(phone=OTHER)
    assert relance_shop.cart() == before
    visitor.capture({"consents": {"sms": False}})  # taking back is heard all the same
    assert relance_shop.cart()["forget"] == 1


@pytest.mark.parametrize("line", ["subscription_switch", "subscription_renewal"])
def test_a_line_about_a_subscription_is_enough(relance_shop: RelanceShop, line: str) -> None:
    answers = relance_shop.run(
        "wc_load_cart(); WC()->cart->empty_cart();"
        "WC()->cart->add_to_cart( $id ); $before = Relance_Cart::is_renewal();"
        "WC()->cart->add_to_cart( $id, 1, 0, array(), array( $line => array( 'x' => 1 ) ) );"
        "$after = Relance_Cart::is_renewal(); WC()->cart->empty_cart();"
        "return array( $before, $after );",
        id=relance_shop.shirt.id,
        line=line,
    )
    assert answers == [False, True]
