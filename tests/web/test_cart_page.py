"""The page behind a link: what it shows, what it keeps to itself, where its button leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from recovery import programmes, tables
from recovery.email_look import EASY, contrast, look_of
from recovery.email_words import WORDS as EMAIL_WORDS
from recovery.model import Channel, Line, Product, Totals, Variant
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.programme_form import Variant as ProgrammeVariant
from tests.recovery.stories import EMAIL, a_cart, a_line, a_shopper, an_order, record
from tests.web.stage import SHOPPER, Stage
from tests.web.test_links import OURS, WAY_BACK
from web import cart_page
from web.page_words import WORDS

IPHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"}
CUP = replace(
    a_line("Tasse bleue", quantity=2),
    variant_title="Grande",
    image="https://cdn.example/tasse.jpg?v=1&w=2",
)


def a_programme(page: bool = True, **different: Any) -> Programme:
    step = Step(1, Channel.SMS, Delay(1800), page=page)
    return Programme(Start.CART, (step,), holdout=0.0, **different)


def a_link(
    stage: Stage, shop: Mapping[str, Any] | None = None, form: Programme | None = None, **cart: Any
) -> str:
    """The path of the link in a text about a cart, whose step wants the page."""
    account, begun = stage.an_account(), stage.clock()
    settings = {"account_id": account.id, "any_hour": True, "country": "FR", "locale": "fr"}
    ours = stage.a_shopify_shop(**(settings | {"cap_seconds": 0} | dict(shop or {})))
    chosen = form or a_programme()
    stage.database.run(lambda db: programmes.save(db, ours.id, "cart", chosen, "us", begun))
    shopper = cart.pop("shopper", None) or a_shopper(begun, phone=SHOPPER)
    values = {"way_back": WAY_BACK, "lines": (CUP,), "totals": Totals(Decimal(36))} | cart
    record(stage.database, ours, a_cart(begun, shopper=shopper, **values), now=begun)
    (letter,) = stage.what_leaves_after_an_hour(account)
    return "/r/" + letter.message.text.partition(f"{OURS}/r/")[2].split()[0]


def look(stage: Stage, path: str, **headers: str) -> TestResponse:
    return stage.client.get(path, headers=IPHONE | headers)


def shows(stage: Stage, minutes: float = 1, **different: Any) -> None:
    """The shop shows the cup anew."""
    at = stage.clock.forward(minutes=minutes)
    values: dict[str, Any] = {
        "key": "1",
        "title": "Tasse bleue",
        "changed_at": at,
        "address": "https://shop.example/1",
        "price": Decimal(18),
        "currency": "EUR",
        "in_stock": True,
    } | different
    only = Variant("11", "", values["price"], values["in_stock"])
    values = {"variants": (only,)} | values
    record(stage.database, stage.the_shop(), Product(**values), now=at)


def an_offer(stage: Stage, **different: Any) -> None:
    """A code of ten percent, made and announced, that ends in two days."""
    (reminder,) = stage.rows("reminders")
    now = stage.clock()
    values: dict[str, Any] = {
        "shop_id": reminder.shop_id,
        "cart_id": reminder.cart_id,
        "reminder_id": reminder.id,
        "gift": "incentive",
        "stand": "made",
        "reasons": "[]",
        "kind": "percent",
        "value": Decimal(10),
        "currency": "EUR",
        "days": 2,
        "lines": "[]",
        "ends_at": datetime(2026, 11, 22, 23, 0, tzinfo=now.tzinfo),
        "code": "RETOUR10",
        "coupon_key": "gid://1",
        "decided_at": now,
        "made_at": now,
        "announced_at": now,
    }
    row = values | different
    stage.database.run(lambda db: db.execute(tables.offers.insert().values(**row)))


def words_of(answer: TestResponse) -> str:
    """What a reader of the page reads, without its style."""
    body = answer.text.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


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
    assert look(stage, path).status_code == 200
    change = tables.reminders.update().values(arm="straight")
    stage.database.run(lambda db: db.execute(change))
    assert look(stage, path).status_code == 302


def test_a_version_that_cannot_be_read_leads_straight_on(stage: Stage) -> None:
    path = a_link(stage)
    change = tables.programme_versions.update().values(form='{"start": "moon"}')
    stage.database.run(lambda db: db.execute(change))
    assert look(stage, path).headers["Location"] == WAY_BACK


# -- who follows ---------------------------------------------------------------------------------


def seen(stage: Stage) -> list[str]:
    return [row.who for row in stage.rows("clicks")]


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


# -- what changed --------------------------------------------------------------------------------


def test_what_did_not_change_is_not_spoken_of(stage: Stage) -> None:
    path = a_link(stage)
    shows(stage)
    answer = look(stage, path)
    assert "auparavant" not in answer.text
    assert 'class="news"' not in answer.text
    assert "<span>Total</span>" in answer.text


def test_a_changed_price_is_shown_beside_the_old_one(stage: Stage) -> None:
    path = a_link(stage)
    shows(stage, price=Decimal("15.50"))
    read = words_of(look(stage, path))
    assert "Maintenant 15,50 € l’unité, auparavant 18,00 €" in read
    assert "Total lors de votre dernière visite" in read


def test_the_price_of_the_variant_in_the_cart_counts(stage: Stage) -> None:
    path = a_link(stage)
    sorts = (Variant("11", "", Decimal(18), True), Variant("12", "", Decimal(9), False))
    shows(stage, price=Decimal(9), variants=sorts)
    assert 'class="news"' not in look(stage, path).text
    sorts = (Variant("11", "", Decimal(20), True), Variant("12", "", Decimal(9), False))
    shows(stage, price=Decimal(9), variants=sorts)
    assert "Maintenant 20,00 €" in words_of(look(stage, path))


def test_what_is_sold_out_or_gone_says_so(stage: Stage) -> None:
    path = a_link(stage)
    shows(stage, in_stock=False, price=Decimal(15))
    read = words_of(look(stage, path))
    assert "Épuisé" in read
    assert "Maintenant" not in read
    shows(stage, available=False)
    assert "N’est plus en boutique" in words_of(look(stage, path))


@pytest.mark.parametrize(
    "different",
    [
        {"minutes": -90, "price": Decimal(15)},  # shown before the cart was filled
        {"minutes": -90, "in_stock": False},
        {"price": Decimal(15), "currency": "USD"},
        {"price": Decimal(15), "currency": None},
        {"price": None},
        {"price": Decimal("18.01")},
    ],
)
def test_what_is_not_sure_is_not_spoken_of(stage: Stage, different: dict[str, Any]) -> None:
    path = a_link(stage, shop={"currency": None})
    shows(stage, **different)
    assert 'class="news"' not in look(stage, path).text


def test_a_price_told_without_its_tax_is_no_cheaper_one(stage: Stage) -> None:
    path = a_link(stage, totals=Totals(Decimal(36), tax=Decimal(6)))
    shows(stage, price=Decimal(15))
    assert 'class="news"' not in look(stage, path).text
    shows(stage, price=Decimal(14))
    assert "Maintenant 14,00 €" in words_of(look(stage, path))


def test_where_an_unchanged_product_differs_too_no_price_is_believed(stage: Stage) -> None:
    other = Line("Bol", 1, Decimal(12), Decimal(12), product_key="2")
    path = a_link(stage, lines=(CUP, other))
    shows(stage, minutes=-90, key="2", price=Decimal(10), variants=())
    shows(stage, minutes=91, price=Decimal(15))
    assert 'class="news"' not in look(stage, path).text


# -- the offer -----------------------------------------------------------------------------------


def test_the_offer_is_shown_with_its_real_end_and_applied_by_the_button(stage: Stage) -> None:
    path = a_link(stage)
    an_offer(stage)
    read = words_of(look(stage, path))
    assert "10 % de réduction jusqu’au 22 novembre" in read
    assert "Code RETOUR10 , appliqué par le bouton" in read
    answer = look(stage, f"{path}/go")
    assert answer.headers["Location"] == f"{WAY_BACK}&discount=RETOUR10"


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


# -- what goes with it ---------------------------------------------------------------------------


def test_what_is_bought_together_is_shown_with_its_own_page(stage: Stage) -> None:
    path = a_link(stage)
    assert "Ils vont bien ensemble" not in look(stage, path).text
    for key, title in (("2", "Théière"), ("3", "Plateau <b>")):
        shows(stage, key=key, title=title, address=f"https://shop.example/{key}")
    for number in range(3):
        at = stage.clock.forward(seconds=1)
        bought = tuple(replace(a_line(), product_key=key) for key in ("1", "2", "3"))
        buyer = a_shopper(at, agreed=False, email=f"{number}@example.com", phone=None)
        order = an_order(at, key=f"o{number}", shopper=buyer, lines=bought)
        record(stage.database, stage.the_shop(), order, now=at)
    answer = look(stage, path)
    assert "Ils vont bien ensemble" in answer.text
    assert 'href="https://shop.example/2"' in answer.text
    assert "Plateau &lt;b&gt;" in answer.text


# -- careful -------------------------------------------------------------------------------------


def test_it_shows_nothing_of_the_person_but_the_first_name(stage: Stage) -> None:
    begun = stage.clock()
    who = a_shopper(
        begun, phone=SHOPPER, last_name="Berger-Made-Up", customer_key="778899", region="IDF"
    )
    page = look(stage, a_link(stage, shopper=who)).text
    assert "Anabella" in page
    for each in (EMAIL, SHOPPER, SHOPPER[1:], "Berger", "778899", "IDF"):
        assert each not in page


@pytest.mark.parametrize(
    "name", ["Go to evil.example now", "WIN 1000 at bit.ly/x", "Call 0612345678", "A\nB"]
)
def test_a_name_that_advertises_is_left_out(stage: Stage, name: str) -> None:
    who = a_shopper(stage.clock(), phone=SHOPPER, first_name=name)
    read = words_of(look(stage, a_link(stage, shopper=who)))
    assert "Bonjour, voici votre panier." in read


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{ 7*7 }}'


def test_what_others_typed_is_text_and_nothing_else(stage: Stage) -> None:
    line = replace(CUP, title=HOSTILE, variant_title=HOSTILE, image="javascript:alert(3)")
    shop = {"name": HOSTILE, "logo": 'https://x.example/"onerror="a', "colour": "red;}<"}
    who = a_shopper(stage.clock(), phone=SHOPPER, first_name="<b>Ana</b>")
    path = a_link(stage, shop=shop, shopper=who, lines=(line,))
    an_offer(stage, code="<i>CODE</i>")
    page = look(stage, path).text
    for each in ("<script", "<img", "<b>Ana", "<i>", "javascript:", "\u202e", "red;", 'onerror="'):
        assert each not in page
    assert page.count("</style>") == 1
    assert "{{ 7*7 }}" in page


@pytest.mark.parametrize(
    "image",
    [
        "http://cdn.example/a.jpg",
        "data:image/png;base64,AA",
        "//cdn.example/a.jpg",
        "https://a b/c",
    ],
)
def test_a_picture_is_loaded_by_https_or_not_at_all(stage: Stage, image: str) -> None:
    path = a_link(stage, shop={"logo": image}, lines=(replace(CUP, image=image),))
    page = look(stage, path).text
    assert "<img" not in page
    assert ">T</span>" in page  # its initial stands there instead


def test_pictures_and_logo_have_words_for_who_cannot_see_them(stage: Stage) -> None:
    path = a_link(stage, shop={"logo": "https://cdn.example/logo.svg"})
    images = re.findall(r"<img [^>]+>", look(stage, path).text)
    assert len(images) == 2
    assert 'alt="Teapots &amp; Co"' in images[0]
    assert 'alt="Tasse bleue"' in images[1]
    assert "https://cdn.example/tasse.jpg?v=1&amp;w=2" in images[1]


def test_it_has_no_script_is_not_indexed_and_loads_pictures_alone(stage: Stage) -> None:
    answer = look(stage, a_link(stage))
    assert "<script" not in answer.text
    assert "<link" not in answer.text
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r'<style nonce="([\w-]+)">', answer.text)
    assert nonce is not None
    assert policy == (
        f"default-src 'none'; img-src https:; style-src 'nonce-{nonce[1]}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert " style=" not in answer.text  # it would be refused


@pytest.mark.parametrize("language", list(WORDS))
def test_it_speaks_the_shoppers_language(stage: Stage, language: str) -> None:
    path = a_link(stage, shop={"locale": "fr"}, locale=language)
    answer = look(stage, path)
    assert f'<html lang="{language}">' in answer.text
    read = words_of(answer)
    assert WORDS[language].hello.format(name="Anabella") in read
    assert EMAIL_WORDS[language].button in read
    assert answer.text.count("<h1>") == 1


def test_a_language_we_do_not_speak_gets_the_shops(stage: Stage) -> None:
    path = a_link(stage, shop={"locale": "de-DE"}, locale="fi-FI")
    assert '<html lang="de">' in look(stage, path).text


def test_all_languages_say_the_same_things() -> None:
    assert set(WORDS) == set(EMAIL_WORDS)
    for words in WORDS.values():
        assert "{shop}" in words.title
        assert "{name}" in words.hello
        assert "{now}" in words.now
        assert "{was}" in words.now
        assert "{code}" in words.typed


@pytest.mark.parametrize("colour", ["#ffffff", "#ffef00", "#000000", "#7a7a7a", "#b00b1e", "?"])
def test_the_button_can_be_read_and_seen_in_any_colour(stage: Stage, colour: str) -> None:
    page = look(stage, a_link(stage, shop={"colour": colour})).text
    day, night = page.partition("@media")[::2]
    for half, paper in ((day, "#ffffff"), (night, "#1f1f1e")):
        found = dict(re.findall(r"--(go|on-go|edge): (#[0-9a-f]{6})", half))
        assert contrast(found["go"], found["on-go"]) >= EASY
        assert contrast(found["edge"], paper) >= EASY
    assert f"--go: {look_of(colour).button};" in day


def many_lines(number: int, **different: Any) -> tuple[Line, ...]:
    return tuple(
        replace(CUP, title=f"{each} {'Tasse' * 40}", product_key=str(each), **different)
        for each in range(number)
    )


def test_it_stays_under_sixty_kilobytes_with_the_longest_cart(stage: Stage) -> None:
    page = look(stage, a_link(stage, lines=many_lines(40))).text
    assert len(page.encode()) < cart_page.SMALL == 60_000
    assert page.count("<li") == 20
    assert "et 40 de plus" in page


def test_where_addresses_are_endless_fewer_lines_are_shown(stage: Stage) -> None:
    image = "https://cdn.example/?" + "&" * 970
    page = look(stage, a_link(stage, lines=many_lines(40, image=image))).text
    assert len(page.encode()) < cart_page.SMALL
    assert page.count("<li") == 8


def test_an_ordinary_page_is_small(stage: Stage) -> None:
    assert len(look(stage, a_link(stage)).data) < 8_000


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
