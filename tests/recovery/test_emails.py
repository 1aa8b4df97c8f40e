"""The e-mail of a reminder: what it says, in which language, and what it never lets in."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest

from recovery.email_look import CALM, DARK_CARD, EASY, contrast, look_of, picture
from recovery.email_words import WORDS, EmailWords, Letter
from recovery.emails import GMAIL_CLIPS, ReminderEmail, write
from recovery.model import Line, Money, Offer, Product

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEAPOT = Line(
    "Cast iron teapot",
    1,
    Decimal("64.90"),
    Decimal("64.90"),
    variant_title="Midnight blue",
    image="https://cdn.example/teapot.jpg?v=1&width=240",
)
CUPS = Line("Stoneware cup", 4, Decimal("14.50"), Decimal("58.00"))
EMAIL = ReminderEmail(
    shop="Teehaus",
    link="https://r.example.com/r/abc?x=1&y=2",
    stop_link="https://r.example.com/stop/abc",
    postal_address="Teehaus GmbH\n12 Lindenweg\n10115 Berlin",
    lines=(TEAPOT, CUPS),
    total=Money(Decimal("122.90"), "EUR"),
    locale="en-GB",
    first_name="Zoé",
)
OFFER = Offer("BACK10", NOW + timedelta(days=3), percent=Decimal(10))


class _Seen(HTMLParser):
    """What a reader meets: the words, and the tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._styles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._styles += tag in {"style", "title"}
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._styles -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._styles:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, name: str) -> list[str]:
        return [found[name] for each, found in self.tags if each == tag and name in found]


def seen(**changes: Any) -> _Seen:
    found = _Seen()
    found.feed(write(replace(EMAIL, **changes)).html)
    return found


def product(title: str, **changes: Any) -> Product:
    given = Product("1", title, NOW, address="https://shop.example/p", price=Decimal("9.90"))
    return replace(given, currency="EUR", **changes)


def test_it_says_who_writes_what_was_left_and_what_it_costs() -> None:
    email = seen()
    for words in (
        "Teehaus",
        "Hello Zoé,",
        "Cast iron teapot",
        "Midnight blue",
        "Quantity: 4",
        "€64.90",
        "€58.00",
        "Total",
        "€122.90",
        "Teehaus GmbH · 12 Lindenweg · 10115 Berlin",
        "Unsubscribe",
    ):
        assert words in email.text
    assert write(EMAIL).subject == "Your cart at Teehaus is saved"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", "Teehaus"),
        (" \n ", "Teehaus"),
        ("Teehaus\n12 Lindenweg", "Teehaus · 12 Lindenweg"),
    ],
)
def test_the_foot_names_the_shop_once(written: str, wanted: str) -> None:
    foot = seen(postal_address=written).text.rpartition("Back to my cart")[2]
    assert wanted in foot and foot.count("Teehaus") == 2  # and why it came
    plain = write(replace(EMAIL, postal_address=written)).text.rpartition("\n--")[2]
    assert plain.count("Teehaus") == 2


def test_nothing_is_fetched_from_a_stranger() -> None:
    html = write(replace(EMAIL, offer=OFFER)).html
    assert "googleapis" not in html and "@import" not in html
    assert seen(offer=OFFER).all("link", "href") == []
    assert set(seen().all("img", "src")) <= {TEAPOT.image}


def test_there_is_one_button_and_one_way_out() -> None:
    assert seen().all("a", "href") == [EMAIL.link, EMAIL.stop_link]


def test_the_plain_text_says_the_same() -> None:
    things = (product("Tea strainer"),)
    text = write(replace(EMAIL, offer=OFFER, goes_with=things)).text
    html = seen(offer=OFFER, goes_with=things)
    for words in (
        "Your cart is saved",
        "Hello Zoé,",
        "Cast iron teapot",
        "Midnight blue",
        "€58.00",
        "€122.90",
        "10% off this order",
        "BACK10",
        "Monday, 23 November 2026",
        "Tea strainer",
        "Unsubscribe",
        "12 Lindenweg",
    ):
        assert words in text
        assert words in html.text
    assert EMAIL.link in text and EMAIL.stop_link in text
    assert "\n\n\n" not in text
    assert "<" not in text and "{" not in text


@pytest.mark.parametrize("language", ["fr", "en", "de", "es", "it", "nl", "pt"])
@pytest.mark.parametrize("kind", ["reminder", "calm", "last"])
def test_it_is_written_wholly_in_the_shoppers_language(language: str, kind: str) -> None:
    words = WORDS[language]
    found = write(replace(EMAIL, locale=language, kind=kind, offer=OFFER))
    email = seen(locale=language, kind=kind, offer=OFFER)
    assert email.all("html", "lang") == [language]
    for said in (words.button, words.stop, words.total, words.letters[kind].headline):
        assert said in email.text
        assert said in found.text
    assert "{" not in email.text + found.subject + found.text


