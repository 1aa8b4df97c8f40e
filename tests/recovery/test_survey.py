"""What people answer to "why was it left?", as tables, and as anything at all."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recovery.hour_wishes import Wish, folded
from recovery.stop_words import CLEAR, WHOLE, is_stop
from recovery.survey import Left, distance, read_answer
from recovery.survey_words import NUMBERS, PHRASES
from tests.recovery.survey_answers import BY_DIGIT, BY_WORDS, FOR_PEOPLE, NO_DIGIT

SHIPPING, ACCOUNT, DECIDING, NO_TIME, OTHER = Left


@pytest.mark.parametrize(("text", "reason"), BY_DIGIT)
def test_a_digit_is_read_in_whatever_shape_it_comes(text: str, reason: Left) -> None:
    assert read_answer(text, "fr").reason is reason


@pytest.mark.parametrize("text", NO_DIGIT)
def test_a_number_that_answers_nothing_is_left_to_people(text: str) -> None:
    assert read_answer(text, "fr").reason is None


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [(language, *row) for language, rows in BY_WORDS.items() for row in rows],
)
def test_words_are_read_in_each_language(language: str, text: str, reason: Left) -> None:
    assert read_answer(text, language).reason is reason
    assert read_answer(text.upper(), f"{language}-XX").reason is reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("versandkosten", SHIPPING), ("keine zeit", NO_TIME), ("wachtwoord", ACCOUNT)],
)
def test_who_answers_in_another_language_is_understood(text: str, reason: Left) -> None:
    assert read_answer(text, "fr").reason is reason
    assert read_answer(text, None).reason is reason


@pytest.mark.parametrize(("text", "language"), FOR_PEOPLE)
def test_what_competes_or_is_denied_or_strange_goes_to_people(text: str, language: str) -> None:
    answer = read_answer(text, language)
    assert answer.reason is None
    assert answer.words == text


def test_a_word_that_two_languages_share_is_read_in_each() -> None:
    assert read_answer("no se", "es").reason is DECIDING
    assert read_answer("porto", "nl").reason is SHIPPING
    assert read_answer("later", "nl").reason is NO_TIME


def test_a_long_word_forgives_two_letters_and_a_short_one_none() -> None:
    assert read_answer("versndksten", "de").reason is SHIPPING
    assert read_answer("vrsndksten", "de").reason is None
    assert read_answer("tme", "en").reason is None
    assert read_answer("mother", "en").reason is None
    assert read_answer("bersandkosten", "de").reason is None


def test_a_word_near_two_reasons_names_neither() -> None:
    assert read_answer("compre", "fr").reason is None  # "compte" and "compare", one letter each
    assert read_answer("comte", "fr").reason is ACCOUNT


def test_every_phrase_gives_its_own_reason() -> None:
    wrong = [
        (language, " ".join(phrase))
        for language, reasons in PHRASES.items()
        for reason, phrases in reasons.items()
        for phrase in phrases
        if read_answer(" ".join(phrase), language).reason is not reason
    ]
    assert wrong == []


def test_every_phrase_is_written_as_replies_are_folded() -> None:
    listed = [
        " ".join(phrase)
        for reasons in PHRASES.values()
        for phrases in reasons.values()
        for phrase in phrases
    ]
    assert [phrase for phrase in [*listed, *NUMBERS] if folded(phrase) != phrase] == []


def test_an_hour_beside_a_reason_is_kept() -> None:
    assert read_answer("4 demain 18h", "fr").wish == Wish(days=1, clock=time(18))
    late = read_answer("still deciding, ask me tomorrow", "en")
    assert (late.reason, late.wish) == (DECIDING, Wish(days=1))


def test_an_hour_alone_means_that_now_there_is_no_time() -> None:
    answer = read_answer("ce soir", "fr")
    assert answer.reason is NO_TIME
    assert answer.wish is not None


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "ab", 1),
        ("abc", "xbc", 1),
        ("abc", "abcd", 1),
        ("abcd", "badc", 2),
        ("abcdef", "ghijkl", 3),
        ("a", "abcdef", 3),
    ],
)
def test_the_distance_of_two_words_is_counted(one: str, other: str, apart: int) -> None:
    assert distance(one, other, 2) == apart
    assert distance(other, one, 2) == apart


@pytest.mark.parametrize("word", sorted(CLEAR | WHOLE))
def test_a_stop_word_is_never_an_answer(word: str) -> None:
    answer = read_answer(word, "en")
    assert (answer.reason, answer.wish, answer.stops) == (None, None, True)


@pytest.mark.parametrize(
    "text",
    ["2 STOP", "stop 2", "STOP, shipping", "arrêtez, livraison", "4 demain 18h STOP", "S T O P"],
)
def test_a_stop_wins_over_an_answer(text: str) -> None:
    answer = read_answer(text, "fr")
    assert (answer.reason, answer.wish, answer.stops) == (None, None, True)


PIECES = st.sampled_from(
    [
        *"12345",
        "stop",
        "STOP",
        "arrêt",
        "end",
        "shipping",
        "livraison",
        "pas le temps",
        "demain",
        "18h",
        "2️⃣",
        "\u200d",
        ",",
        ".",
        "\n",
        "'",
        "n°",
        "lundi",
        "halb",
        "in 2 hours",
        "٢",
        "²",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join))
LANGUAGES = st.sampled_from([None, "", "fr", "en-GB", "de", "pt-BR", "ja", "x" * 50])


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)), LANGUAGES
)
@example("\ud800", "fr")
@example("²", "fr")
@example("\x00" * 600, None)
def test_any_text_at_all_is_read_and_a_stop_is_never_an_answer(
    text: str, language: str | None
) -> None:
    answer = read_answer(text, language)
    assert answer.stops == is_stop(text)
    if answer.stops:
        assert (answer.reason, answer.wish) == (None, None)
    assert answer.words == text.strip()
