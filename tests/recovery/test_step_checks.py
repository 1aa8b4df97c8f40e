"""What is said of one step of a programme: its words and its incentive."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from recovery.model import Channel
from recovery.programme_checks import may_be_saved, problems
from recovery.programme_form import Incentive
from tests.recovery.test_programme_checks import HOUR, a_programme, a_step, said, where

TEXT = "{{ shop }}: {{ first_line }} {{ link }} {{ stop_words }}{{ stop_link }}"

# Words


@pytest.mark.parametrize(
    ("given", "sender", "places"),
    [
        ({"texts": {"fr": TEXT}}, None, []),
        ({"texts": {"fr": TEXT}}, "+33600000000", []),
        ({"texts": {"fr": TEXT}}, "MyShop", []),
        ({"texts": {"fr": "{{ shop }} {{ link }}"}}, "+336", ["steps/1/texts/fr"]),
        ({"texts": {"fr": "{{ shop }} {{ link }} STOP"}}, "MyShop", ["steps/1/texts/fr"]),
        ({"texts": {"fr": "{{ shop }} STOP"}}, None, ["steps/1/texts/fr"]),
        ({"texts": {"fr": "{{ link }} STOP"}}, None, ["steps/1/texts/fr"]),
        ({"texts": {"fr": TEXT + "{{ nothing }}"}}, None, ["steps/1/texts/fr"]),
        ({"texts": {"fr": TEXT + "{% if %}"}}, None, ["steps/1/texts/fr"]),
        ({"texts": {"xx": TEXT}}, None, ["steps/1/texts/xx"]),
        ({"subjects": {"fr": "{{ first_line }} ?"}}, None, []),
        ({"subjects": {"fr": "{{ nothing }}"}}, None, ["steps/1/subjects/fr"]),
        ({"subjects": {"fr": "one\ntwo"}}, None, ["steps/1/subjects/fr"]),
        ({"subjects": {"fr": " "}}, None, ["steps/1/subjects/fr"]),
        ({"subjects": {"fr": "x" * 201}}, None, ["steps/1/subjects/fr"]),
        ({"asks_why": True}, "MyShop", ["steps/1/asks_why"]),
        ({"asks_why": True}, "+33600000000", []),
        ({"asks_why": True, "texts": {"fr": "{{ shop }} STOP"}}, "+336", []),
        ({"asks_why": True, "texts": {"fr": "{{ shop }}"}}, "+336", ["steps/1/texts/fr"]),
        ({"channel": Channel.EMAIL, "texts": {"fr": "Come back"}}, None, []),
        ({"channel": Channel.EMAIL, "texts": {"fr": "{{ x }}"}}, None, ["steps/1/texts/fr"]),
        (
            {"channel": Channel.EMAIL, "fallback": Channel.SMS, "texts": {"fr": "Come back"}},
            "+33600000000",
            ["steps/1/texts/fr"] * 3,
        ),
    ],
)
def test_texts_and_subjects_are_read_before_they_are_saved(
    given: dict[str, Any], sender: str | None, places: list[str]
) -> None:
    found = problems(a_programme(a_step(**given)), "FR", sender=sender)
    assert [each.where for each in found] == places


def test_what_wording_says_is_said_in_french_too() -> None:
    found = said(a_programme(a_step(texts={"fr": "hello"})))
    assert len(found) == 3
    assert all("texte" in each.words("fr-CA") for each in found)
    assert all("text" in each.words("de") for each in found)


# Incentives


@pytest.mark.parametrize(
    ("incentive", "places"),
    [
        (Incentive("percent", Decimal(1)), []),
        (Incentive("percent", Decimal(100)), []),
        (Incentive("percent", Decimal("0.99")), ["value"]),
        (Incentive("percent", Decimal("100.01")), ["value"]),
        (Incentive("percent", Decimal("NaN")), ["value"]),
        (Incentive("amount", Decimal(5)), []),
        (Incentive("amount", Decimal(0)), ["value"]),
        (Incentive("amount", Decimal("Infinity")), ["value"]),
        (Incentive("free_shipping"), []),
        (Incentive("free_shipping", days=1), []),
        (Incentive("free_shipping", days=60), []),
        (Incentive("free_shipping", days=0), ["days"]),
        (Incentive("free_shipping", days=61), ["days"]),
        (Incentive("free_shipping", minimum=Decimal(0)), ["minimum"]),
        (Incentive("free_shipping", minimum=Decimal("sNaN")), ["minimum"]),
        (Incentive("percent", Decimal(10), lines="cart"), []),
        (Incentive("amount", Decimal(5), lines=("1", "2")), []),
        (Incentive("percent", Decimal(10), lines=("1", " ")), ["lines"]),
        (Incentive("percent", Decimal(10), lines=tuple(map(str, range(100)))), []),
        (Incentive("percent", Decimal(10), lines=tuple(map(str, range(101)))), ["lines"]),
        (Incentive("free_shipping", lines="cart"), ["lines"]),
        (Incentive("free_shipping", lines=("1",)), ["lines"]),
    ],
)
def test_an_incentive_is_sane(incentive: Incentive, places: list[str]) -> None:
    second = a_step(2, 30 * HOUR, incentive=incentive, words="offer")
    expected = [f"steps/2/incentive/{place}" for place in places]
    assert where(a_programme(a_step(), second)) == expected


def test_an_incentive_in_the_first_step_is_warned_of() -> None:
    found = said(a_programme(a_step(incentive=Incentive("percent", Decimal(10)))))
    assert [each.where for each in found] == ["steps/1/incentive"]
    assert may_be_saved(found)


def test_words_of_an_offer_without_an_offer_are_warned_of() -> None:
    found = said(a_programme(a_step(), a_step(2, 30 * HOUR, words="offer")))
    assert [each.where for each in found] == ["steps/2/words"]
    assert may_be_saved(found)


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ({"texts": {"fr": TEXT}}, ["steps/2/texts/fr"]),
        ({"texts": {"fr": TEXT, "en": TEXT + " {{ offer }}"}}, ["steps/2/texts/fr"]),
        ({"texts": {"fr": TEXT + " {% if offer %}{{ offer | capitalize }}{% endif %}"}}, []),
        ({"texts": {"fr": TEXT + " {{ code }}"}}, []),
        ({"texts": {"fr": TEXT + "{% if %}"}}, ["steps/2/texts/fr"]),
        ({"texts": {"fr": "Come back"}, "channel": Channel.EMAIL}, []),
        ({}, []),
    ],
)
def test_a_text_names_the_offer_that_its_step_makes(
    given: dict[str, Any], places: list[str]
) -> None:
    second = a_step(2, 30 * HOUR, incentive=Incentive("percent", Decimal(10)), **given)
    found = said(a_programme(a_step(), second))
    assert [each.where for each in found] == places
    assert may_be_saved(found) == (not places)
