"""What the page behind a link shows, and what it keeps to itself."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from recovery.email_look import EASY, contrast, look_of
from recovery.email_words import WORDS as EMAIL_WORDS
from recovery.model import Line, Totals, Variant
from tests.recovery.stories import EMAIL, a_line, a_shopper, an_order, record
from tests.web.page_stories import (
    CUP,
    a_link,
    an_offer,
    look,
    shows,
    words_of,
)
from tests.web.stage import SHOPPER, Stage
from web import cart_page
from web.page_words import WORDS

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
