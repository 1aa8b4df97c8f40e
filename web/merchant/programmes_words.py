"""A programme in words: its steps as sentences, its rules, and what differs between two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import format_currency
from babel.units import format_unit
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery.borders import converted
from recovery.condition_words import in_words
from recovery.model import Channel
from recovery.prices import locale_of
from recovery.programme_form import Delay, End, Incentive, Programme, Step
from recovery.shops import ShopRow

CHANNELS = {Channel.SMS: _l("a text message"), Channel.EMAIL: _l("an e-mail")}
#: The kinds of our own words that a step may take.
KINDS = {
    "reminder": _l("a first reminder"),
    "second": _l("a second reminder"),
    "last": _l("the last one"),
    "calm": _l("calm, for what people compare"),
    "b2b": _l("formal, to businesses"),
    "offer": _l("with an offer"),
}
ENDS = {
    End.ORDER: _l("they order"),
    End.OPT_OUT: _l("they refuse messages"),
    End.REPLY: _l("they answer"),
    End.EMPTIED: _l("they empty the cart"),
    End.AGE: _l("its days are over"),
}
_UNITS = ((86_400, "duration-day"), (3_600, "duration-hour"), (60, "duration-minute"))
Difference = tuple[str, str, str, str]


def span(seconds: int) -> str:
    """A time in words: "1 day 2 hours"."""
    parts = []
    for unit, name in _UNITS:
        if seconds >= unit:
            parts.append(format_unit(seconds // unit, name, "long", locale=get_locale()))
            seconds %= unit
    if seconds or not parts:
        parts.append(format_unit(seconds, "duration-second", "long", locale=get_locale()))
    return " ".join(parts)


def amount(value: Decimal, currency: str) -> str:
    """Money as people of the reader's language write it, without empty decimals."""
    locale, is_round = get_locale(), value == value.to_integral_value()
    pattern = locale.currency_formats["standard"].pattern
    pattern = re.sub(r"\.0+", "", pattern) if is_round else pattern
    said = format_currency(value, currency, pattern, locale=locale, currency_digits=not is_round)
    return str(said)


def step(step: Step, form: Programme, shop: ShopRow) -> str:
    """What a step does, in one sentence."""
    said = _("%(when)s: %(what)s", when=when(step, form, shop), what=what(step))
    if step.incentive is not None:
        said = _("%(step)s, with %(offer)s", step=said, offer=offer(step.incentive, shop))
    if step.when is not None:
        only = in_words(step.when, str(get_locale()))
        said = _("%(step)s – only for: %(condition)s", step=said, condition=only)
    return str(said)


def when(step: Step, form: Programme, shop: ShopRow) -> str:
    """When a step leaves, for small carts and large ones."""
    after = _("after the cart is left") if step.since == "start" else _("after the step before")
    said = f"{span(step.delay.below)} {after}"
    above = step.delay.above
    if above is None or above == step.delay.below:
        return said
    larger = {"delay": span(above), "amount": border(form, shop)}
    return said + " " + str(_("(%(delay)s from %(amount)s on)", **larger))


def border(form: Programme, shop: ShopRow) -> str:
    """From which amount on a cart is a large one, in the shop's currency where it is known."""
    currency = shop.currency or "EUR"
    found = converted(form.border, "EUR", currency)
    return amount(form.border, "EUR") if found is None else amount(round(found, 2), currency)


def what(step: Step) -> str:
    """What leaves, and what where that cannot."""
    said = str(CHANNELS[step.channel])
    if step.channel is Channel.SMS and step.rich:
        said = str(_("a text message with a picture"))
    if step.channel is Channel.SMS and step.asks_why:
        said = str(_("a text message that asks why"))
    if step.fallback is not None and step.fallback != step.channel:
        said = str(_("%(one)s, or else %(other)s", one=said, other=CHANNELS[step.fallback]))
    return said


def offer(incentive: Incentive, shop: ShopRow) -> str:
    """What a step may give."""
    if incentive.kind == "free_shipping":
        return str(_("free shipping"))
    if incentive.kind == "percent":
        off = f"{incentive.value.normalize():f} %"
    else:
        off = amount(incentive.value, shop.currency or "EUR")
    return str(_("%(amount)s off", amount=off))


