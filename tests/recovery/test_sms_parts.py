from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.sms_parts import (
    BASIC,
    EXTENSION,
    GSM_7,
    UCS_2,
    Parts,
    in_gsm_7,
    letters_of,
    parts_of,
    plain,
    smart,
)


def test_the_tables_have_the_size_of_the_standard() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert frozenset("^{}[]~\\|€\f") == EXTENSION


@pytest.mark.parametrize(
    ("text", "parts", "left"),
    [
        ("", 0, 160),
        ("a" * 160, 1, 0),
        ("a" * 161, 2, 145),
        ("a" * 306, 2, 0),
        ("a" * 307, 3, 152),
        ("€" * 80, 1, 0),
        ("€" * 81, 2, 143),  # 76 fit beside one lost unit
        ("x" + "€" * 76, 1, 7),
        ("\n" * 160, 1, 0),
    ],
)
def test_plain_letters_are_counted_by_septets(text: str, parts: int, left: int) -> None:
    counted = parts_of(text)
    assert (counted.encoding, counted.parts, counted.left_in_part) == (GSM_7, parts, left)


@pytest.mark.parametrize(
    ("text", "parts", "left"),
    [("ç" * 70, 1, 0), ("ç" * 71, 2, 63), ("ç" * 134, 2, 0), ("😀" * 35, 1, 0), ("😀" * 36, 2, 61)],
)
def test_other_letters_are_counted_by_utf16_units(text: str, parts: int, left: int) -> None:
    counted = parts_of(text)
    assert (counted.encoding, counted.parts, counted.left_in_part) == (UCS_2, parts, left)


def test_an_extension_character_is_never_split_across_parts() -> None:
    text = "a" * 152 + "€" + "a" * 152  # 306 units would fill two parts to the brim
    assert parts_of(text) == Parts(GSM_7, 3, 306, (), 152)
    assert parts_of("a" * 151 + "€" + "a" * 153).parts == 2


def test_a_surrogate_pair_is_never_split_across_parts() -> None:
    assert parts_of("ç" * 66 + "😀" + "ç" * 66) == Parts(UCS_2, 3, 134, ("ç", "😀"), 66)
    assert parts_of("ç" * 65 + "😀" + "ç" * 67).parts == 2


@pytest.mark.parametrize("char", "àéèùìòñäöüåæøßÇÉ'\"@£$¥§¿¡_ΔΩ")
def test_characters_of_the_standard_are_no_culprits(char: str) -> None:
    assert parts_of(char) == Parts(GSM_7, 1, 1, (), 159)


@pytest.mark.parametrize("char", "çêâîôûëïœ‘’“”–—…\u00a0`\t")
def test_characters_outside_are_named_once_each(char: str) -> None:
    assert parts_of(char + "a" + char).culprits == (char,)


def test_smart_encoding_says_what_it_replaced() -> None:
    text, replaced = plain("L’été… «\u00a0fête\u00a0» – cœur ça ê Ç é")
    assert text == 'L\'été... " fete " - coeur ca e Ç é'
    assert dict(replaced) == {
        **{"’": "'", "…": "...", "«": '"', "\u00a0": " ", "»": '"', "–": "-"},
        **{"ê": "e", "œ": "oe", "ç": "c"},
    }
    assert parts_of(text).encoding == GSM_7


def test_what_is_plain_already_or_has_no_plain_form_is_left_alone() -> None:
    assert plain("Très bien, 10 € [ok]") == ("Très bien, 10 € [ok]", ())
    assert plain("東京 😀 Привет") == ("東京 😀 Привет", ())


@pytest.mark.parametrize(
    "text",
    [
        "L’été… 😀",  # the face keeps it in UCS-2: to spoil the rest saves nothing
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 …",
        "❤\ufe0f l’été",
        "1\ufe0f\u20e3 l’été",
        "می\u200cخواهم 10 €…",
        "Ώρα, ΆΈΉΊΌΎΏ",  # a Greek capital with its accent is another letter without
        "Ώ",
        "Ω\u0301",
        "col·lecció",
        "20\u00a0°C",
        "10²",  # not 102
        "49,90²\u00a0€",
        "pointure 42½",  # not 421/2
        "①",
        "é\u0301\u0416",
        "\x1b’",
        "\ud800’",
    ],
)
def test_a_text_that_cannot_become_gsm_7_as_a_whole_is_left_as_it_is(text: str) -> None:
    assert plain(text) == (text, ())
    assert smart(text, wanted=True) == text


@pytest.mark.parametrize(
    ("text", "pure"),
    [
        ("Œuf, ŁÓDŹ, İstanbul, ẞ, şık", "OEuf, LODZ, Istanbul, SS, sik"),
        ("Việt Nam", "Viet Nam"),
        ("x\u0301 c\u0327", "x c"),
        ("ﬁn de série", "fin de série"),
        ("ＡＢＣ １２", "ABC 12"),
        ("Marque™ ®", "Marque(TM) (R)"),
        ("\u202a-10\u00a0%\u202c", "-10 %"),
        ("\u2126", "Ω"),  # the sign of the ohm is the letter, in Unicode too
        ("un\u2028deux", "un\ndeux"),
    ],
)
def test_latin_letters_lose_what_the_table_lacks(text: str, pure: str) -> None:
    assert plain(text)[0] == pure == smart(text, wanted=True)
    assert in_gsm_7(pure)


def test_only_who_wants_the_plain_form_gets_it() -> None:
    assert smart("L’été", wanted=True) == "L'été"
    assert smart("L’été", wanted=False) == "L’été"


def test_a_plain_form_that_is_longer_in_parts_is_not_offered() -> None:
    assert plain("…" * 53)[0] == "..." * 53
    assert plain("…" * 54) == ("…" * 54, ())  # 162 septets: two parts for one


def test_a_letter_with_its_accent_apart_is_put_together_first() -> None:
    assert plain("e\u0301te\u0301") == ("été", ())


@given(st.text(max_size=400) | st.text(alphabet="aéç’…\u00a0€Ώ", max_size=200))
def test_plain_is_whole_or_nothing_never_needs_more_parts_and_is_stable(text: str) -> None:
    once, changed = plain(text)
    assert once == text or in_gsm_7(once)
    assert once != text or not changed
    assert parts_of(once).parts <= parts_of(text).parts
    assert plain(once) == (once, ())


@given(st.text(alphabet="aé\u0301\u200d\ufe0f\U0001f468\U0001f1eb\n", max_size=60))
def test_letters_joined_are_the_text_again(text: str) -> None:
    assert "".join(letters_of(text)) == text


@given(st.text(alphabet="a€ç😀", max_size=700))
def test_parts_hold_their_units_and_not_a_part_too_many(text: str) -> None:
    counted = parts_of(text)
    alone, each = (160, 153) if counted.encoding == GSM_7 else (70, 67)
    if counted.parts <= 1:
        assert counted.units + counted.left_in_part == alone
    else:
        lost = counted.parts * each - counted.units - counted.left_in_part
        assert counted.units > alone
        assert 0 <= lost < counted.parts  # at most one unit before each break
