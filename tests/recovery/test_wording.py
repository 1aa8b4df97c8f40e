from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.default_texts import DEFAULT_TEXTS
from recovery.sms_parts import GSM_7, parts_of
from recovery.wording import (
    BadTemplate,
    Item,
    Names,
    can_receive_replies,
    check,
    default_text,
    money,
    reminder_text,
    render,
)

LINK = "https://r.example.com/r/" + "x" * 21  # a path of 24 characters
STOP_LINK = "https://r.example.com/stop/" + "x" * 16
LONG = "Très grande théière en fonte émaillée bleu nuit avec son filtre"
NAMES = Names(
    shop="Les Thés du Sud",
    link=LINK,
    lines=(Item("Blue cup", 2, "9,00 €"), Item(LONG, 1, "30,00 €")),
    total="48,00 €",
    first_name="Maximilian",
    stop_words="STOP",
)


def test_every_name_is_filled_in() -> None:
    template = (
        "{{ shop }}|{{ first_name }}|{{ first_line }}|{{ items_count }}|{{ total }}|{{ code }}|"
        "{{ offer }}|{{ link }}|{{ stop_words }}|{% for line in lines %}{{ line.quantity }} "
        "{{ line.title }} {{ line.price }};{% endfor %}"
    )
    assert render(template, replace(NAMES, code="BACK10", offer="10 % de\nréduction")) == (
        f"Les Thés du Sud|Maximilian|Blue cup|3|48,00 €|BACK10|10 % de réduction|{LINK}|STOP|"
        f"2 Blue cup 9,00 €;1 {LONG} 30,00 €;"
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{ first_name }}, your cart", "Hi, your cart"),
        ("{{ first_name }}, your cart", "your cart"),
        ("Shop: {{ first_name }}, your cart", "Shop: your cart"),
        ("Code {{ code }} for {{ first_name }} .", "Code for."),
        ("Hi {{ first_name | default: 'you' }}!", "Hi you!"),
        ("{% if first_name %}Hi {{ first_name }}. {% endif %}Back?", "Back?"),
        ("{{ a_name_of_yesterday }}Back  again ?", "Back again ?"),
        ("One\n\n\n\n two ", "One\n\ntwo"),
    ],
)
def test_a_missing_name_leaves_no_trace(template: str, text: str) -> None:
    assert render(template, replace(NAMES, first_name=None)) == text


def test_what_a_shopper_typed_is_never_read_as_liquid() -> None:
    names = replace(NAMES, lines=(Item("{{ link }} {% if\x00 %}\r\nx\u202e", 1, "1"),))
    text = render("{{ first_line }}|{{ lines[0].title }}", names)
    assert text == "{{ link }} {% if %} x|{{ link }} {% if %} x"


def test_the_merchants_own_commas_stay_when_no_name_is_missing() -> None:
    assert render(", {{ first_name }}", NAMES) == ", Maximilian"


def test_a_title_has_at_most_two_hundred_characters() -> None:
    text = render("{{ first_line }}", replace(NAMES, lines=(Item("x" * 5000, 1, "1"),)))
    assert text == "x" * 197 + "..."


@pytest.mark.parametrize(
    "typed",
    [
        *("evil.com", "http://x", "call 0612345678", "call 06 12 34 56 78", "a@b", "  ", "\x07"),
        *("evil。example", "evil․example", "evil．com", "ⓔⓥⓘⓛ.ⓒⓞⓜ", "evil .com", "evil . com"),
        *("evil۔com", "evil·com", "evil.\u200dcom", "evil.c\u00adom", "evil.c\u0332om", "a＠b"),
        *("a\nSTOP: evil", "a\rb", "a\u2028b", "a\u2029b", "a\x85b", "a\x00b"),
        *("www.x.yz", "x.co/abc", "St. John evil.com", "evil. .com", "evil.. com", "evil… com"),
        *("J. 06.12.34", "St. John/x", "evil.\u2060com", "evil .\u00a0com", "St.John"),
        *("evil. com", "visit evil.  com now", "www. evil.com"),
    ],
)
def test_a_first_name_that_is_an_address_or_a_number_is_left_out(typed: str) -> None:
    assert render("Hi {{ first_name }}!", replace(NAMES, first_name=typed)) == "Hi !"


