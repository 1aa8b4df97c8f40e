"""What follows each reason for which a cart was left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recovery.offer_facts import Decision, Gift
from recovery.survey import read_answer
from recovery.survey_rules import TO_A_PERSON, Chance, Follow, Next, follows

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # a Monday, 15:00 in Paris
CHANCE = Chance(
    shipping=Decision(Gift.NOW, ()),
    guests_may_order=True,
    cart_is_open=True,
    answered_before=False,
    decent=lambda at: at,
)


def _next(text: str, chance: Chance = CHANCE) -> Next:
    return follows(read_answer(text, "fr"), chance, NOW, PARIS)


def test_shipping_gets_the_offer_that_the_policy_allows() -> None:
    assert _next("1") == Next(Follow.OFFER, NOW, outside_caps=True)
    reward = replace(CHANCE, shipping=Decision(Gift.NEXT, ()))
    assert _next("1", reward).follow is Follow.OFFER


def test_shipping_without_an_offer_gets_a_calm_step_that_promises_nothing() -> None:
    none = replace(CHANCE, shipping=Decision(Gift.NONE, ()))
    assert _next("1", none) == Next(Follow.CALM_STEP, NOW + timedelta(days=3))


def test_an_account_too_many_gets_the_guest_link() -> None:
    assert _next("2") == Next(Follow.GUEST_LINK, NOW, outside_caps=True)


def test_where_guests_may_not_order_a_person_takes_over() -> None:
    assert _next("2", replace(CHANCE, guests_may_order=False)) == TO_A_PERSON


def test_who_is_deciding_is_left_alone_for_a_while() -> None:
    assert _next("3") == Next(Follow.CALM_STEP, NOW + timedelta(days=3))


def test_who_is_deciding_and_names_a_day_is_written_to_then() -> None:
    assert _next("je réfléchis, jeudi 18h").at == datetime(2026, 11, 26, 17, tzinfo=UTC)


def test_no_time_comes_back_at_the_hour_that_was_wished() -> None:
    wished = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    assert _next("4, demain 18h") == Next(Follow.AT_HOUR, wished, outside_caps=False)
    assert _next("ce soir").outside_caps


def test_no_time_without_an_hour_comes_back_calmly_a_day_later() -> None:
    at = NOW + timedelta(days=1)
    assert _next("4") == Next(Follow.CALM_STEP, at, outside_caps=True)


@pytest.mark.parametrize("text", ["5", "autre", "Vous l'avez en bleu ?", ""])
def test_another_reason_or_a_strange_reply_reaches_a_person_and_pauses(text: str) -> None:
    assert _next(text) == Next(Follow.MERCHANT, pauses=True)
    assert _next(text, replace(CHANCE, cart_is_open=False)) == TO_A_PERSON


@pytest.mark.parametrize("text", ["STOP", "1 STOP", "arrêt"])
def test_nothing_follows_a_stop(text: str) -> None:
    assert _next(text) == Next(Follow.NOTHING)
    assert _next(text, replace(CHANCE, answered_before=True)) == Next(Follow.NOTHING)


def test_a_second_answer_is_no_second_offer() -> None:
    assert _next("1", replace(CHANCE, answered_before=True)) == TO_A_PERSON


def test_a_cart_that_is_over_gets_no_message() -> None:
    assert _next("1", replace(CHANCE, cart_is_open=False)) == Next(Follow.NOTHING)


def test_a_wish_is_kept_to_within_decent_hours() -> None:
    late = replace(CHANCE, decent=lambda at: at + timedelta(hours=12))
    assert _next("ce soir", late).at == datetime(2026, 11, 24, 6, tzinfo=UTC)
    never = replace(CHANCE, decent=lambda at: None)
    assert _next("ce soir", never) == Next(Follow.NOTHING)