def language(code: str) -> str:
    """A language by its name."""
    return str(get_locale().languages.get(code) or locale_of(code).language)


def whole(form: Programme, shop: ShopRow) -> dict[str, str]:
    """What holds for the whole programme: label and words."""
    ends = [str(ENDS[end]) for end in form.ends]
    days = format_unit(form.ends_after_days, "duration-day", "long", locale=get_locale())
    return {
        str(_("For")): in_words(form.when, str(get_locale())),
        str(_("Share held out")): f"{Decimal(repr(form.holdout)) * 100:f} %".replace(".0 %", " %"),
        str(_("A large cart")): str(_("from %(amount)s on", amount=border(form, shop))),
        str(_("Ends when")): ", ".join(ends),
        str(_("Its days")): days,
    }


def details(step: Step, form: Programme, shop: ShopRow) -> dict[str, str]:
    """All that a step is, label by label."""
    yes, no, gives = str(_("yes")), str(_("no")), step.incentive
    found = {
        str(_("Leaves")): when(step, form, shop),
        str(_("Sends")): what(step),
        str(_("Our words, where you wrote none")): str(KINDS.get(step.words, step.words)),
        str(_("Link")): str(_("our page") if step.page else _("straight to the cart")),
        str(_("Picture")): {"mms": "MMS", "rcs": "RCS"}.get(step.rich or "", no),
        str(_("Asks why")): yes if step.asks_why else no,
        str(_("Offer")): no if gives is None else _offer_in_full(gives, shop),
        str(_("Only for")): in_words(step.when, str(get_locale())),
    }
    for code in sorted(step.texts):
        found[str(_("Text in %(language)s", language=language(code)))] = step.texts[code]
    for code in sorted(step.subjects):
        found[str(_("Subject in %(language)s", language=language(code)))] = step.subjects[code]
    return found


def differences(old: Programme, new: Programme, shop: ShopRow) -> list[Difference]:
    """Where, what, before and after, of all that differs between two versions."""
    before, after = dict(_said(old, shop)), dict(_said(new, shop))
    places = [*after, *(place for place in before if place not in after)]
    return [
        (*place, before.get(place, "–"), after.get(place, "–"))
        for place in places
        if before.get(place) != after.get(place)
    ]


def _offer_in_full(gives: Incentive, shop: ShopRow) -> str:
    said = [offer(gives, shop)]
    said.append(format_unit(gives.days, "duration-day", "long", locale=get_locale()))
    if gives.minimum is not None:
        said.append(
            str(_("from %(amount)s on", amount=amount(gives.minimum, shop.currency or "EUR")))
        )
    if gives.lines == "cart":
        said.append(str(_("on what is in the cart")))
    elif gives.lines:
        said.append(str(_("on these products: %(keys)s", keys=", ".join(gives.lines))))
    if gives.unless_made == "wait":
        said.append(str(_("the step waits for its code")))
    return ", ".join(said)


def _said(form: Programme, shop: ShopRow) -> Iterator[tuple[tuple[str, str], str]]:
    """All of a programme: place and label, and the words there."""
    for label, words in whole(form, shop).items():
        yield (str(_("The whole programme")), label), words
    yes, no = str(_("yes")), str(_("no"))
    yield (str(_("Variants")), str(_("Shares learned from orders"))), yes if form.adaptive else no
    for each in form.steps:
        yield from _of_step(str(_("Step %(number)s", number=each.number)), each, form, shop)
    for variant in form.variants:
        place = str(_("Variant %(name)s", name=variant.name))
        yield (place, str(_("Share"))), f"{variant.weight} %"
        for each in variant.steps:
            there = f"{place}, {_('Step %(number)s', number=each.number)}"
            yield from _of_step(there, each, form, shop)


def _of_step(
    place: str, step: Step, form: Programme, shop: ShopRow
) -> Iterator[tuple[tuple[str, str], str]]:
    for label, words in details(step, form, shop).items():
        yield (place, label), words


def units() -> list[tuple[str, LazyString]]:
    """The units of a delay, for a choice."""
    return [
        ("60", _l("minutes")),
        ("3600", _l("hours")),
        ("86400", _l("days")),
        ("1", _l("seconds")),
    ]


def same_delay(delay: Delay) -> bool:
    """Whether large carts wait as long as small ones."""
    return delay.above is None or delay.above == delay.below