@pytest.mark.parametrize(
    "typed",
    [
        *("Ana", "Jean-Luc", "O’Neil", "J.R.", "Marcel·lí", "玛丽·安娜", "マリア・アンナ", "Zoë"),
        *("علی‌رضا", "St. John", "J. Robert", "J. R. R.", "Robert Jr.", "Mme. Éa", "J.-P. Ana"),
    ],
)
def test_a_name_with_a_mark_in_it_is_still_a_name(typed: str) -> None:
    assert render("{{ first_name }}", replace(NAMES, first_name=f" {typed}\n")) == typed


def test_a_broken_template_says_so_without_the_shoppers_words() -> None:
    with pytest.raises(BadTemplate) as caught:
        render("{{ first_name", NAMES)
    assert "Maximilian" not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{{ colour }}", "colour"),
        ("{% for line in lines %}{{ line.colour }}{% endfor %}", "colour"),
        ("{% if false %}{{ hidden }}{% endif %}", "hidden"),
        ("{{ shop.__class__ }}", "__class__"),
        ("{{ shop | replace: 'a', 'b' }}", "replace"),
        ("{% include 'secrets' %}", "include"),
        ("{% capture x %}{% endcapture %}", "capture"),
        ("{% if %}x{% endif %}", "Line 1"),
        ("two\nlines {{ shop", "Line 2"),
        ("{% for i in (1..999999999) %}x{% endfor %}", "Ranges"),
        ("x" * 2001, "longer"),
        ("{% assign a = 'xx' %}" + "{% assign a = a | append: a %}" * 30, "limit"),
        ("{% for a in lines %}" * 8 + "{% endfor %}" * 8, "limit"),
        ("{{ shop }} {{ stop_words }}", "{{ link }}"),
        ("{% if code %}{{ link }}{% endif %} {{ shop }} STOP", "{{ link }}"),
        ("{{ link }} {{ stop_words }}", "{{ shop }}"),
        ("{{ link }} {{ shop }}", "way out"),
    ],
)
def test_a_merchant_is_told_what_is_wrong_with_a_text(template: str, word: str) -> None:
    errors = check(template)
    assert any(word in error for error in errors), errors


def test_loops_within_loops_end() -> None:
    template = "{% for a in lines %}" * 5 + "{% assign b = a.price %}" + "{% endfor %}" * 5
    with pytest.raises(BadTemplate, match="limit"):
        render(template, replace(NAMES, lines=(Item("x", 1, "1"),) * 50))


def test_the_way_out_must_suit_the_sender() -> None:
    by_reply, by_link = "{{ shop }} {{ link }} STOP", "{{ shop }} {{ link }} {{ stop_link }}"
    assert check(by_reply, "33612345678") == []
    assert check(by_link, "MyShop") == []
    assert any("stop_link" in error for error in check(by_reply, "MyShop"))
    assert any("way out" in error for error in check(by_link, "33612345678"))


@pytest.mark.parametrize("way", ["STOP", "{{ stop_words }}{{ stop_link }}"])
def test_a_way_out_for_any_sender_holds_without_one(way: str) -> None:
    assert check("{{ shop }} {{ link }} " + way) == []


@pytest.mark.parametrize(
    "way",
    ["{{ stop_words }}", "{{ stop_link }}", "{% if stop_words %}{{ stop_words }}!{% endif %}"],
)
def test_half_a_way_out_is_none_while_the_sender_is_unknown(way: str) -> None:
    (error,) = check("{{ shop }} {{ link }} " + way)
    assert "every sender: add {{ stop_words }} and {{ stop_link }}" in error


def test_a_question_needs_no_link_but_a_sender_and_a_way_out() -> None:
    assert check("{{ shop }} 1, 2 or 3? STOP", "36123", needs_link=False) == []
    assert len(check("{{ link }} 1, 2 or 3?", "36123", needs_link=False)) == 2


def test_a_shop_may_type_out_its_own_name() -> None:
    template = "Les Thés du Sud: {{ link }} STOP"
    assert check(template, shop="Les Thés du Sud") == []
    assert any("{{ shop }}" in error for error in check(template))


def test_only_numbers_can_receive_replies() -> None:
    assert all(can_receive_replies(one) for one in ("33612345678", "+33 6 12 34", "36123"))
    assert not any(can_receive_replies(one) for one in ("MyShop", "Shop24", "3615ULLA", "", "+"))


