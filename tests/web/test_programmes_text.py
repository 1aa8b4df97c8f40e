"""The editor of words: the message beside it, what makes it dear, and templates that do harm."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from recovery import members, tables
from recovery.programme_form import Programme, Variant
from recovery.ready_texts import TEXTS
from recovery.shops import ShopRow
from tests.recovery.stories import a_cart, a_line
from tests.recovery.stories import record as recorded
from tests.web.stage import Stage
from tests.web.test_merchant_door import get
from tests.web.test_programmes_pages import (
    FASHION,
    at,
    browser,
    reader,
    save,
    sends,
    shop,
    stands,
    wrong_at,
)

__all__ = ["browser", "reader", "shop"]

OURS = TEXTS["reminder"]["fr"]
DEAR = OURS.replace("panier", "panier de fêtes")
WORDS = "cart/steps/1/words/fr"
MAIL = "cart/steps/2/words/fr"


@pytest.fixture(autouse=True)
def programme(stage: Stage, shop: ShopRow) -> Programme:
    save(stage, shop, FASHION)
    return FASHION


def shown(answer: Any) -> str:
    """A page as it reads: no tags, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def bubble(answer: Any) -> str:
    found = re.search(r'class="bubble">([^<]*)<', answer.text)
    return unescape(found[1]) if found else ""


def typed(answer: Any) -> str:
    found = re.search(r'<textarea id="text"[^>]*>\n([^<]*)</textarea>', answer.text)
    return unescape(found[1]) if found else ""


def test_our_words_stand_there_and_the_message_beside(browser: FlaskClient) -> None:
    answer = get(browser, at(WORDS))
    assert typed(answer) == OURS
    assert bubble(answer).startswith("Teapots & Co : Camille, ")
    assert "https://relance.example/r/" in bubble(answer)
    assert bubble(answer).endswith("STOP pour refuser") or "STOP" in bubble(answer)
    page = shown(answer)
    assert "Parts 1" in page
    assert "GSM-7" in page
    assert "€0.10 (up to €0.20) by an example price, not yours" in page
    assert "up to 2, as for somebody called Jérôme" in page


@pytest.mark.parametrize("path", ["", "/preview"])
def test_a_letter_that_costs_is_named_with_what_it_costs(browser: FlaskClient, path: str) -> None:
    answer = sends(browser, WORDS + path, seen="1", do="preview", text=DEAR)
    assert answer.status_code == 200
    assert "panier de fêtes" in bubble(answer)
    page = shown(answer)
    assert "“ê” is not in the phones’ own alphabet: the text takes 2 parts instead of 1" in page
    assert "Parts 2" in page
    assert "UCS-2" in page
    assert "€0.20" in page
    assert "Put “e” for it" in page


def test_a_plain_letter_is_put_for_it_and_nothing_saved(stage: Stage, browser: FlaskClient) -> None:
    answer = sends(browser, WORDS, seen="1", do="plain:ê", text=DEAR)
    assert typed(answer) == OURS.replace("panier", "panier de fetes")
    assert "Parts 1" in shown(answer)
    assert stage.count("programme_versions") == 1
    for letter in ("e", "", "界", "ê" * 30):
        answer = sends(browser, WORDS, seen="1", do=f"plain:{letter}", text=DEAR)
        assert typed(answer) == DEAR


