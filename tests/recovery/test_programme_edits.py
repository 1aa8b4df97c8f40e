"""Steps and variants more, less and elsewhere: what stays with what, and when it leaves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from recovery import programme_edits as edits
from recovery.model import Channel
from recovery.presets import PRESETS, preset
from recovery.programme_checks import may_be_saved, problems
from recovery.programme_form import Delay, Programme, Start, Step, Variant
from tests.recovery.programme_chances import programmes

FASHION = PRESETS["fashion"].programme
HOUR, DAY = 3_600, 86_400


def is_sound(form: Programme) -> bool:
    return may_be_saved(problems(form, "FR", "EUR"))


def moments(form: Programme) -> list[int]:
    found = [0]
    for step in form.steps:
        found.append(step.delay.below + (found[-1] if step.since == "step" else 0))
    return found[1:]


def test_a_step_that_goes_lets_the_others_leave_when_they_left() -> None:
    before = moments(FASHION)
    assert moments(edits.without_step(FASHION, 2)) == [before[0], before[2]]
    assert moments(edits.without_step(FASHION, 3)) == before[:2]


def test_a_new_first_step_takes_the_time_of_the_old_one() -> None:
    form = edits.without_step(FASHION, 1)
    assert form.steps[0].delay == FASHION.steps[0].delay
    assert (form.steps[0].number, form.steps[0].since) == (1, "start")
    assert form.steps[0].channel == Channel.EMAIL
    assert is_sound(form)


def test_a_step_that_moves_takes_its_words_and_leaves_its_time() -> None:
    form = edits.moved(FASHION, 2, -1)
    assert moments(form) == moments(FASHION)
    assert [step.words for step in form.steps] == ["second", "reminder", "last"]
    assert is_sound(form)
    assert edits.moved(form, 1, 1) == FASHION


@pytest.mark.parametrize(("number", "by"), [(1, -1), (3, 1), (9, -1), (0, 1)])
def test_a_step_at_the_edge_stays(number: int, by: int) -> None:
    assert edits.moved(FASHION, number, by) == FASHION


def test_a_step_more_comes_a_day_after_the_last() -> None:
    form = edits.with_another_step(FASHION)
    assert form.steps[3] == Step(4, Channel.EMAIL, Delay(DAY), "step", words="second")
    assert is_sound(form)
    alone = edits.with_another_step(Programme(Start.CART, ()))
    assert is_sound(alone)
    assert not edits.is_full(form)
    assert edits.is_full(replace(form, steps=form.steps * 2))


def test_a_variant_begins_as_the_step_it_stands_in_for() -> None:
    form = edits.varied(FASHION, 2, "B", 40)
    assert form.variants == (Variant("B", 40, (FASHION.steps[1],)),)
    assert is_sound(form)
    assert edits.step_of(form, 2, 1) == FASHION.steps[1]
    assert edits.step_of(form, 1, 1) is None
    assert edits.step_of(form, 2, 2) is None
    other = replace(FASHION.steps[1], words="calm")
    changed = edits.with_step(form, other, 1)
    assert edits.step_of(changed, 2, 1) == other
    assert changed.steps == FASHION.steps
    assert edits.with_variant(changed, 1, None) == FASHION


def test_a_variants_steps_follow_theirs() -> None:
    form = edits.varied(edits.varied(FASHION, 3, "B", 40), 1, "C", 10)
    moved = edits.moved(form, 3, -1)
    assert moved.variants[0].steps[0].number == 2
    assert moved.variants[0].steps[0].delay == FASHION.steps[1].delay
    assert is_sound(moved)
    less = edits.without_step(form, 1)
    assert [variant.name for variant in less.variants] == ["B"]  # C changed nothing any more
    assert less.variants[0].steps[0].number == 2


@settings(max_examples=80, deadline=None)
@given(programmes())
def test_steps_stay_numbered_whatever_is_done(form: Programme) -> None:
    for number in range(5):
        for new in (
            edits.without_step(form, number),
            edits.moved(form, number, 1),
            edits.moved(form, number, -1),
            edits.with_another_step(form),
        ):
            numbers = [step.number for step in new.steps]
            assert numbers == list(range(1, len(numbers) + 1))
            for variant in new.variants:
                assert {step.number for step in variant.steps} <= set(numbers)
        there_and_back = edits.moved(edits.moved(form, number, 1), number + 1, -1)
        assert [s.texts for s in there_and_back.steps] == [s.texts for s in form.steps]


@pytest.mark.parametrize("trade", PRESETS)
def test_every_preset_may_lose_any_step_and_gain_one(trade: str) -> None:
    form = preset(trade, "FR")
    for step in form.steps:
        assert is_sound(edits.without_step(form, step.number))
    assert is_sound(edits.with_another_step(form))
