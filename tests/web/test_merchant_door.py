"""The merchant's door: who enters, how often a link opens, what others find there."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from connectors import entry_links
from recovery import members, tables
from recovery.members import LastOwner, Role
from recovery.shops import ShopRow
from tests.web.stage import PLUGIN_SECRET, Stage

NONCE = "0123456789abcdef"


def link(stage: Stage, shop: ShopRow, user: str = "7", nonce: str = NONCE, **other: str) -> str:
    """What WordPress sends its user to."""
    made = entry_links.query(
        other.pop("secret", PLUGIN_SECRET), shop.key, user, nonce, stage.clock()
    )
    return f"/enter/woocommerce/{shop.key}?{urlencode(made | other)}"


def a_browser(stage: Stage, shop: ShopRow, user: str = "7", nonce: str = NONCE) -> FlaskClient:
    """A browser that came in by a link."""
    browser = stage.app.test_client()
    answer = browser.get(link(stage, shop, user, nonce), base_url="https://relance.example")
    assert answer.status_code == 302
    return browser


def get(browser: FlaskClient, address: str, **more: object):  # type: ignore[no-untyped-def]
    return browser.get(address, base_url="https://relance.example", **more)


def post(browser: FlaskClient, address: str, **fields: str):  # type: ignore[no-untyped-def]
    return browser.post(address, base_url="https://relance.example", data=fields)


def mark(browser: FlaskClient) -> str:
    with browser.session_transaction(base_url="https://relance.example") as session:
        return str(session["forms"])


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return stage.a_woocommerce_shop()


def test_a_link_of_the_shop_lets_its_user_in_once(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    assert get(browser, f"/shops/{shop.key}/").status_code == 200
    again = stage.app.test_client()
    assert get(again, link(stage, shop)).status_code == 401
    assert get(again, f"/shops/{shop.key}/").status_code == 404


@pytest.mark.parametrize(
    ("other", "later"),
    [
        ({"secret": "another"}, 0),
        ({"user": "8"}, 0),
        ({"at": "99"}, 0),
        ({"nonce": "fedcba9876543210"}, 0),
        ({"signature": "é"}, 0),
        ({"user": "0"}, 0),
        ({"user": "٧"}, 0),
        ({}, 61),
        ({}, -61),
    ],
)
def test_no_other_link_opens(
    stage: Stage, shop: ShopRow, other: dict[str, str], later: int
) -> None:
    secret = {"secret": other["secret"]} if "secret" in other else {}
    changed = {name: value for name, value in other.items() if name != "secret"}
    address = link(stage, shop, **secret) + "&" + urlencode(changed)
    if changed:  # what is said first counts
        address = (
            address.partition("?")[0]
            + "?"
            + urlencode(
                entry_links.query(PLUGIN_SECRET, shop.key, "7", NONCE, stage.clock()) | changed
            )
        )
    stage.clock.at += timedelta(seconds=later)
    answer = get(stage.app.test_client(), address)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert stage.rows("members") == []


def test_a_link_of_one_shop_opens_no_other(stage: Stage, shop: ShopRow) -> None:
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    other = stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    address = link(stage, shop).replace(shop.key, other.key)
    assert get(stage.app.test_client(), address).status_code == 401


def test_the_first_is_the_owner_and_the_next_reads(stage: Stage, shop: ShopRow) -> None:
    a_browser(stage, shop, "7")
    a_browser(stage, shop, "8", "fedcba9876543210")
    a_browser(stage, shop, "7", "aaaaaaaaaaaaaaaa")
    found = [(row.subject, row.role) for row in stage.rows("members")]
    assert found == [("wordpress:7", "owner"), ("wordpress:8", "reader")]


def test_every_page_of_every_shop_is_nothing_to_everybody_else(stage: Stage, shop: ShopRow) -> None:
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    browser = a_browser(stage, shop)
    rules = [rule for rule in stage.app.url_map.iter_rules() if "shop_key" in rule.arguments]
    inside = [rule for rule in rules if rule.rule.startswith("/shops/")]
    assert len(inside) >= 5
    for rule in inside:
        values = dict.fromkeys(rule.arguments - {"shop_key"}, 1)
        for key in ("cups", "nobodys"):
            with stage.app.test_request_context():
                address = rule.build(values | {"shop_key": key}, append_unknown=False)[1]
            for method in rule.methods - {"OPTIONS"}:
                for who in (browser, stage.app.test_client()):
                    answer = who.open(address, method=method, base_url="https://relance.example")
                    assert answer.status_code == 404, (method, address)


def test_a_form_of_another_site_changes_nothing(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    address = f"/shops/{shop.key}/team/me"
    assert post(browser, address, name="Mallory").status_code == 400
    assert post(browser, address, name="Mallory", form="x").status_code == 400
    assert stage.rows("members")[0].name == ""
    assert post(browser, address, name="  Ana \n B ", form=mark(browser)).status_code == 302
    assert stage.rows("members")[0].name == "Ana B"


def test_a_reader_changes_nobodys_role(stage: Stage, shop: ShopRow) -> None:
    a_browser(stage, shop, "7")
    reader = a_browser(stage, shop, "8", "fedcba9876543210")
    mine = stage.rows("members")[1].id
    answer = post(reader, f"/shops/{shop.key}/team/{mine}", do="owner", form=mark(reader))
    assert answer.status_code == 403
    assert stage.rows("members")[1].role == "reader"
    assert get(reader, f"/shops/{shop.key}/team/looks").status_code == 403


def test_who_is_taken_out_finds_nothing_and_may_be_let_in_again(
    stage: Stage, shop: ShopRow
) -> None:
    owner = a_browser(stage, shop, "7")
    other = a_browser(stage, shop, "8", "fedcba9876543210")
    theirs = stage.rows("members")[1].id
    address = f"/shops/{shop.key}/team/{theirs}"
    assert post(owner, address, do="out", form=mark(owner)).status_code == 302
    assert get(other, f"/shops/{shop.key}/").status_code == 404
    assert get(other, link(stage, shop, "8", "bbbbbbbbbbbbbbbb")).status_code == 403
    assert post(owner, address, do="in", form=mark(owner)).status_code == 302
    assert get(other, f"/shops/{shop.key}/").status_code == 200


def test_a_shop_keeps_an_owner(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    mine = stage.rows("members")[0].id
    for do in ("reader", "out"):
        post(owner, f"/shops/{shop.key}/team/{mine}", do=do, form=mark(owner))
        assert stage.rows("members")[0].role == "owner"
        assert b"at least one owner" in get(owner, f"/shops/{shop.key}/team/").data
    with pytest.raises(LastOwner):
        stage.database.run(lambda db: members.give(db, shop.id, mine, Role.READER))


def test_a_member_of_one_shop_is_no_row_of_another(stage: Stage, shop: ShopRow) -> None:
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    cups = stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    owner = a_browser(stage, shop)
    stage.database.run(lambda db: members.enter(db, cups.id, "wordpress:7", stage.clock()))
    theirs = stage.rows("members")[1].id
    address = f"/shops/{shop.key}/team/{theirs}"
    assert post(owner, address, do="reader", form=mark(owner)).status_code == 404
    assert stage.rows("members")[1].role == "owner"


def test_who_leaves_is_out(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    post(browser, f"/enter/leave/{shop.key}", form=mark(browser))
    assert get(browser, f"/shops/{shop.key}/").status_code == 404


def test_the_cookie_is_for_us_alone(stage: Stage, shop: ShopRow) -> None:
    answer = get(stage.app.test_client(), link(stage, shop))
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert part in cookie


@pytest.mark.parametrize(("asked", "says"), [("fr", "Il manque"), ("en", "Something is missing")])
def test_the_pages_speak_the_readers_language(
    stage: Stage, shop: ShopRow, asked: str, says: str
) -> None:
    browser = a_browser(stage, shop)
    page = get(browser, f"/shops/{shop.key}/", headers={"Accept-Language": asked}).text
    assert says in page
    assert f'<html lang="{asked}">' in page
    other = "en" if asked == "fr" else "fr"
    post(browser, f"/shops/{shop.key}/team/me", language=other, form=mark(browser))
    page = get(browser, f"/shops/{shop.key}/", headers={"Accept-Language": asked}).text
    assert f'<html lang="{other}">' in page


def test_every_text_of_the_pages_has_its_french() -> None:
    from web.merchant import catalogue

    assert [message.id for message in catalogue.missing("fr") if message.id] == []
    assert len(catalogue.marked()) > 50


def test_two_who_come_first_at_once_are_one_owner(stage: Stage, shop: ShopRow) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def come(user: int) -> object:
        return stage.database.run(
            lambda db: members.enter(db, shop.id, f"wordpress:{user}", stage.clock())
        )

    with ThreadPoolExecutor(4) as four:
        list(four.map(come, range(1, 5)))
    assert sorted(row.role for row in stage.rows("members")) == ["owner", *["reader"] * 3]
    assert tables.members.c.subject.type.length == 120


@pytest.mark.parametrize("page", ["", "carts/", "conversations/", "privacy/", "team/"])
def test_no_page_of_a_shop_stays_in_a_browsers_memory(
    stage: Stage, shop: ShopRow, page: str
) -> None:
    """Who signed out on a counter's computer leaves no customer behind its Back button."""
    for browser in (a_browser(stage, shop), stage.app.test_client()):
        answer = get(browser, f"/shops/{shop.key}/{page}")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "https://evil.example"])
def test_no_redirect_of_ours_leads_to_the_host_that_a_request_names(
    stage: Stage, shop: ShopRow, host: str
) -> None:
    """A proxy may ask us by an inner name; somebody may write any name into the header."""
    answer = stage.app.test_client().get(f"/shops/{shop.key}/carts", base_url=host)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/shops/{shop.key}/carts/")
