"""The merchant's words, filled with a cart that is larger than any they were tried with."""

from __future__ import annotations

from typing import Any

import pytest

from recovery import tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_checks import may_be_saved, problems
from recovery.programme_form import Delay, Programme, Start, Step
from recovery.wording import longest
from tests.conftest import SetClock
from tests.recovery.channel_stories import BOTH, HOUR, a_person, a_shop_with_mail, left_cart, save
from tests.recovery.stories import a_line, rows
from tests.recovery.test_fallbacks import send

LIST = "{% for line in lines %}{{ line.title }}, {% endfor %}"
FEW = LIST.replace("in lines", "in lines limit: 5")
FRAME = "Coucou {{ shop }} {{ link }} {{ stop_words }}{{ stop_link }} "


def a_listing(channel: Channel, words: str = FRAME + LIST, **more: Any) -> Programme:
    step = Step(number=1, channel=channel, delay=Delay(HOUR), texts={"fr": words}, **more)
    return Programme(start=Start.CART, holdout=0.0, steps=(step,))


def what_left(database: Database, clock: SetClock, form: Programme, lines: int) -> Any:
    """The message about a cart of so many lines, and the notices."""
    shop = a_shop_with_mail(database, clock())
    save(database, shop, form, clock)
    cart = tuple(a_line(f"{at:03d} " + "x" * 196) for at in range(lines))
    left_cart(database, shop, clock, shopper=a_person(clock(), *BOTH), lines=cart)
    clock.forward(minutes=61)
    (letter,) = send(database, shop, clock)
    return letter.message, rows(database, tables.notices)


@pytest.mark.parametrize("channel", BOTH)
def test_a_large_cart_gets_our_words_and_the_merchant_is_told(
    database: Database, clock: SetClock, channel: Channel
) -> None:
    message, notices = what_left(database, clock, a_listing(channel), 50)
    assert "Coucou" not in message.text
    assert "Atelier Nord" in message.text and "/r/" in message.text
    (notice,) = notices
    assert "too long for a large cart" in notice.words and notice.over_at is None


@pytest.mark.parametrize("channel", BOTH)
def test_a_usual_cart_gets_the_merchants_words(
    database: Database, clock: SetClock, channel: Channel
) -> None:
    message, notices = what_left(database, clock, a_listing(channel), 2)
    assert "Coucou" in message.text
    assert notices == []


@pytest.mark.parametrize(("words", "is_warned"), [(FRAME + LIST, True), (FRAME + FEW, False)])
@pytest.mark.parametrize("channel", BOTH)
def test_words_that_grow_with_the_cart_are_warned_of(
    channel: Channel, words: str, is_warned: bool
) -> None:
    found = problems(a_listing(channel, words), "FR", "EUR")
    assert [each.where for each in found] == ["steps/1/texts/fr"] * is_warned
    assert may_be_saved(found)


def test_the_longest_is_of_fifty_long_lines() -> None:
    assert longest("{{ items_count }}") == 3
    assert longest(LIST) is None
    assert longest(FEW) == 5 * 202 - 1
