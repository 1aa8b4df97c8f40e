"""The merchant's privacy page: who asks, what is handed out, what is erased, how a shop leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from recovery import leaving_shops, receipts, retention
from recovery.model import PrivacyRequest
from recovery.shops import ShopRow
from tests.recovery.stories import EMAIL, PHONE, a_cart, a_shopper, record
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.stage import PLUGIN_SECRET, Stage
from tests.web.test_merchant_door import a_browser, get, mark, post

OTHER = "fedcba9876543210"


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    """A shop with one cart of Ana's."""
    shop = stage.a_woocommerce_shop()
    ana = a_shopper(stage.clock(), customer_key="c-ana")
    record(
        stage.database, shop, a_cart(stage.clock(), shopper=ana, raw="<b>raw"), now=stage.clock()
    )
    return shop


def send(browser: FlaskClient, shop: ShopRow, page: str, **fields: str):  # type: ignore[no-untyped-def]
    return post(browser, f"/shops/{shop.key}/privacy/{page}", form=mark(browser), **fields)


def named(found: str, at: int = 0) -> str:
    """By what the form of that person on the page names them."""
    names = re.findall(r'name="who" value="([0-9a-f]+)"', found)
    return str(list(dict.fromkeys(names))[at])


def page(browser: FlaskClient, shop: ShopRow) -> str:
    return str(get(browser, f"/shops/{shop.key}/privacy/").text)