def test_every_language_has_all_words_and_names_the_same_things() -> None:
    english = WORDS["en"]
    for language, words in WORDS.items():
        assert words.letters.keys() == english.letters.keys(), language
        for each in fields(EmailWords):
            if each.name != "letters":
                ours, theirs = getattr(words, each.name), getattr(english, each.name)
                assert ours and _names(ours) == _names(theirs), (language, each.name)
        for letter in words.letters.values():
            assert all(getattr(letter, each.name) for each in fields(Letter))
            told = letter.subject + letter.headline + letter.opening
            assert _names(told) <= {"shop"}, language


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_language_without_words_gets_the_shops_with_its_own_money() -> None:
    email = seen(locale="ja-JP", shop_locale="fr-FR")
    assert "Bonjour Zoé," in email.text
    assert "122,90 €" in email.text


def test_a_nameless_shopper_is_greeted_all_the_same() -> None:
    assert "Hello, " in seen(first_name=None).text


def test_a_name_that_advertises_is_left_out() -> None:
    assert "evil" not in seen(first_name="win at evil.example").text


# The offer


def test_without_an_offer_nothing_is_promised() -> None:
    email = seen()
    assert "off this order" not in email.text and "Until" not in email.text
    assert "{%" not in write(EMAIL).html


@pytest.mark.parametrize(
    ("offer", "wanted"),
    [
        (OFFER, "10% off this order"),
        (replace(OFFER, percent=Decimal("12.5")), "12.5% off this order"),
        (replace(OFFER, percent=None, amount=Money(Decimal(5), "EUR")), "€5.00 off this order"),
        (replace(OFFER, percent=None, free_shipping=True), "Free shipping on this order"),
        (replace(OFFER, minimum_total=Money(Decimal(50), "EUR")), "From €50.00"),
    ],
)
def test_an_offer_says_what_it_gives(offer: Offer, wanted: str) -> None:
    assert wanted in seen(offer=offer).text


@pytest.mark.parametrize("minimum", [None, Money(Decimal(50), "EUR")])
def test_an_offer_on_some_lines_says_so_instead_of_this_order(minimum: Money | None) -> None:
    offer = replace(OFFER, minimum_total=minimum, product_keys=("1",))
    text = seen(offer=offer, offer_words="10% off on Ana's mug").text
    assert "10% off on Ana’s mug" in text
    assert "this order" not in text and "From €50.00" not in text


def test_an_offer_ends_at_the_shops_own_hour() -> None:
    late = replace(OFFER, ends_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert "Tuesday, 24 November 2026, 00:30" in seen(offer=late, zone="Europe/Berlin").text
    assert "Monday, 23 November 2026, 23:30" in seen(offer=late).text


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [
        ("en-GB", "Until Monday, 23 November 2026"),
        ("fr", "Jusqu’au lundi 23 novembre 2026"),
        ("nl", "Tot en met maandag 23 november 2026"),
    ],
)
@pytest.mark.parametrize("ends", ["23:59", "23:59:59", "24:00"])
def test_an_offer_that_lasts_to_the_close_of_a_day_names_the_day_alone(
    ends: str, locale: str, wanted: str
) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    before = {"23:59": timedelta(minutes=1), "23:59:59": timedelta(seconds=1)}
    late = replace(OFFER, ends_at=midnight - before.get(ends, timedelta()))
    text = write(replace(EMAIL, offer=late, locale=locale)).text
    assert f"\n{wanted}\n" in text.replace("\u202f", " ")


# What goes with it


def test_without_products_that_go_with_it_there_is_no_place_for_them() -> None:
    assert WORDS["en"].goes_with not in seen().text


@pytest.mark.parametrize(("many", "shown"), [(1, 1), (2, 2), (3, 3), (4, 4), (9, 4)])
def test_at_most_four_products_that_go_with_it_are_shown(many: int, shown: int) -> None:
    email = seen(goes_with=tuple(product(f"Thing {n}") for n in range(many)))
    assert len(re.findall(r"Thing \d", email.text)) == shown
    assert WORDS["en"].goes_with in email.text


def test_a_product_without_price_or_page_is_shown_without() -> None:
    email = seen(goes_with=(product("Free thing", price=None, address=None),))
    assert "Free thing" in email.text
    assert len(email.all("a", "href")) == 2


# Pictures


def test_pictures_have_words_in_their_place() -> None:
    email = seen(
        logo="https://cdn.example/logo.png", goes_with=(product("Tray", image=TEAPOT.image),)
    )
    assert email.all("img", "alt") == ["Teehaus", "Cast iron teapot", "Tray"]
    assert email.all("img", "src")[1] == TEAPOT.image


