"""The page behind a link: which links have one, who follows them, where its button leads."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from recovery import lines, programmes, tables
from recovery.model import Channel
from recovery.programme_form import Delay, Step
from recovery.programme_form import Variant as ProgrammeVariant
from tests.recovery.stories import a_cart, a_shopper, an_order, record
from tests.web.page_stories import (
    IPHONE,
    a_link,
    a_programme,
    an_offer,
    look,
    seen,
    words_of,
)
from tests.web.stage import SHOPPER, Stage
from tests.web.test_links import OURS, WAY_BACK

# -- which links have a page ---------------------------------------------------------------------


def test_a_step_with_a_page_shows_the_cart_and_one_way_back(stage: Stage) -> None:
    path = a_link(stage)
    answer = look(stage, path)
    assert answer.status_code == 200
    read = words_of(answer)
    for each in ("Votre panier chez Teapots &amp; Co", "Bonjour Anabella", "Tasse bleue", "Grande"):
        assert each in read
    for each in ("Quantité : 2", "36,00 €", "Retrouver mon panier"):
        assert each in read
    assert re.findall(r'<a [^>]*href="([^"]*)"', answer.text) == [f"{path}/go"]
    assert WAY_BACK not in answer.text


def test_the_button_leads_to_the_shops_own_checkout(stage: Stage) -> None:
    path = a_link(stage)
    answer = look(stage, f"{path}/go")
    assert (answer.status_code, answer.headers["Location"]) == (302, WAY_BACK)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_step_without_a_page_leads_straight_to_the_checkout(stage: Stage) -> None:
    path = a_link(stage, form=a_programme(page=False))
    assert look(stage, path).headers["Location"] == WAY_BACK


def test_the_page_is_that_of_the_version_the_text_was_planned_by(stage: Stage) -> None:
    path = a_link(stage)
    later = a_programme(page=False)
    shop = stage.the_shop()
    stage.database.run(lambda db: programmes.save(db, shop.id, "cart", later, "us", stage.clock()))
    assert look(stage, path).status_code == 200


def test_a_variants_step_stands_in_for_the_one_of_its_number(stage: Stage) -> None:
    step = Step(1, Channel.SMS, Delay(1800), page=False)
    form = a_programme(variants=(ProgrammeVariant("straight", 50, (step,)),))
    path = a_link(stage, form=form)
    for arm, status in (("control", 200), ("straight", 302)):
        change = tables.reminders.update().values(arm=arm)
        stage.database.run(lambda db, change=change: db.execute(change))  # type: ignore[misc]
        assert look(stage, path).status_code == status


def test_a_version_that_cannot_be_read_leads_straight_on(stage: Stage) -> None:
    path = a_link(stage)
    change = tables.programme_versions.update().values(form='{"start": "moon"}')
    stage.database.run(lambda db: db.execute(change))
    assert look(stage, path).headers["Location"] == WAY_BACK


# -- who follows ---------------------------------------------------------------------------------


def test_a_double_tap_is_one_visit_and_the_button_is_noted_once(stage: Stage) -> None:
    path = a_link(stage)
    for _ in range(2):
        look(stage, path)
    assert seen(stage) == ["person"]
    for _ in range(2):
        look(stage, f"{path}/go")
    assert seen(stage) == ["person", "button"]
    (link,) = stage.rows("links")
    assert (link.clicks, link.first_clicked_at) == (1, stage.clock())


def test_the_button_alone_counts_as_the_visit_as_well(stage: Stage) -> None:
    path = a_link(stage)
    look(stage, f"{path}/go")
    assert seen(stage) == ["person", "button"]
    (link,) = stage.rows("links")
    assert link.clicks == 1


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"User-Agent": "WhatsApp/2.23.20.0 A"}, "preview"),
        ({"Sec-Purpose": "prefetch;prerender"}, "preview"),
        ({"User-Agent": "python-requests/2.32.3"}, "bot"),
        ({"User-Agent": ""}, "bot"),
    ],
)
def test_programs_are_noted_apart_and_never_count(
    stage: Stage, headers: dict[str, str], who: str
) -> None:
    path = a_link(stage)
    assert look(stage, path, **headers).status_code == 200
    assert look(stage, f"{path}/go", **headers).status_code == 302
    assert seen(stage) == [who]
    (link,) = stage.rows("links")
    assert (link.clicks, link.first_clicked_at) == (0, None)


def test_a_program_that_asks_for_the_head_alone_gets_it_and_is_a_bot(stage: Stage) -> None:
    path = a_link(stage)
    answer = stage.client.head(path, headers=IPHONE)
    assert (answer.status_code, answer.text) == (200, "")
    assert seen(stage) == ["bot"]


def test_no_address_of_the_visitor_is_stored(stage: Stage) -> None:
    path = a_link(stage)
    stage.client.get(path, headers=IPHONE, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    (click,) = stage.rows("clicks")
    assert "203.0.113" not in str(click)


# -- its end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "/go"])
def test_the_page_dies_with_its_token(stage: Stage, end: str) -> None:
    path = a_link(stage)
    stage.clock.forward(days=31)
    answer = look(stage, path + end)
    assert answer.status_code == 410
    assert "Tasse" not in answer.text
    assert look(stage, "/r/nothing" + end).status_code == 404


@pytest.mark.parametrize("end", ["", "/go"])
def test_after_the_order_there_is_no_cart_to_show(stage: Stage, end: str) -> None:
    path = a_link(stage)
    order = an_order(stage.clock(), cart_keys=("token:c1",))
    record(stage.database, stage.the_shop(), order, now=stage.clock())
    answer = look(stage, path + end)
    assert (answer.status_code, "ordered" in answer.text) == (200, True)
    assert "Tasse" not in answer.text
    assert WAY_BACK not in answer.text


@pytest.mark.parametrize("end", ["", "/go"])
@pytest.mark.parametrize("change", [{"way_back": None}, {"way_back": "javascript:alert(1)"}])
def test_without_a_way_back_the_cart_is_over(
    stage: Stage, end: str, change: dict[str, Any]
) -> None:
    path = a_link(stage)
    stage.database.run(lambda db: db.execute(tables.carts.update().values(**change)))
    answer = look(stage, path + end)
    assert (answer.status_code, "javascript" in answer.text) == (410, False)
    assert seen(stage) == []


# -- the offer -----------------------------------------------------------------------------------


def test_the_offer_is_shown_with_its_real_end_and_applied_by_the_button(stage: Stage) -> None:
    path = a_link(stage)
    an_offer(stage)
    read = words_of(look(stage, path))
    assert "10 % de réduction jusqu’au 22 novembre" in read
    assert "Code RETOUR10 , appliqué par le bouton" in read
    answer = look(stage, f"{path}/go")
    assert answer.headers["Location"] == f"{WAY_BACK}&discount=RETOUR10"


@pytest.mark.parametrize(
    ("different", "told"),
    [
        ({"lines": '["1"]'}, "10 % de réduction sur {title} jusqu’au 22 novembre"),
        ({"lines": '["77"]'}, "10 % de réduction sur une sélection d’articles jusqu’au"),
        ({"left_out": '["77"]'}, "10 % de réduction (sauf avec certains produits) jusqu’au"),
        (
            {"lines": '["1"]', "kind": "amount", "value": Decimal(2)},
            "2,00 € de réduction une fois sur {title} jusqu’au",
        ),
    ],
)
def test_an_offer_on_some_of_the_cart_never_looks_like_one_on_all_of_it(
    stage: Stage, different: dict[str, Any], told: str
) -> None:
    path = a_link(stage)
    an_offer(stage, **different)
    (cart,) = stage.rows("carts")
    titles = [line.title for line in lines.read(cart.lines) if line.product_key == "1"]
    read = words_of(look(stage, path))
    assert told.format(title=", ".join(titles)) in read


def test_a_link_without_a_page_applies_the_code_as_well(stage: Stage) -> None:
    path = a_link(stage, form=a_programme(page=False))
    an_offer(stage)
    assert look(stage, path).headers["Location"] == f"{WAY_BACK}&discount=RETOUR10"


@pytest.mark.parametrize(
    "different",
    [
        {"code": None},
        {"coupon_key": None},
        {"made_at": None},
        {"gift": "reward"},
        {"gift": "none"},
        {"used_at": datetime(2026, 11, 20, 14, 0).astimezone()},
        {"removed_at": datetime(2026, 11, 20, 14, 0).astimezone()},
        {"ends_at": datetime(2026, 11, 20, 13, 59).astimezone()},
        {"cart_id": 999},
        {"reminder_id": 999, "announced_at": None},  # of a later text, which has not left
    ],
)
def test_a_code_that_is_not_there_is_neither_shown_nor_applied(
    stage: Stage, different: dict[str, Any]
) -> None:
    path = a_link(stage)
    an_offer(stage, **different)
    assert "RETOUR10" not in look(stage, path).text
    assert look(stage, f"{path}/go").headers["Location"] == WAY_BACK


def test_an_offer_announced_by_an_earlier_text_of_the_cart_is_shown(stage: Stage) -> None:
    path = a_link(stage)
    an_offer(stage, reminder_id=999)
    assert "RETOUR10" in look(stage, path).text


def test_where_the_code_cannot_be_applied_it_is_to_be_typed(stage: Stage) -> None:
    path = a_link(stage)
    an_offer(stage)
    change = tables.shops.update().values(credentials="A" * 64)
    stage.database.run(lambda db: db.execute(change))
    stage.tools.forget()
    assert "Code RETOUR10 , à saisir au moment de payer" in words_of(look(stage, path))
    assert look(stage, f"{path}/go").headers["Location"] == WAY_BACK


# -- by its platform -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way_back", "leads_to"),
    [
        (
            "https://pots.example/?relance_cart=abc",
            "https://pots.example/?relance_cart=abc&relance_coupon=RETOUR10",
        ),
        (
            "https://pots.example/checkout/order-pay/7/?pay_for_order=true&key=wc_1",
            "https://pots.example/checkout/order-pay/7/?pay_for_order=true&key=wc_1",
        ),
    ],
)
def test_a_shop_of_woocommerce_takes_the_code_by_its_plugin_alone(
    stage: Stage, way_back: str, leads_to: str
) -> None:
    account, begun = stage.an_account(), stage.clock()
    ours = stage.a_woocommerce_shop(account_id=account.id, any_hour=True, country="FR")
    form = a_programme()
    stage.database.run(lambda db: programmes.save(db, ours.id, "cart", form, "us", begun))
    cart = a_cart(begun, shopper=a_shopper(begun, phone=SHOPPER), way_back=way_back)
    record(stage.database, ours, cart, now=begun)
    (letter,) = stage.what_leaves_after_an_hour(account)
    path = "/r/" + letter.message.text.partition(f"{OURS}/r/")[2].split()[0]
    an_offer(stage)
    is_applied = way_back != leads_to
    assert ("appliqué par le bouton" in look(stage, path).text) is is_applied
    assert ("à saisir" in look(stage, path).text) is not is_applied
    assert look(stage, f"{path}/go").headers["Location"] == leads_to
