"""What is wrong with a programme before it is saved, beyond what its form says.

Read from top to bottom: the whole, its sequence in time, its channels by country, its
variants. What concerns one step alone is in `step_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from recovery.adaptive import FLOOR
from recovery.arms import CONTROL, HELD_OUT
from recovery.borders import BORDERS
from recovery.model import Channel
from recovery.programme_form import (
    LONGEST_NAME,
    MOST_STEPS,
    MOST_VARIANTS,
    End,
    Programme,
    Start,
    Step,
    Variant,
)
from recovery.programme_problems import Problem, Problems
from recovery.sending_hours import rule_for
from recovery.step_checks import asks_for_amount, condition_problems, step_problems
from recovery.timing import PROMISE

_TAKEN = frozenset({HELD_OUT, CONTROL})  # arms that are no variants
__all__ = ["Problem", "may_be_saved", "problems", "reaches"]

USUAL_IDLE = timedelta(minutes=30)
MOST_DAYS = 90
DAY = 86_400
#: Channel → (most messages, within seconds): the caps of a person where a shop sets none.
USUAL_CAPS = {
    Channel.SMS: ((1, DAY), (3, 7 * DAY)),
    Channel.EMAIL: ((1, DAY),),
}


def problems(
    programme: Programme,
    country: str | None,
    currency: str | None = None,
    *,
    idle: timedelta = USUAL_IDLE,
    sender: str | None = None,
    shop: str | None = None,
) -> list[Problem]:
    """All that is wrong with `programme`, in the order of its JSON; empty: it may be saved.

    `country` (ISO 3166 alpha-2) and `currency` are the shop's. `idle` is how long a cart must
    be left alone before the programme starts; the promise of twelve hours counts it in.
    `sender` and `shop` (its name) are what `wording.check` takes. Raises nothing for any
    programme that the form can read.
    """
    steps = sorted(programme.steps, key=lambda step: step.number)
    found = [*_whole(programme, currency), *condition_problems("when", programme.when)]
    for step in steps:
        found += step_problems(step, f"steps/{step.number}", sender, shop)
    sequence = list(_sequence(programme, steps, country, idle))
    found += sequence
    for variant in programme.variants[:MOST_VARIANTS]:
        place = f"variants/{variant.name[:LONGEST_NAME]}"
        found += _variant(variant, steps, place)
        for step in variant.steps[:MOST_STEPS]:
            found += step_problems(step, f"{place}/steps/{step.number}", sender, shop)
        played = _sequence(programme, _played(steps, variant), country, idle)
        found += [each.within(place) for each in played if each not in sequence]
    return found


def may_be_saved(found: Sequence[Problem]) -> bool:
    """Whether there is nothing worse than warnings in what `problems` found."""
    return all(problem.is_warning for problem in found)


def reaches(step: Step) -> frozenset[Channel]:
    """The channels on which a step may leave: its own, and the one it falls back to."""
    return frozenset({step.channel, step.fallback or step.channel})


# The whole


def _whole(programme: Programme, currency: str | None) -> Problems:
    yield from _numbered(programme.steps)
    if not 0 <= programme.holdout <= 0.5:
        yield Problem(
            "holdout",
            "The share of people held out must lie between 0 and 50 %.",
            "La part des personnes témoins doit être entre 0 et 50 %.",
        )
    if not 1 <= programme.ends_after_days <= MOST_DAYS:
        yield Problem(
            "ends_after_days",
            f"A programme ends after 1 to {MOST_DAYS} days.",
            f"Un programme se termine après 1 à {MOST_DAYS} jours.",
        )
    if not (programme.border.is_finite() and programme.border > 0):
        yield Problem(
            "border",
            "The border must be an amount above zero.",
            "Le seuil doit être un montant supérieur à zéro.",
        )
    for end in (End.ORDER, End.OPT_OUT):
        if end not in programme.ends:
            yield Problem(
                "ends",
                f"Every programme ends with: {_ENDS[end][0]}.",
                f"Tout programme se termine par : {_ENDS[end][1]}.",
            )
    yield from _shares(programme)
    yield from _currency(programme, currency)


_ENDS = {
    End.ORDER: ("an order", "une commande"),
    End.OPT_OUT: ("an opt-out", "un désabonnement"),
}


def _numbered(steps: Sequence[Step]) -> Problems:
    if not steps:
        yield Problem("steps", "There is no step.", "Il n’y a aucune étape.")
    if len(steps) > MOST_STEPS:
        yield Problem(
            "steps",
            f"There are {len(steps)} steps; at most {MOST_STEPS} are possible.",
            f"Il y a {len(steps)} étapes ; {MOST_STEPS} au plus sont possibles.",
        )
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        yield Problem(
            "steps",
            "The steps must be numbered 1, 2, 3 … in their order.",
            "Les étapes doivent être numérotées 1, 2, 3… dans leur ordre.",
        )


def _shares(programme: Programme) -> Problems:
    variants = programme.variants
    if len(variants) > MOST_VARIANTS:
        yield Problem(
            "variants",
            f"There are {len(variants)} variants; at most {MOST_VARIANTS} are possible.",
            f"Il y a {len(variants)} variantes ; {MOST_VARIANTS} au plus sont possibles.",
        )
    if sum(variant.weight for variant in variants) > 100:
        yield Problem(
            "variants",
            "The shares of the variants come to more than 100 %.",
            "Les parts des variantes dépassent 100 %.",
        )
    names = [variant.name.strip().casefold() for variant in variants]
    if len(set(names)) < len(names):
        yield Problem(
            "variants",
            "Two variants have the same name.",
            "Deux variantes portent le même nom.",
        )
    if programme.adaptive:
        yield from _adaptive(variants)


def _adaptive(variants: Sequence[Variant]) -> Problems:
    if len(variants) < 2:
        yield Problem(
            "adaptive",
            "There are no two variants between which shares could move.",
            "Il n’y a pas deux variantes entre lesquelles répartir les parts.",
            is_warning=True,
        )
    elif sum(variant.weight for variant in variants) < FLOOR * len(variants):
        yield Problem(
            "adaptive",
            f"Each variant keeps {FLOOR} %: together they need {FLOOR * len(variants)} % or more.",
            f"Chaque variante garde {FLOOR} % : il en faut {FLOOR * len(variants)} % au moins.",
            is_warning=True,
        )
    elif sum(variant.weight for variant in variants) == 100:
        yield Problem(
            "adaptive",
            "The variants leave nobody in the control: there is nothing to compare them with.",
            "Les variantes ne laissent personne dans le groupe « control » : "
            "il n’y a rien à quoi les comparer.",
            is_warning=True,
        )


def _currency(programme: Programme, currency: str | None) -> Problems:
    if currency is None or currency in BORDERS:
        return
    steps = [*programme.steps, *(step for each in programme.variants for step in each.steps)]
    conditions = [programme.when, *(step.when for step in steps)]
    if any(step.delay.above is not None for step in steps):
        yield Problem(
            "border",
            f"The border is not known in {currency[:3]}: the delays below it are taken.",
            f"Le seuil n’est pas connu en {currency[:3]} : les délais sous le seuil sont pris.",
            is_warning=True,
        )
    if any(asks_for_amount(each) for each in conditions):
        yield Problem(
            "when",
            f"Amounts cannot be compared in {currency[:3]}: such a condition never holds.",
            f"Les montants ne se comparent pas en {currency[:3]} : "
            "une telle condition n’est jamais remplie.",
            is_warning=True,
        )


# The sequence in time


def _sequence(
    programme: Programme, steps: Sequence[Step], country: str | None, idle: timedelta
) -> Problems:
    """Over both sides of the border; what is wrong on both is said once."""
    said: set[Problem] = set()
    for is_above in (False, True):
        offsets = _offsets(steps, is_above)
        for problem in _in_time(programme, steps, offsets, country, idle):
            if problem not in said:
                said.add(problem)
                yield problem


def _offsets(steps: Sequence[Step], is_above: bool) -> list[int]:
    """Seconds from the start to each step, as its own delays wish it."""
    found: list[int] = []
    for step in steps:
        above = step.delay.above
        delay = above if is_above and above is not None else step.delay.below
        found.append(delay + (found[-1] if found and step.since == "step" else 0))
    return found


def _in_time(
    programme: Programme,
    steps: Sequence[Step],
    offsets: list[int],
    country: str | None,
    idle: timedelta,
) -> Problems:
    if offsets and programme.start is Start.CART:
        yield from _promise(steps[0], offsets[0], idle)
    for step, offset, before in zip(steps, offsets, [-1, *offsets], strict=False):
        if offset <= before:
            yield Problem(
                f"steps/{step.number}/delay",
                f"Step {step.number} must come later than the one before it.",
                f"L’étape {step.number} doit venir après la précédente.",
            )
        if offset > programme.ends_after_days * DAY:
            yield Problem(
                f"steps/{step.number}/delay",
                f"Step {step.number} comes after the programme has ended "
                f"({programme.ends_after_days} days).",
                f"L’étape {step.number} vient après la fin du programme "
                f"({programme.ends_after_days} jours).",
            )
    if programme.start is Start.CART:
        yield from _country(steps, offsets, country)
    for channel in Channel:
        yield from _caps(steps, offsets, channel)


def _promise(first: Step, offset: int, idle: timedelta) -> Problems:
    if idle.total_seconds() + offset > PROMISE.total_seconds():
        yield Problem(
            f"steps/{first.number}/delay",
            "The first message must leave within twelve hours of the shopper’s last change, "
            "the time a cart is left alone included.",
            "Le premier message doit partir dans les douze heures qui suivent le dernier "
            "changement du client, temps d’inactivité compris.",
        )


# Its channels


def _country(steps: Sequence[Step], offsets: list[int], country: str | None) -> Problems:
    """A country's limits on the texts of one cart: a fallback to SMS is a text as well."""
    rule = rule_for(country)
    if rule.texts_per_cart is None:
        return
    within = rule.cart_texts_within or timedelta.max
    texts = [pair for pair in zip(steps, offsets, strict=True) if Channel.SMS in reaches(pair[0])]
    for at, (step, offset) in enumerate(texts, 1):
        where = f"steps/{step.number}/channel"
        if at > rule.texts_per_cart:
            yield Problem(
                where,
                f"In this country one cart may cause one text: step {step.number} would be "
                "another. Make it an e-mail without fallback.",
                "Dans ce pays, un panier ne peut donner lieu qu’à un SMS : l’étape "
                f"{step.number} en serait un autre. Faites-en un e-mail sans repli.",
            )
        elif offset > within.total_seconds():
            hours = int(within.total_seconds()) // 3600
            yield Problem(
                where,
                f"In this country a cart’s text must leave within {hours} hours.",
                f"Dans ce pays, le SMS d’un panier doit partir dans les {hours} heures.",
            )


