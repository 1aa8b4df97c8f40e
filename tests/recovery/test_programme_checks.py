"""What is said of a programme before it is saved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from recovery.model import Channel
from recovery.programme_checks import Problem, may_be_saved, problems
from recovery.programme_form import (
    AllOf,
    AnyOf,
    Condition,
    Delay,
    End,
    Fact,
    Incentive,
    Not,
    Programme,
    Start,
    Step,
    Variant,
)

HOUR, DAY = 3_600, 86_400


def a_step(number: int = 1, below: int = HOUR, **given: Any) -> Step:
    asked = {"channel": Channel.SMS, "delay": Delay(below), **given}
    return Step(number=number, **asked)


def a_programme(*steps: Step, **given: Any) -> Programme:
    return Programme(**{"start": Start.CART, "steps": steps or (a_step(),), **given})


def said(programme: Programme, country: str | None = "FR", **given: Any) -> list[Problem]:
    found = problems(programme, country, **given)
    assert all(
        each.words("fr") != each.words("en") for each in found if "Line 1" not in each.words_en
    )
    return found


def where(programme: Programme, country: str | None = "FR", **given: Any) -> list[str]:
    return [each.where for each in said(programme, country, **given)]


THREE = (
    a_step(1, HOUR, fallback=Channel.EMAIL),
    a_step(2, 30 * HOUR, channel=Channel.EMAIL),
    a_step(3, 80 * HOUR),
)


def test_a_sound_programme_has_no_problem() -> None:
    assert said(a_programme(*THREE)) == []
    assert said(a_programme(*THREE), None) == []


@pytest.mark.parametrize(
    ("programme", "place"),
    [
        (Programme(start=Start.CART, steps=()), "steps"),
        (a_programme(a_step(2)), "steps"),
        (a_programme(a_step(1), a_step(1, 2 * DAY)), "steps"),
        (a_programme(a_step(1), a_step(3, 2 * DAY)), "steps"),
        (a_programme(*THREE, holdout=0.51), "holdout"),
        (a_programme(*THREE, holdout=-0.01), "holdout"),
        (a_programme(*THREE, holdout=float("nan")), "holdout"),
        (a_programme(*THREE, ends_after_days=0), "ends_after_days"),
        (a_programme(*THREE, ends_after_days=91), "ends_after_days"),
        (a_programme(*THREE, border=Decimal(0)), "border"),
        (a_programme(*THREE, border=Decimal("NaN")), "border"),
        (a_programme(*THREE, border=Decimal("sNaN")), "border"),
        (a_programme(*THREE, ends=(End.OPT_OUT,)), "ends"),
        (a_programme(*THREE, ends=(End.ORDER,)), "ends"),
        (a_programme(a_step(fallback=Channel.SMS)), "steps/1/fallback"),
        (a_programme(a_step(below=-1)), "steps/1/delay"),
        (a_programme(a_step(words="hurry")), "steps/1/words"),
    ],
)
def test_each_thing_that_is_wrong_is_said_where_it_is(programme: Programme, place: str) -> None:
    found = said(programme)
    assert place in [each.where for each in found]
    assert not may_be_saved(found)


def test_at_most_eight_steps() -> None:
    days = [a_step(at, at * 4 * DAY) for at in range(2, 10)]
    eight, nine = a_programme(a_step(), *days[:7]), a_programme(a_step(), *days)
    assert where(replace(eight, ends_after_days=40)) == []
    assert "steps" in where(replace(nine, ends_after_days=40))


@pytest.mark.parametrize(
    ("below", "above", "idle", "is_right"),
    [
        (11 * HOUR + 1800, None, 30, True),
        (11 * HOUR + 1801, None, 30, False),
        (HOUR, 11 * HOUR + 1801, 30, False),
        (11 * HOUR + 1801, HOUR, 30, False),
        (11 * HOUR, None, 60, True),
        (11 * HOUR + 1, None, 60, False),
        (HOUR, None, 12 * 60, False),
    ],
)
def test_the_first_message_leaves_within_twelve_hours_of_the_last_change(
    below: int, above: int | None, idle: int, is_right: bool
) -> None:
    programme = a_programme(a_step(delay=Delay(below, above)))
    expected = [] if is_right else ["steps/1/delay"]
    assert where(programme, idle=timedelta(minutes=idle)) == expected


def test_other_starts_than_the_cart_promise_no_twelve_hours() -> None:
    assert where(a_programme(a_step(below=2 * DAY), start=Start.QUIET)) == []


@pytest.mark.parametrize(
    ("delays", "since", "wrong"),
    [
        (((HOUR, None), (2 * DAY, None)), "start", []),
        (((HOUR, None), (HOUR, None)), "start", ["steps/2/delay"]),
        (((HOUR, None), (0, None)), "step", ["steps/2/delay"]),
        (((HOUR, None), (DAY, None)), "step", []),
        (((HOUR, None), (14 * DAY, None)), "start", []),
        (((HOUR, None), (14 * DAY + 1, None)), "start", ["steps/2/delay"]),
        (((HOUR, None), (14 * DAY, None)), "step", ["steps/2/delay"]),
        # Above the border alone: the second one comes before the first, or too late.
        (((HOUR, 3 * HOUR), (2 * DAY, 2 * HOUR)), "start", ["steps/2/delay"]),
        (((HOUR, None), (2 * DAY, 15 * DAY)), "start", ["steps/2/delay"]),
        (((HOUR, None), (10**18, None)), "step", ["steps/2/delay"]),
    ],
)
def test_steps_come_one_after_the_other_and_before_the_end(
    delays: tuple[tuple[int, int | None], ...], since: Any, wrong: list[str]
) -> None:
    steps = [
        a_step(at, channel=list(Channel)[at % 2], delay=Delay(*pair), since=since)
        for at, pair in enumerate(delays, 1)
    ]
    assert where(a_programme(*steps)) == wrong


def test_steps_are_read_in_the_order_of_their_numbers() -> None:
    programme = a_programme(*THREE)
    turned = replace(programme, steps=tuple(reversed(THREE)))
    assert "steps" in where(turned)
    assert "steps/2/delay" not in where(turned)


# Countries and caps


@pytest.mark.parametrize(
    ("channels", "wrong"),
    [
        (((Channel.SMS, None), (Channel.EMAIL, None)), []),
        (((Channel.SMS, None), (Channel.SMS, None)), ["steps/2/channel"]),
        (((Channel.SMS, None), (Channel.EMAIL, Channel.SMS)), ["steps/2/channel"]),
        (((Channel.EMAIL, Channel.SMS), (Channel.SMS, None)), ["steps/2/channel"]),
        (((Channel.EMAIL, None), (Channel.SMS, None)), []),
    ],
)
def test_a_cart_of_the_united_states_causes_one_text(
    channels: tuple[tuple[Channel, Channel | None], ...], wrong: list[str]
) -> None:
    steps = [
        a_step(at, HOUR + (at - 1) * 47 * HOUR, channel=channel, fallback=fallback)
        for at, (channel, fallback) in enumerate(channels, 1)
    ]
    assert where(a_programme(*steps), "US") == wrong
    assert where(a_programme(*steps), "us") == wrong
    assert where(a_programme(*steps), "FR") == []
    assert may_be_saved(said(a_programme(*steps), "US")) is not bool(wrong)


def test_a_text_in_the_united_states_leaves_within_48_hours() -> None:
    late = (a_step(1, channel=Channel.EMAIL), a_step(2, 48 * HOUR + 1))
    assert where(a_programme(*late), "US") == ["steps/2/channel"]
    assert where(a_programme(*late), "DE") == []


@pytest.mark.parametrize(
    ("hours", "channel", "held"),
    [
        ((1, 25), Channel.SMS, []),
        ((1, 24), Channel.SMS, ["steps/2/delay"]),
        ((1, 24), Channel.EMAIL, ["steps/2/delay"]),
        ((1, 40, 80, 168), Channel.SMS, ["steps/4/delay"]),
        ((1, 40, 80, 169), Channel.SMS, []),
        ((1, 40, 80, 168), Channel.EMAIL, []),
    ],
)
def test_a_step_that_the_caps_would_hold_is_warned_of(
    hours: tuple[int, ...], channel: Channel, held: list[str]
) -> None:
    steps = [a_step(at, each * HOUR, channel=channel) for at, each in enumerate(hours, 1)]
    found = said(a_programme(*steps))
    assert [each.where for each in found] == held
    assert may_be_saved(found)


def test_a_currency_that_the_table_lacks_is_warned_of_where_it_matters() -> None:
    large = Not(AllOf((Fact("amount", "at_least", "10"),)))
    programme = a_programme(a_step(delay=Delay(HOUR, 2 * HOUR), when=large))
    assert where(programme, currency="EUR") == []
    assert where(programme, currency="XYZ") == ["border", "when"]
    assert may_be_saved(said(programme, currency="XYZ"))
    assert where(a_programme(), currency="XYZ") == []


# Variants


def a_variant(name: str = "B", weight: int = 50, *steps: Step) -> Variant:
    return Variant(name, weight, steps or (a_step(1, 2 * HOUR),))


@pytest.mark.parametrize(
    ("variants", "places"),
    [
        ((a_variant(), a_variant("C")), []),
        ((a_variant("B", 51), a_variant("C", 50)), ["variants"]),
        ((a_variant("B", 20), a_variant(" b ", 20)), ["variants"]),
        (tuple(a_variant(name, 10) for name in "BCDEF"), ["variants"]),
        ((a_variant("B", 0),), ["variants/B/weight"]),
        ((a_variant(" "),), ["variants/ "]),
        ((a_variant("Control"),), ["variants/Control"]),
        ((Variant("B", 50, ()),), ["variants/B/steps"]),
        ((a_variant("B", 50, a_step(1), a_step(1)),), ["variants/B/steps"]),
        ((a_variant("B", 50, a_step(4, 5 * DAY)),), ["variants/B/steps/4"]),
        ((a_variant("B", 50, a_step(1, 13 * HOUR)),), ["variants/B/steps/1/delay"]),
        ((a_variant("B", 50, a_step(2, 81 * HOUR)),), ["variants/B/steps/3/delay"] * 2),
        ((a_variant("B", 50, a_step(1, words="hurry")),), ["variants/B/steps/1/words"]),
    ],
)
def test_variants_replace_steps_and_share_a_hundred(
    variants: tuple[Variant, ...], places: list[str]
) -> None:
    assert where(a_programme(*THREE, variants=variants)) == places


def test_what_is_wrong_with_the_programme_is_not_said_again_of_its_variants() -> None:
    steps = (a_step(1, 13 * HOUR), a_step(2, 14 * HOUR, channel=Channel.EMAIL))
    harmless = a_variant("B", 50, a_step(2, 15 * HOUR, channel=Channel.EMAIL))
    assert where(a_programme(*steps, variants=(harmless,))) == ["steps/1/delay"]


def test_a_variant_may_not_bring_a_second_text_to_the_united_states() -> None:
    steps = (a_step(1), a_step(2, 30 * HOUR, channel=Channel.EMAIL))
    programme = a_programme(*steps, variants=(a_variant("B", 50, a_step(2, 30 * HOUR)),))
    assert where(programme, "US") == ["variants/B/steps/2/channel"]
    assert where(programme, "FR") == []


def test_shares_that_adapt_want_variants_room_and_a_control() -> None:
    for weights, wrong in (((), 1), ((50,), 1), ((10, 9), 1), ((50, 50), 1), ((40, 40), 0)):
        later = a_step(1, 2 * HOUR)
        variants = tuple(Variant(f"v{at}", each, (later,)) for at, each in enumerate(weights))
        found = said(a_programme(variants=variants, adaptive=True))
        assert [each.where for each in found] == ["adaptive"] * wrong, weights
        assert may_be_saved(found)


# Conditions


_wild = st.sampled_from([-1, 0, 1, 2, 9, 3_600, 10**30])
_amounts = st.sampled_from([Decimal(each) for each in ("-1", "0", "5", "NaN", "sNaN", "Infinity")])
_written = st.dictionaries(st.text(max_size=3), st.text(max_size=30), max_size=2)
_incentives = st.builds(
    Incentive,
    kind=st.sampled_from(["percent", "amount", "free_shipping"]),
    value=_amounts,
    days=_wild,
    minimum=st.none() | _amounts,
)
_steps = st.builds(
    Step,
    number=_wild,
    channel=st.sampled_from(Channel),
    delay=st.builds(Delay, _wild, st.none() | _wild),
    since=st.sampled_from(["start", "step"]),
    fallback=st.none() | st.sampled_from(Channel),
    texts=_written,
    subjects=_written,
    asks_why=st.booleans(),
    incentive=st.none() | _incentives,
)
_several = st.lists(_steps, max_size=3).map(tuple)
_programmes = st.builds(
    Programme,
    start=st.sampled_from(Start),
    steps=_several,
    holdout=st.floats(),
    variants=st.lists(st.builds(Variant, st.text(max_size=50), _wild, _several), max_size=2).map(
        tuple
    ),
    ends_after_days=_wild,
    border=_amounts,
)


@given(_programmes, st.sampled_from(["FR", "US", "", "?", None]), st.text(max_size=4))
def test_whatever_the_form_can_read_is_judged_without_an_error(
    programme: Programme, country: str | None, currency: str
) -> None:
    for each in problems(programme, country, currency, sender=currency, shop=currency):
        assert each.words_en.strip()
        assert each.words_fr.strip()


def deep(levels: int) -> Condition:
    found: Condition = Fact("orders", "at_least", 1)
    for _ in range(levels - 1):
        found = Not(found)
    return found


@pytest.mark.parametrize(
    ("condition", "is_right"),
    [
        (Fact("orders", "at_least", 1), True),
        (Fact("order", "at_least", 1), False),
        (Fact("orders", "over", 1), False),
        (Fact("orders", "at_least", "1"), False),
        (AnyOf((Fact("orders", "is", 1), Not(Fact("moon", "is", "full")))), False),
        (deep(5), True),
        (deep(6), False),
        (deep(5_000), False),
        (AllOf((Fact("orders", "is", 1),) * 39), True),
        (AllOf((Fact("orders", "is", 1),) * 40), False),
        (AllOf((AllOf(()),) * 40), False),
    ],
)
def test_a_condition_asks_only_what_can_be_asked(condition: Condition, is_right: bool) -> None:
    assert where(a_programme(when=condition)) == ([] if is_right else ["when"])
    in_step = a_programme(a_step(when=condition))
    assert where(in_step) == ([] if is_right else ["steps/1/when"])
