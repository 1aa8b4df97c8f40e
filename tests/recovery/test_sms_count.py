from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recovery.model import Money
from recovery.sms_count import Count, DearLetter, cost, count, worst
from recovery.sms_parts import BASIC, EXTENSION, GSM_7
from tests.recovery.gsm_pdus import EXTENDED, OCTETS, POSITIONS, pdus, unpacked
from tests.recovery.sms_table import TABLE

PRICES = {"FR": Decimal("0.075"), "DE": Decimal("0.1")}
_MIXED = st.text(alphabet="aà€[\nç😀", max_size=500)
_SEVEN = st.text(alphabet="aé€~\n", min_size=140, max_size=480)
_ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=250)
_TEXTS = _MIXED | _SEVEN | _ANY


def test_the_table_has_at_least_a_hundred_texts() -> None:
    assert len({row[0] for row in TABLE}) == len(TABLE) >= 100


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0][:8]!a} of {len(row[0])}")
def test_a_text_weighs_what_the_standard_says(row: tuple[str, str, int, int, int]) -> None:
    text, encoding, units, parts, left = row
    counted = count(text)
    assert (counted.encoding, counted.units) == (encoding, units)
    assert (counted.parts, counted.left) == (parts, left)
    sizes = (160, 153) if encoding == GSM_7 else (70, 67)
    assert counted.used == sizes[parts > 1] - left


def test_the_tables_are_those_of_the_standard() -> None:
    assert set(POSITIONS) == BASIC
    assert set(EXTENDED) == EXTENSION
    assert sorted(POSITIONS.values()) == [place for place in range(128) if place != 0x1B]


@settings(max_examples=80, deadline=None)
@given(_TEXTS)
@example("a" * 152 + "€" + "a" * 152)
@example("ç" * 66 + "😀" + "ç" * 66)
def test_a_text_takes_as_many_messages_as_its_octets_fill(text: str) -> None:
    messages = pdus(text)
    assert count(text).parts == len(messages)
    assert all(len(message) <= OCTETS for message in messages)


@settings(max_examples=40, deadline=None)
@given(_TEXTS.filter(bool))
def test_what_is_left_fits_and_not_one_more(text: str) -> None:
    counted = count(text)
    assert len(pdus(text + "a" * counted.left)) == counted.parts
    assert len(pdus(text + "a" * (counted.left + 1))) == counted.parts + 1


@settings(max_examples=40, deadline=None)
@given(_MIXED | _SEVEN)
def test_nothing_comes_apart_at_a_seam(text: str) -> None:
    messages = pdus(text)
    read = unpacked(messages, seven=count(text).encoding == GSM_7)
    # Seven bits left over at the end of a message read as "@": none of these texts has one.
    assert read.replace("@", "") == text


def test_what_makes_a_text_dear_is_named_with_its_plain_twin_and_how_often() -> None:
    counted = count("L’été n’est pas fini\u00a0: ça continue 😀")
    assert counted.dear == (
        DearLetter("’", 2, "'"),
        DearLetter("\u00a0", 1, " "),
        DearLetter("ç", 1, "c"),
        DearLetter("😀", 1, None),
    )
    assert counted.plain_parts is None  # the face would keep it in UCS-2


def test_a_text_of_the_basic_table_has_nothing_dear() -> None:
    counted = count("Très bien, 10 € [ok]")
    assert (counted.dear, counted.plain_parts) == ((), None)


@pytest.mark.parametrize(
    ("text", "dear"),
    [
        ("e\u0301", [("e\u0301", "é")]),  # put together it is in the table
        ("c\u0327a", [("c\u0327", "c")]),
        ("\U0001f468\u200d\U0001f469", [("\U0001f468\u200d\U0001f469", None)]),
        ("❤\ufe0f ❤\ufe0f", [("❤\ufe0f", None)]),
        ("\U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea", [("🇫🇷", None), ("🇩🇪", None)]),
        ("1\ufe0f\u20e3", [("1\ufe0f\u20e3", None)]),
        ("ی\u200c", [("ی\u200c", None)]),  # the joiner belongs to a letter without a twin
        ("a\u00adb", [("\u00ad", "")]),
    ],
)
def test_a_picture_or_a_letter_with_its_marks_is_named_whole(
    text: str, dear: list[tuple[str, str | None]]
) -> None:
    assert [(each.letter, each.plain) for each in count(text).dear] == dear


def test_what_cannot_be_seen_has_a_name_in_words() -> None:
    joined = count("\u00a0e\u0301").dear
    assert joined[0].name == "NO-BREAK SPACE (U+00A0)"
    assert joined[1].name == "LATIN SMALL LETTER E (U+0065) + COMBINING ACUTE ACCENT (U+0301)"
    assert count("\x00").dear[0].name == "no name (U+0000)"


def test_the_parts_of_the_plain_form_are_told_beside_those_of_the_text() -> None:
    counted = count("Votre panier vous attend, ça reste simple\u00a0: " + "a" * 60)
    assert (counted.parts, counted.plain_parts) == (2, 1)


def test_the_worst_sample_has_most_parts() -> None:
    short, long = "a" * 160, "a" * 161
    assert worst([short, long, short]) == count(long)
    assert worst([long, "ç" * 71]).encoding == "UCS-2"


def test_of_samples_alike_in_parts_the_dear_one_is_worse_and_then_the_fuller_one() -> None:
    assert worst(["a" * 160, "Zoë"]) == count("Zoë")
    assert worst(["a" * 100, "a" * 159, "a" * 120]) == count("a" * 159)


def test_of_no_sample_none_is_the_worst() -> None:
    with pytest.raises(ValueError, match="no text"):
        worst([])


def test_a_sample_is_not_told_in_a_trace() -> None:
    assert "Zora" not in repr(count("Zora, votre panier vous attend"))


def test_every_part_costs_the_price_of_the_country() -> None:
    assert cost(count("a" * 161), "FR", PRICES) == Money(Decimal("0.150"), "EUR")
    assert cost(count("a" * 161), " de ", PRICES) == Money(Decimal("0.2"), "EUR")
    assert cost(count(""), "FR", PRICES) == Money(Decimal(0), "EUR")


@pytest.mark.parametrize("country", ["BE", "", None, "Europe"])
def test_a_country_without_a_row_has_no_known_cost(country: str | None) -> None:
    assert cost(count("a"), country, PRICES) is None


def test_a_count_is_never_changed() -> None:
    counted: Count = count("a")
    with pytest.raises(AttributeError):
        counted.parts = 2  # type: ignore[misc]