def test_a_person_is_found_by_any_spelling_and_handed_one_file(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    for contact in (EMAIL, EMAIL.upper(), PHONE):
        found = send(owner, shop, "person", contact=contact)
        assert (found.status_code, EMAIL in found.text) == (200, True)
    file = send(owner, shop, "person/file", contact=EMAIL, who=named(found.text))
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Cache-Control"] == "no-store"
    assert EMAIL in file.text and "&lt;b&gt;raw" in file.text
    assert "Asked what is held" in page(owner, shop)
    assert [row.what for row in stage.rows("looks")] == ["person"] * 3 + ["file"]


def test_a_person_is_erased_only_by_who_is_sure(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    stage.database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", stage.clock()))
    who = named(send(owner, shop, "person", contact=EMAIL).text)
    send(owner, shop, "person/erase", contact=EMAIL, who=who)
    assert stage.rows("carts")[0].email == EMAIL
    assert "tick the box" in page(owner, shop)
    send(owner, shop, "person/erase", contact=EMAIL, who=who, sure="1")
    assert stage.rows("carts")[0].email is None
    (receipt,) = stage.rows("privacy_receipts")
    assert (receipt.kind, receipt.came_by, receipt.member_id) == ("erase", "merchant", 1)
    assert receipt.removed > 0 and receipt.retained == 1
    assert (receipt.customer_key, receipt.email, receipt.phone) == (None, None, None)
    told = page(owner, shop)
    assert "Their wish to get no messages" in told and EMAIL not in told


def test_of_two_with_one_phone_one_is_erased(stage: Stage, shop: ShopRow) -> None:
    bob = a_shopper(stage.clock(), customer_key="c-bob", email="bob@example.com")
    record(stage.database, shop, a_cart(stage.clock(), "token:bob", shopper=bob), now=stage.clock())
    owner = a_browser(stage, shop)
    found = send(owner, shop, "person", contact=PHONE).text
    assert "Several people have this number" in found
    at = 0 if found.index("bob@example.com") < found.index(EMAIL) else 1
    for _pressed_twice in range(2):  # the second time Ana alone has this number
        send(owner, shop, "person/erase", contact=PHONE, who=named(found, at), sure="1")
        assert [row.email for row in stage.rows("carts")] == [EMAIL, None]
    send(owner, shop, "person/file", contact=PHONE, who=named(found, at))
    assert stage.count("privacy_receipts") == 1


@pytest.mark.parametrize("contact", ["", "nobody", "@", "a" * 400, "é@", "+", "\x00", "12"])
def test_what_is_no_contact_is_told_at_the_field(stage: Stage, shop: ShopRow, contact: str) -> None:
    answer = send(a_browser(stage, shop), shop, "person", contact=contact)
    assert answer.status_code == 422
    assert "neither an e-mail address nor a phone number" in answer.text


def test_nobody_is_found_under_an_unknown_contact(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    assert "Nothing is held under" in send(owner, shop, "person", contact="x@example.com").text
    for contact, who in ((EMAIL, "0"), (EMAIL, ""), (EMAIL, "²"), ("x@example.com", "x")):
        for what in ("person/erase", "person/file"):
            gone = send(owner, shop, what, contact=contact, who=who, sure="1")
            assert gone.location.endswith("/privacy/")
    assert stage.rows("carts")[0].email == EMAIL and stage.count("privacy_receipts") == 0


def test_only_an_owner_sees_people_here(stage: Stage, shop: ShopRow) -> None:
    a_browser(stage, shop)
    reader = a_browser(stage, shop, "8", OTHER)
    assert "e-mail address or phone number" not in page(reader, shop)
    for address in ("person", "person/file", "person/erase", "receipts/1", "leave", "keeping"):
        assert send(reader, shop, address, contact=EMAIL, who="0", sure="1").status_code == 403
    assert get(reader, f"/shops/{shop.key}/privacy/leave").status_code == 403
    assert stage.rows("carts")[0].email == EMAIL


def test_what_a_customer_asked_through_the_platform_waits_for_the_owner(
    stage: Stage, shop: ShopRow
) -> None:
    ana = a_shopper(stage.clock(), customer_key="c-ana")
    record(stage.database, shop, PrivacyRequest("export", ana), now=stage.clock())
    owner = a_browser(stage, shop)
    assert "waits, answer before" in page(owner, shop)
    file = send(owner, shop, "receipts/1")
    assert EMAIL in file.text
    assert "waits, answer before" not in page(owner, shop)
    assert [row.over_at is None for row in stage.rows("notices")] == [False]
    assert send(owner, shop, "receipts/99").status_code == 404


def test_an_export_of_who_was_erased_meanwhile_is_gone(stage: Stage, shop: ShopRow) -> None:
    ana = a_shopper(stage.clock(), customer_key="c-ana")
    for kind in ("export", "erase"):
        record(stage.database, shop, PrivacyRequest(kind, ana), now=stage.clock())
    owner = a_browser(stage, shop)
    assert send(owner, shop, "receipts/1").status_code == 404


@pytest.mark.parametrize(
    ("months", "days", "status"),
    [("6", "30", 302), ("0", "90", 422), ("61", "90", 422), ("x", "90", 422), ("6", "-1", 422)],
)
def test_how_long_is_checked_kept_and_known_to_whom(
    stage: Stage, shop: ShopRow, months: str, days: str, status: int
) -> None:
    owner = a_browser(stage, shop)
    answer = send(owner, shop, "keeping", keep_months=months, keep_payload_days=days)
    assert answer.status_code == status
    (kept,) = stage.database.run(retention.to_sweep)
    if status == 302:
        assert (kept.keep_months, kept.keep_payload_days) == (6, 30)
        assert [row.member_id for row in stage.rows("changes")] == [1]
    else:
        assert (kept.keep_months, stage.rows("changes")) == (13, [])
        assert f'value="{months}"' in answer.text and 'aria-invalid="true"' in answer.text


def test_the_second_of_two_is_told(stage: Stage, shop: ShopRow) -> None:
    from recovery import changes

    owner = a_browser(stage, shop)
    seen = changes.mark_of({"keep_months": 13, "keep_payload_days": 90})
    values = {"keep_payload_days": "90", "seen": seen}
    assert send(owner, shop, "keeping", keep_months="6", **values).status_code == 302
    late = send(owner, shop, "keeping", keep_months="24", **values)
    assert (late.status_code, "Somebody else changed this" in late.text) == (409, True)
    assert 'value="24"' in late.text
    assert stage.database.run(retention.to_sweep)[0].keep_months == 6


def test_a_shop_leaves_at_once_and_is_erased_two_days_later(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    assert send(owner, shop, "leave", name="another").status_code == 422
    assert stage.the_shop().state == "active"
    assert send(owner, shop, "leave", name=shop.name or shop.address).status_code == 200
    gone = stage.the_shop()
    assert (gone.state, gone.credentials) == ("uninstalled", "")
    assert get(owner, f"/shops/{shop.key}/").status_code == 404
    later = stage.clock() + timedelta(hours=47)
    stage.database.run(lambda db: leaving_shops.sweep(db, later))
    assert stage.rows("carts")[0].email == EMAIL
    later += timedelta(hours=2)
    stage.database.run(lambda db: leaving_shops.sweep(db, later))
    assert stage.rows("carts")[0].email is None
    assert stage.the_shop().state == "erased"
    assert [row.kind for row in stage.rows("privacy_receipts")] == ["erase_shop"]
    assert EMAIL not in repr([stage.rows(name) for name in ("shoppers", "consents", "members")])


def test_a_shop_that_leaves_is_asked_to_tell_us_nothing_more(
    a_stage: Callable[..., Stage], woo: WooCommerceStandIn
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    shop = a_connected_shop(stage, woo)
    owner = a_browser(stage, shop)
    told = send(owner, shop, "leave", name=shop.name).text
    assert woo.hooks.all == {}
    assert stage.the_shop().credentials == ""
    assert "delete the plugin" in told and "did not answer" not in told
    assert f"/shops/{shop.key}/" not in told  # its pages are not there any more


def test_a_shop_that_does_not_answer_leaves_all_the_same(
    a_stage: Callable[..., Stage], woo: WooCommerceStandIn
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    shop = a_connected_shop(stage, woo)
    owner = a_browser(stage, shop)
    woo.__exit__()
    told = send(owner, shop, "leave", name=shop.name)
    assert told.status_code == 200
    assert "Delete the webhooks named Relance there, too." in told.text
    assert (stage.the_shop().state, stage.the_shop().credentials) == ("uninstalled", "")


def a_connected_shop(stage: Stage, woo: WooCommerceStandIn) -> ShopRow:
    """With its keys, and our webhooks in it."""
    keys = {"consumer_key": woo.consumer_key, "consumer_secret": woo.consumer_secret}
    secrets = {"webhook_secret": "tea", "plugin_secret": PLUGIN_SECRET}
    shop = stage._a_shop("woocommerce", woo.address, keys | secrets, {"key": "pots"})
    line: Any = stage.tools.line_to(stage.the_shop())
    assert line.keep_subscriptions(shop.hooks_at("https://relance.example")) == len(woo.hooks.all)
    return shop


def test_a_shop_that_came_back_in_time_stays(stage: Stage, shop: ShopRow) -> None:
    from recovery import shops

    send(a_browser(stage, shop), shop, "leave", name=shop.name or shop.address)
    again = stage.clock() + timedelta(hours=3)
    stage.database.run(lambda db: shops.add(db, shop.platform, shop.address, again))
    stage.database.run(lambda db: leaving_shops.sweep(db, again + timedelta(days=3)))
    assert stage.the_shop().state == "active"
    assert stage.rows("carts")[0].email == EMAIL