def _caps(steps: Sequence[Step], offsets: list[int], channel: Channel) -> Problems:
    there = [pair for pair in zip(steps, offsets, strict=True) if channel in reaches(pair[0])]
    for most, within in USUAL_CAPS[channel]:
        for (step, offset), (_, earlier) in zip(there[most:], there, strict=False):
            if offset - earlier < within:
                yield _capped(step, channel, most, within // DAY)


def _capped(step: Step, channel: Channel, most: int, days: int) -> Problem:
    name = "SMS" if channel is Channel.SMS else "e-mail"
    span_en = "a day" if days == 1 else f"in {days} days"
    span_fr = "par jour" if days == 1 else f"en {days} jours"
    return Problem(
        f"steps/{step.number}/delay",
        f"Step {step.number} may be held up: a person gets at most {most} {name} {span_en}.",
        f"L’étape {step.number} peut être retenue : une personne reçoit au plus "
        f"{most} {name} {span_fr}.",
        is_warning=True,
    )


# Its variants


def _played(steps: Sequence[Step], variant: Variant) -> list[Step]:
    """The steps as the people of a variant get them."""
    other = {step.number: step for step in variant.steps}
    return [other.get(step.number, step) for step in steps]


def _variant(variant: Variant, steps: Sequence[Step], place: str) -> Problems:
    name = variant.name.strip()
    if not name or len(name) > LONGEST_NAME or name.casefold() in _TAKEN:
        yield Problem(
            place,
            f"A variant needs a name of 1 to {LONGEST_NAME} characters, other than "
            "“control” or “held_out”.",
            f"Une variante a un nom de 1 à {LONGEST_NAME} caractères, autre que "
            "« control » ou « held_out ».",
        )
    if not 1 <= variant.weight <= 100:
        yield Problem(
            f"{place}/weight",
            "The share of a variant lies between 1 and 100 %.",
            "La part d’une variante est entre 1 et 100 %.",
        )
    numbers = [step.number for step in variant.steps]
    if not numbers:
        yield Problem(
            f"{place}/steps",
            "The variant changes no step.",
            "La variante ne change aucune étape.",
        )
    if len(set(numbers)) < len(numbers):
        yield Problem(
            f"{place}/steps",
            "The variant replaces the same step twice.",
            "La variante remplace deux fois la même étape.",
        )
    for number in sorted(set(numbers) - {step.number for step in steps}):
        yield Problem(
            f"{place}/steps/{number}",
            f"There is no step {number} that this one could replace.",
            f"Il n’y a pas d’étape {number} que celle-ci pourrait remplacer.",
        )