@pytest.mark.parametrize("language", sorted(DEFAULT_TEXTS))
@pytest.mark.parametrize("first_name", ["Maximilian", None])
@pytest.mark.parametrize("by_reply", [True, False])
def test_a_default_text_is_one_plain_part_with_sender_link_and_way_out(
    language: str, first_name: str | None, by_reply: bool
) -> None:
    names = replace(NAMES, first_name=first_name)
    if not by_reply:
        names = replace(names, stop_words="", stop_link=STOP_LINK)
    template, used = default_text(language)
    text = render(template, names)
    assert used == language
    assert (parts_of(text).encoding, parts_of(text).parts) == (GSM_7, 1), text
    assert text.startswith(NAMES.shop)
    assert LINK in text
    assert (first_name or "your") in text or first_name is None
    assert ("STOP" in text) if by_reply else (STOP_LINK in text)
    assert "  " not in text
    assert len({char == " " for char in re.findall(r"(.):(?= )", text)}) == 1, text
    assert text[len(NAMES.shop) :].startswith(" : " if language == "fr" else ": ")
    assert check(template) == check(template, "36123") == check(template, "MyShop") == []


@pytest.mark.parametrize(
    ("locale", "shop_locale", "used"),
    [
        ("fr-CA", None, "fr"),
        ("fr_FR", None, "fr"),
        ("de_AT.UTF-8", None, "de"),
        ("PT-br", None, "pt"),
        ("zh-Hant-TW", "it", "it"),
        ("zh-Hant-TW", None, "en"),
        ("rubbish!", "es-MX", "es"),
        ("en-GB", "fr", "en"),
        (None, "nl", "nl"),
        ("", "", "en"),
    ],
)
def test_the_carts_language_wins_then_the_shops(
    locale: str | None, shop_locale: str | None, used: str
) -> None:
    assert default_text(locale, shop_locale)[1] == used


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1234.5", "EUR", "fr-FR", "1 234,50 €"),
        ("1234.5", "EUR", "fr_CA", "1 234,50 €"),
        ("1234.5", "EUR", "de", "1.234,50 €"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
        ("1200", "JPY", "en", "¥1,200"),
        ("1.25", "KWD", "en", "KWD1.250"),
        ("1234.5", "CHF", "de-CH", "CHF 1'234.50"),
        ("10", "EUR", "fr-XX-rubbish", "10,00 €"),
        ("10", "EUR", "rubbish", "€10.00"),
        ("10", "EUR", "zh-Hant-TW", "€10.00"),
        ("-3", "SEK", "sv", "-3,00 kr"),
    ],
)
def test_money_is_written_as_the_shopper_writes_it(
    amount: str, currency: str, locale: str, text: str
) -> None:
    assert money(Decimal(amount), currency, locale) == text


def test_money_falls_back_to_the_shops_locale_and_refuses_what_is_no_number() -> None:
    assert money(Decimal(10), "EUR", "rubbish", "fr") == "10,00 €"
    with pytest.raises(ValueError, match="finite"):
        money(Decimal("NaN"), "EUR", "fr")


def test_long_titles_are_cut_to_keep_within_the_parts_wanted() -> None:
    template = "{{ shop }}: {{ lines[1].title }} / {{ first_line }} {{ link }} {{ stop_words }}"
    names = replace(NAMES, lines=(Item("Blue cup", 1, "9"), Item(LONG * 2, 1, "9")))
    text = reminder_text(template, names, parts=1)
    assert parts_of(text).parts == 1
    assert parts_of(text).left_in_part < 4  # no more was cut than had to be
    assert "..." in text
    assert "Blue cup" in text
    assert text.endswith(f"{LINK} STOP")
    assert reminder_text(template, names, parts=2) == render(template, names)


def test_a_dear_character_far_back_in_a_title_is_cut_off_with_the_rest() -> None:
    names = replace(NAMES, lines=(Item("A very long title of a thing " * 2 + "ç", 1, "9"),))
    text = reminder_text("{{ shop }} {{ first_line }} {{ link }} STOP", names)
    assert parts_of(text).encoding == GSM_7


def test_nothing_but_titles_is_cut_even_where_that_is_too_much() -> None:
    template = "x" * 400 + " {{ first_line }} {{ link }}"
    names = replace(NAMES, lines=(Item(LONG, 1, "9"),))
    text = reminder_text(template, names, parts=1)
    assert parts_of(text).parts == 3
    assert LINK in text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80))
def test_no_name_or_title_breaks_a_text(title: str, first_name: str) -> None:
    names = replace(NAMES, lines=(Item(title, 1, "9"),), first_name=first_name)
    text = reminder_text("{{ shop }}: {{ first_name }}, {{ first_line }} {{ link }} STOP", names)
    assert LINK in text
    assert "\n" not in text
    assert text.encode()
