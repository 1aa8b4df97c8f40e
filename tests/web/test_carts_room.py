"""The merchant's carts: listed, searched, one cart's life, who may see and do what."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from recovery import planning, reminders, tables
from recovery.model import PrivacyRequest, Totals
from recovery.reminders import Outcome
from recovery.shops import ShopRow
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_cart,
    a_line,
    a_shopper,
    an_order,
    know_orders,
    record,
)
from tests.web.stage import PLUGIN_SECRET, Stage
from tests.web.test_merchant_door import a_browser, get, mark, post

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    """A French shop with an account, no carts yet."""
    account = stage.an_account()
    return stage.a_woocommerce_shop(
        account_id=account.id, country="FR", timezone="Europe/Paris", locale="fr", any_hour=True
    )


def left(stage: Stage, shop: ShopRow, key: str = "token:c1", **cart: object) -> int:
    """A cart that was just left; its id."""
    shopper = cart.pop("shopper", None) or a_shopper(stage.clock(), customer_key="c-ana")
    made = a_cart(stage.clock(), key, shopper=shopper, **cart)
    record(stage.database, shop, made, now=stage.clock())
    return int(stage.rows("carts")[-1].id)


def search(browser: FlaskClient, shop: ShopRow, **fields: str):  # type: ignore[no-untyped-def]
    return post(browser, f"/shops/{shop.key}/carts/", form=mark(browser), **fields)


def page(browser: FlaskClient, shop: ShopRow, path: str = "") -> str:
    answer = get(browser, f"/shops/{shop.key}/carts/{path}")
    assert answer.status_code == 200
    return str(answer.text)


def do(browser: FlaskClient, shop: ShopRow, path: str):  # type: ignore[no-untyped-def]
    return post(browser, f"/shops/{shop.key}/carts/{path}", form=mark(browser))


def test_with_no_cart_the_page_says_what_to_do(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    assert "No cart yet: put something in a cart" in page(owner, shop)
    assert "No cart is found by this" in search(owner, shop, typed="ana").text


def test_the_list_names_who_what_and_how_much_and_no_contact_whole(
    stage: Stage, shop: ShopRow
) -> None:
    lines = (a_line("Théière en grès"), a_line("Tasse", quantity=2), a_line("Plateau"))
    left(stage, shop, lines=lines, totals=Totals(Decimal("1234.50")))
    left(stage, shop, "token:c2", shopper=a_shopper(stage.clock(), first_name=None, phone=None))
    text = page(a_browser(stage, shop), shop)
    assert "Anabella" in text and "Théière en grès, 2 × Tasse and 1 more" in text
    assert "€1,234.50" in text and "still shopping" in text
    assert "a…@example.com" in text
    assert EMAIL not in text and PHONE not in text


@pytest.mark.parametrize(
    "typed",
    [
        *("anabella", "ANABELLA", "Theiere", "théière grès", "theiere anab"),
        *(EMAIL, EMAIL.upper(), "ana@ex", "06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678"),
        *("06 12 34", "+33612", "33612345678", "1001", "#1001", "9000"),
    ],
)
def test_a_cart_is_found_by_what_is_known_of_it(stage: Stage, shop: ShopRow, typed: str) -> None:
    line = replace(a_line("Théière en grès"), product_key="9000")
    left(stage, shop, lines=(line,))
    order = an_order(stage.clock(), name="#1001", cart_keys=("token:c1",))
    record(stage.database, shop, order, now=stage.clock())
    bob = a_shopper(stage.clock(), first_name="Bob", email="bob@example.org", phone="+33698765432")
    left(stage, shop, "token:bob", shopper=bob)
    browser = a_browser(stage, shop)
    found = search(browser, shop, typed=typed)
    assert found.status_code == 200
    assert "Anabella" in found.text and "Bob" not in found.text


def test_states_and_days_narrow_the_list_and_bad_days_are_told(stage: Stage, shop: ShopRow) -> None:
    left(stage, shop)
    record(
        stage.database,
        shop,
        an_order(stage.clock(), cart_keys=("token:c1",)),
        now=stage.clock(),
    )
    stage.clock.forward(days=2)
    left(stage, shop, "token:c2", shopper=a_shopper(stage.clock(), first_name="Zoé", email=None))
    browser = a_browser(stage, shop)
    assert "Zoé" not in search(browser, shop, state="ordered").text
    assert "Anabella" in search(browser, shop, state="ordered").text
    assert "No cart is found" in search(browser, shop, state="brought_back").text
    day = stage.clock().date().isoformat()
    narrowed = search(browser, shop, since=day).text
    assert "Zoé" in narrowed and "Anabella" not in narrowed
    assert "Anabella" not in search(browser, shop, typed="tasse", since=day).text
    for bad in ("yesterday", "0001-01-01", "2026-13-01", "9999-12-31"):
        answer = search(browser, shop, until=bad, typed="kept")
        assert (answer.status_code, 'value="kept"' in answer.text) == (422, True)


def test_the_second_page_begins_where_the_first_ended(stage: Stage, shop: ShopRow) -> None:
    at = stage.clock()
    for number in range(53):
        shopper = a_shopper(at, first_name=f"Nr{number:03}x", email=f"n{number}@example.com")
        left(stage, shop, f"token:{number}", shopper=shopper)
    browser = a_browser(stage, shop)
    for typed in ("", "tasse"):
        first = search(browser, shop, typed=typed).text
        assert "Nr052x" in first and "Nr003x" in first and "Nr002x" not in first
        after = first.partition('name="after" value="')[2].partition('"')[0]
        second = search(browser, shop, typed=typed, after=after).text
        assert "Nr002x" in second and "Nr003x" not in second and "Older carts" not in second
    for odd in ("x", "2026-01-01|1", f"{at.isoformat()}|{'9' * 30}", f"{at.isoformat()}|²"):
        assert search(browser, shop, after=odd).status_code == 200


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "\x00", "@", "+", "#", "é" * 300, NASTY])
def test_odd_searches_find_nothing_and_break_nothing(
    stage: Stage, shop: ShopRow, typed: str
) -> None:
    left(stage, shop)
    answer = search(a_browser(stage, shop), shop, typed=typed)
    assert answer.status_code == 200
    assert NASTY not in answer.text


def test_what_shoppers_and_products_are_called_is_text_and_no_markup(
    stage: Stage, shop: ShopRow
) -> None:
    shopper = a_shopper(stage.clock(), first_name=NASTY)
    number = left(stage, shop, shopper=shopper, lines=(a_line(NASTY),), raw=f'{{"a": "{NASTY}"}}')
    browser = a_browser(stage, shop)
    for text in (page(browser, shop), page(browser, shop, f"{number}")):
        assert NASTY not in text and "&lt;script&gt;" in text
    raw = page(browser, shop, f"{number}/payload")
    assert NASTY not in raw and "&#34;a&#34;" in raw


def test_a_carts_life_is_told_in_order_with_the_text_and_the_reasons(
    stage: Stage, shop: ShopRow
) -> None:
    number = left(stage, shop)
    know_orders(stage.database, shop, stage.clock())
    account = stage.rows("accounts")[0]
    letters = stage.what_leaves_after_an_hour(account)
    done = [Outcome(each.reminder_id, "accept", stage.clock(), "p1") for each in letters]
    stage.database.run(lambda db: reminders.settle(db, done, stage.clock()))
    owner = a_browser(stage, shop)
    text = page(owner, shop, str(number))
    told = [
        "The cart was seen for the first time.",
        "It was left alone long enough",
        "A message was planned.",
        "The provider accepted the message.",
        "Whether it arrived is not known.",
    ]
    places = [text.index(each) for each in told]
    assert places == sorted(places)
    assert letters[0].message.text.split()[0] in text
    assert EMAIL in text and "Yes to messages by SMS" in text
    assert "14:00" in text  # 13:00 UTC is 14:00 in Paris
    record(
        stage.database,
        shop,
        an_order(stage.clock.forward(minutes=5), cart_keys=("token:c1",)),
        now=stage.clock(),
    )
    credited = {"reminder_id": letters[0].reminder_id, "credited_by": "click"}
    stage.database.run(lambda db: db.execute(tables.orders.update().values(**credited)))
    after = page(owner, shop, str(number))
    assert "Anabella" in search(owner, shop, state="brought_back").text
    assert after.index("Ordered.") < after.index("The order is credited to a message.")
    assert [(row.what, row.key) for row in stage.rows("looks")] == [("cart", str(number))]
    stage.clock.forward(minutes=11)
    page(owner, shop, str(number))
    assert stage.count("looks") == 2


def test_a_reader_sees_no_contact_whole_no_payload_and_changes_nothing(
    stage: Stage, shop: ShopRow
) -> None:
    number = left(stage, shop)
    a_browser(stage, shop)
    reader = a_browser(stage, shop, "8", "fedcba9876543210")
    text = page(reader, shop, str(number))
    assert EMAIL not in text and PHONE not in text and "Stop the reminders" not in text
    assert get(reader, f"/shops/{shop.key}/carts/{number}/payload").status_code == 403
    for path in ("silence", "speak"):
        assert do(reader, shop, f"{number}/{path}").status_code == 403
    assert stage.rows("carts")[0].silenced_at is None


def test_another_shops_cart_is_nowhere(stage: Stage, shop: ShopRow) -> None:
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    other = stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    number = left(stage, other)
    owner = a_browser(stage, shop)
    for path in (f"{number}", f"{number}/payload", f"{2**70}"):
        assert get(owner, f"/shops/{shop.key}/carts/{path}").status_code == 404
    for path in ("silence", "speak"):
        assert do(owner, shop, f"{number}/{path}").status_code == 404
    assert "Anabella" not in search(owner, shop, typed="anabella").text
    assert "Anabella" not in search(owner, shop, typed=EMAIL).text


def test_stopped_reminders_do_not_leave_and_may_be_let_go_again(
    stage: Stage, shop: ShopRow
) -> None:
    number = left(stage, shop)
    stage.clock.forward(minutes=31)
    stage.database.run(lambda db: planning.abandon_idle(db, stage.clock()))
    owner = a_browser(stage, shop)
    do(owner, shop, f"{number}/silence")
    assert {row.state for row in stage.rows("reminders")} == {"skipped"}
    assert "Somebody of the shop stopped the reminders of this cart." in page(
        owner, shop, str(number)
    )
    do(owner, shop, f"{number}/silence")  # pressed twice
    do(owner, shop, f"{number}/speak")
    assert "scheduled" in {row.state for row in stage.rows("reminders")}
    kept = [(row.subject, row.after) for row in stage.rows("changes")]
    assert kept == [
        (f"cart:{number}", '{"silenced": true}'),
        (f"cart:{number}", '{"silenced": false}'),
    ]


def test_who_was_erased_is_found_no_more(stage: Stage, shop: ShopRow) -> None:
    shopper = a_shopper(stage.clock(), customer_key="c-ana", last_name="Solinas")
    number = left(stage, shop, shopper=shopper)
    owner = a_browser(stage, shop)
    assert "Anabella" in search(owner, shop, typed="solinas").text
    record(stage.database, shop, PrivacyRequest("erase", shopper), now=stage.clock())
    for typed in ("anabella", "solinas", EMAIL, PHONE, "ana@"):
        assert "No cart is found by this" in search(owner, shop, typed=typed).text
    assert "nobody known" in search(owner, shop, typed="tasse").text
    assert "Nobody is named here" in page(owner, shop, str(number))
    assert stage.count("name_words") == 0