@pytest.mark.parametrize(
    "address",
    [
        "http://cdn.example/a.jpg",
        "http://127.0.0.1.cdn.example/a.jpg",
        "//cdn.example/a.jpg",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        'https://cdn.example/a.jpg" onerror="alert(1)',
        "https://cdn.example/a b.jpg",
        "https://cdn.example/" + "a" * 1000,
        "",
        None,
    ],
)
def test_a_picture_that_is_not_plainly_https_is_left_out(address: str | None) -> None:
    assert picture(address) is None
    lines = (replace(TEAPOT, image=address),)
    email = seen(lines=lines, logo=address, goes_with=(product("Tray", image=address),))
    assert email.all("img", "src") == []
    assert "Cast iron teapot" in email.text


# What was typed


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ link }}{% raw %}",
    "{% for x in (1..100000) %}x{% endfor %}",
    "<mj-raw><b>bold</b></mj-raw>",
    "</td></table><h1>gone</h1>",
    "<!-- ",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("field", ["shop", "postal_address", "subject", "opening"])
def test_what_a_shop_typed_stays_words(field: str, attack: str) -> None:
    email = seen(**{field: attack})
    assert attack in email.text or field == "subject"
    assert [tag for tag, _ in email.tags] == [tag for tag, _ in seen(**{field: "plain"}).tags]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_cart_holds_stays_words(attack: str) -> None:
    def shown(words: str) -> _Seen:
        line = replace(TEAPOT, title=words, variant_title=words)
        return seen(lines=(line,), goes_with=(product(words),), offer=replace(OFFER, code=words))

    email = shown(attack)
    assert email.text.count(attack[:40]) >= 3
    assert [tag for tag, _ in email.tags] == [tag for tag, _ in shown("plain").tags]


def test_a_link_is_escaped_and_arrives_whole() -> None:
    hostile = 'https://r.example.com/r/a"><b>'
    assert "<b>" not in write(replace(EMAIL, link=hostile)).html
    assert hostile in seen(link=hostile).all("a", "href")


@pytest.mark.parametrize("field", ["link", "stop_link"])
def test_a_link_that_is_none_is_an_error(field: str) -> None:
    with pytest.raises(ValueError, match="https"):
        write(replace(EMAIL, **{field: "javascript:alert(1)"}))


def test_the_other_direction_of_writing_is_kept_within_its_words() -> None:
    email = seen(lines=(replace(TEAPOT, title="קומקום תה"),))
    assert "קומקום תה" in email.text
    assert "auto" in email.all("div", "dir")
    assert email.all("html", "dir") == ["ltr"]


def test_the_merchants_own_words_stand_in_for_ours() -> None:
    found = write(replace(EMAIL, subject="Hi!", opening="One.\n\nTwo."))
    assert found.subject == "Hi!"
    assert "One." in found.text and "Two." in found.text
    assert WORDS["en"].letters["reminder"].opening not in found.html
    assert write(replace(EMAIL, subject="  ")).subject == write(EMAIL).subject


# Size, look


def test_a_huge_cart_stays_under_what_gmail_clips_and_says_how_much_is_left_out() -> None:
    long = replace(TEAPOT, title="&" * 500, image="https://cdn.example/" + "&" * 900)
    found = write(replace(EMAIL, lines=(long,) * 50, opening="é" * 2000))
    assert len(found.html.encode()) < GMAIL_CLIPS
    assert "and " in found.text and " more" in found.text
    assert EMAIL.stop_link in found.html


def test_every_item_is_shown_or_counted() -> None:
    email = seen(lines=(CUPS,) * 15)
    assert email.text.count("Stoneware cup") == 12
    assert "and 12 more" in email.text  # three lines of four


def test_it_knows_dark_mode_and_needs_no_style_sheet_by_day() -> None:
    html = write(EMAIL).html
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark"' in html
    bare = re.sub(r"<style.*?</style>", "", html, flags=re.S)
    assert "background:#ffffff" in bare and "font-size:16px" in bare


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#d7402b", "#ffe600", CALM, "#1f1f1e"])
def test_a_button_can_be_read_whatever_the_shops_colour(colour: str) -> None:
    look = look_of(colour)
    assert look.button == colour
    assert contrast(look.button, look.on_button) >= 4.5
    assert contrast(look.night_button, look.night_on_button) >= 4.5
    assert contrast(look.night_button, DARK_CARD) >= EASY


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", "#12345g", "#000000;} body{x:y"])
def test_a_colour_that_cannot_be_read_is_ours(colour: str | None) -> None:
    assert look_of(colour).button == CALM


def test_contrast_is_counted_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's own example
    assert contrast("#123456", "#123456") == pytest.approx(1.0)