def test_words_are_saved_and_ours_taken_again(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    windows = DEAR.replace(" ", " \r\n", 1)
    assert sends(browser, WORDS, seen="1", do="save", text=windows).status_code == 302
    assert stands(stage, shop).steps[0].texts == {"fr": DEAR.replace(" ", " \n", 1)}
    page = get(browser, at("cart/versions")).text
    assert "Text in French" in page and "fêtes" in page
    again = sends(browser, WORDS, seen="2", do="ours", text=DEAR)
    assert typed(again) == OURS
    assert sends(browser, WORDS, seen="2", do="save", text=typed(again)).status_code == 302
    assert stands(stage, shop) == FASHION


def test_what_is_sent_back_as_it_was_is_no_new_version(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    own = {"fr": "  {{ shop }}\r\n{{ link }} STOP\n", "de": "{{ shop }} {{ link }} STOP"}
    step = replace(FASHION.steps[0], texts=own, subjects={"fr": "Fête  à {{ shop }}"})
    save(stage, shop, replace(FASHION, steps=(step, *FASHION.steps[1:])))
    answer = get(browser, at(WORDS))
    subject = re.search(r'name="subject"[^>]*value="([^"]*)"', answer.text)
    assert subject
    fields = {"text": typed(answer), "subject": unescape(subject[1])}
    assert sends(browser, WORDS, seen="2", do="save", **fields).status_code == 302
    assert stands(stage, shop).steps[0] == step
    assert stage.count("programme_versions") == 2


def test_an_e_mails_subject_and_opening_are_saved(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    own = {"subject": "Vos tasses, {{ first_name }}", "text": "Elles sont là."}
    assert sends(browser, MAIL, seen="1", do="save", **own).status_code == 302
    step = stands(stage, shop).steps[1]
    assert (step.subjects, step.texts) == ({"fr": own["subject"]}, {"fr": own["text"]})
    page = shown(get(browser, at(MAIL)))
    assert "Vos tasses, Camille" in page
    assert "Elles sont là." in page


def test_a_variants_words_are_its_own(stage: Stage, shop: ShopRow, browser: FlaskClient) -> None:
    form = replace(FASHION, variants=(Variant("B", 30, FASHION.steps[:1]),))
    save(stage, shop, form)
    text = "{{ shop }} B {{ link }} STOP"
    answer = sends(browser, WORDS, seen="2", do="save", variant="1", text=text)
    assert answer.status_code == 302
    now = stands(stage, shop)
    assert now.steps == FASHION.steps
    assert now.variants[0].steps[0].texts == {"fr": text}
    assert bubble(get(browser, at(WORDS + "?variant=1"))).startswith("Teapots & Co B ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ shop }} STOP", "The text lacks {{ link }}"),
        ("{{ link }} STOP", "does not name its sender"),
        ("{{ shop }} {{ link }}", "no way out"),
        ("{{ shop }} {{ link }} STOP {{ price }}", "price is not a name"),
        ("{{ shop }} {{ link }} STOP\n{% if x", "Line 2 cannot be read"),
        ("{{ shop", "Line 1 cannot be read"),
    ],
)
def test_what_is_wrong_stands_at_the_field_with_what_to_do(
    stage: Stage, browser: FlaskClient, text: str, says: str
) -> None:
    answer = sends(browser, WORDS, seen="1", do="save", text=text)
    assert answer.status_code == 422
    assert says in wrong_at(answer.text, "text")
    assert typed(answer) == text
    assert stage.count("programme_versions") == 1
    seen = sends(browser, WORDS + "/preview", text=text)
    assert seen.status_code == 200
    assert says in shown(seen)


INJECTIONS = [
    "{{ shop.credentials }}",
    "{{ shop | map: 'credentials' }}",
    "{% for i in (1..1000000) %}x{% endfor %}",
    "{% for a in lines %}{% for b in lines %}{% for c in lines %}{% for d in lines %}"
    "{% for e in lines %}{{ shop }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "{% assign x = shop %}" + "{% assign x = x | append: x %}" * 60 + "{{ x }}",
    "{% if shop %}" * 150,
    "{%" * 300 + "(" * 1400,
    "{{ shop" + "[shop" * 300,
    "{{ shop | times: 9999999999 | times: 9999999999 | prepend: 'x' }}",
    "{% include 'secrets' %}",
    "{% render '../settings' %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ config }}{{ self }}{{ request }}{{ g }}",
    "<script>alert(1)</script>{{ shop }} {{ link }} STOP",
    "\0{{ link }}",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", INJECTIONS, ids=lambda text: text[:30])
@pytest.mark.parametrize("path", [WORDS, MAIL])
def test_a_template_that_would_do_harm_ends_in_words(
    browser: FlaskClient, path: str, text: str
) -> None:
    for do in ("save", "preview"):
        answer = sends(browser, path, seen="1", do=do, text=text, subject=text[:500])
        assert answer.status_code in (200, 302, 422)
        assert "leaf" not in answer.text  # the plugin's secret
        assert "<script>alert" not in answer.text
        assert len(answer.data) < 100_000
    assert sends(browser, path + "/preview", text=text).status_code == 200


# -- whose cart, and the frame -----------------------------------------------------------------


def test_the_shops_own_carts_are_offered_without_their_people(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    cart = a_cart(stage.clock(), lines=(a_line("Bol vert"),))
    recorded(stage.database, shop, cart, now=stage.clock())
    other = stage._a_shop("woocommerce", "https://cups.example", {"plugin_secret": "x"}, {})
    recorded(
        stage.database, other, a_cart(stage.clock(), lines=(a_line("Tasse"),)), now=stage.clock()
    )
    mine, theirs = [row.id for row in stage.rows("carts")]
    answer = get(browser, at(WORDS))
    assert "a cart of Nov 20, 2026 (1 article, €18)" in shown(answer)
    for secret in ("Anabella", "ana@example.com", "+33612345678"):
        assert secret not in answer.text
    text = "{{ shop }} {{ first_line }} {{ link }} STOP"
    for cart_id, line in ((mine, "Bol vert"), (theirs, "Teapot"), (10**30, "Teapot")):
        seen = sends(browser, WORDS + "/preview", text=text, cart=str(cart_id))
        assert line in bubble(seen)


def test_the_price_is_the_merchants_where_they_gave_one(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    change = tables.shops.update().values(sms_prices='{"FR": "0.075"}')
    stage.database.run(lambda db: db.execute(change))
    page = shown(sends(browser, WORDS + "/preview", text=DEAR))
    assert "€0.15" in page
    assert "example price" not in page


def test_an_e_mail_has_a_frame_in_which_nothing_runs(browser: FlaskClient) -> None:
    page = sends(browser, MAIL + "/preview", text="Bonjour <b>vous</b>", subject="Oui").text
    frame = re.search(r'<iframe [^>]*sandbox src="([^"]*)"', page)
    assert frame
    answer = get(browser, frame[1])
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "sandbox;", "frame-ancestors 'self'"):
        assert part in policy
    assert "script" not in policy
    assert "Bonjour &lt;b&gt;vous" in answer.text
    assert get(browser, frame[1][:-1]).status_code == 404
    assert get(browser, frame[1].replace("/mail/", "/mail/x")).status_code == 404


def test_a_frame_of_one_shop_is_nothing_at_another(
    stage: Stage, browser: FlaskClient, shop: ShopRow
) -> None:
    more = {"key": "cups", "locale": "fr"}
    other = stage._a_shop("woocommerce", "https://cups.example", {"plugin_secret": "x"}, more)
    save(stage, other, FASHION)
    mine = stage.database.run(lambda db: members.enter(db, other.id, "wordpress:7", stage.clock()))
    assert mine is not None
    with browser.session_transaction(base_url="https://relance.example") as session:
        session["entered"] = session["entered"] | {"cups": mine.id}
    frame = re.search(r'<iframe [^>]*sandbox src="([^"]*)"', get(browser, at(MAIL)).text)
    assert frame
    assert get(browser, frame[1]).status_code == 200
    assert get(browser, "/shops/cups/programmes/" + MAIL).status_code == 200
    assert get(browser, frame[1].replace("/pots/", "/cups/")).status_code == 404


def test_a_reader_sees_the_words_and_the_message(reader: FlaskClient) -> None:
    answer = get(reader, at(WORDS + "?cart=0"))
    assert "readonly" in answer.text
    assert bubble(answer).startswith("Teapots & Co")
    assert 'method="get"' in answer.text
    assert "Take our words again" not in answer.text
    assert sends(reader, WORDS, seen="1", do="save", text=DEAR).status_code == 403


def test_two_who_write_at_once_lose_nothing(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    theirs = replace(FASHION.steps[0], texts={"de": "{{ shop }} {{ link }} STOP"})
    save(stage, shop, replace(FASHION, steps=(theirs, *FASHION.steps[1:])))
    answer = sends(browser, WORDS, seen="1", do="save", text=DEAR)
    assert answer.status_code == 409
    assert typed(answer) == DEAR
    assert "Text in German" in answer.text
    assert 'name="seen" value="2"' in answer.text
    sends(browser, WORDS, seen="2", do="save", text=DEAR)
    assert stands(stage, shop).steps[0].texts == theirs.texts | {"fr": DEAR}
