"""Changes of a whole programme: a step more, less, or elsewhere; a variant more or less.

Each takes a programme and gives another; whether it may be saved, `programme_checks` says.
Variants follow: their steps keep standing in for the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from recovery.model import Channel
from recovery.programme_form import MOST_STEPS, Delay, Programme, Step, Variant

DAY = 86_400
_Change = Callable[[Step], Step | None]


def step_of(form: Programme, number: int, variant: int = 0) -> Step | None:
    """The step of that number; with `variant` (from 1 on) the one that stands in for it there."""
    if variant == 0:
        steps: Iterable[Step] = form.steps
    elif 1 <= variant <= len(form.variants):
        steps = form.variants[variant - 1].steps
    else:
        steps = ()
    return next((step for step in steps if step.number == number), None)


def with_step(form: Programme, step: Step, variant: int = 0) -> Programme:
    """The programme with `step` in the place of the one of its number, there."""
    if variant == 0:
        return replace(form, steps=_put(form.steps, step))
    mine = form.variants[variant - 1]
    return with_variant(form, variant, replace(mine, steps=_put(mine.steps, step)))


def with_variant(form: Programme, variant: int, new: Variant | None) -> Programme:
    """The programme with another variant in that place (from 1 on); None: without it."""
    kept = [new if at == variant else each for at, each in enumerate(form.variants, 1)]
    return replace(form, variants=tuple(each for each in kept if each is not None))


def with_another_step(form: Programme) -> Programme:
    """One step more at the end: an e-mail a day after the one before it."""
    number = len(form.steps) + 1
    step = Step(number, Channel.EMAIL, Delay(DAY), "step", words="second")
    if not form.steps:
        step = Step(1, Channel.EMAIL, Delay(DAY // 48))
    return replace(form, steps=(*form.steps, step))


def without_step(form: Programme, number: int) -> Programme:
    """One step less. The ones behind it leave when they left; a new first one takes its time."""
    gone = step_of(form, number)
    if gone is None:
        return form

    def left(step: Step) -> Step | None:
        if step.number == number:
            return None
        if step.number == number + 1:
            step = _in_place_of(gone, step)
        return replace(step, number=step.number - (step.number > number))

    return _each(form, left)


def moved(form: Programme, number: int, by: int) -> Programme:
    """That step `by` places further. Times stay where they are; what is sent changes places."""
    other = number + by
    one, two = step_of(form, number), step_of(form, other)
    if one is None or two is None or one == two:
        return form
    places = {number: two, other: one}

    def there(step: Step) -> Step:
        place = places.get(step.number)
        if place is None:
            return step
        return replace(step, number=place.number, delay=place.delay, since=place.since)

    return _each(form, there)


def varied(form: Programme, number: int, name: str, weight: int) -> Programme:
    """One variant more, in which that step may become another: as yet it is the same."""
    step = step_of(form, number)
    if step is None:
        return form
    return replace(form, variants=(*form.variants, Variant(name, weight, (step,))))


def is_full(form: Programme) -> bool:
    """Whether there is no room for a step more."""
    return len(form.steps) >= MOST_STEPS


def _put(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    others = [each for each in steps if each.number != step.number]
    if len(others) == len(steps):
        return tuple(sorted((*steps, step), key=lambda each: each.number))
    return tuple(step if each.number == step.number else each for each in steps)


def _in_place_of(gone: Step, after: Step) -> Step:
    """The step behind one that goes, so that it leaves when it left (or, first now, as that)."""
    if gone.number == 1:
        return replace(after, delay=gone.delay, since="start")
    if after.since == "start":
        return after
    first, second = gone.delay, after.delay
    above = None
    if first.above is not None or second.above is not None:
        above = _large(first) + _large(second)
    return replace(after, delay=Delay(first.below + second.below, above), since=gone.since)


def _large(delay: Delay) -> int:
    return delay.below if delay.above is None else delay.above


def _each(form: Programme, change: _Change) -> Programme:
    """The programme with each of its steps changed; a variant without steps is no variant."""
    variants = [replace(each, steps=_changed(each.steps, change)) for each in form.variants]
    steps = _changed(form.steps, change)
    return replace(form, steps=steps, variants=tuple(each for each in variants if each.steps))


def _changed(steps: tuple[Step, ...], change: _Change) -> tuple[Step, ...]:
    kept = [each for each in map(change, steps) if each is not None]
    return tuple(sorted(kept, key=lambda step: step.number))
