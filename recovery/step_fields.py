"""A step as fields of a form, and back.

What the form does not show (its texts and subjects) stays as it is. Amounts are in the shop's
currency, delays a number and a unit.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from recovery import condition_fields, ready_texts
from recovery.model import Channel
from recovery.programme_form import Delay, Incentive, Step
from recovery.typed import Typed, written

#: Seconds of the units in which a delay is said, the largest first.
UNITS = (86_400, 3_600, 60, 1)
LONGEST_DELAY = 366 * 86_400
_CHANNELS = tuple(Channel)
_KINDS = ("percent", "amount", "free_shipping")
_DELAY = (
    "This is a number, such as 45; it comes to whole seconds.",
    "Il faut ici un nombre, comme 45 ; il donne des secondes entières.",
)


def fields(step: Step) -> dict[str, str]:
    """The fields that show `step`. A tick box that is off has no field, as browsers send it."""
    shown = _delay_fields("delay", step.delay.below) | _delay_fields("above", step.delay.above)
    shown |= {
        "channel": step.channel.value,
        "since": step.since,
        "fallback": step.fallback.value if step.fallback else "",
        "words": step.words,
        "rich": step.rich or "",
    }
    ticks = {"asks_why": step.asks_why, "page": step.page}
    shown |= {name: "1" for name, is_on in ticks.items() if is_on}
    return shown | _incentive_fields(step.incentive) | condition_fields.fields(step.when)


def read(typed: Typed, was: Step, currency: str | None = None) -> Step:
    """`was` with what was typed; all that cannot be read is in `typed.wrong`, and stays."""
    kinds = {*ready_texts.CHOSEN, was.words}
    below = _seconds(typed, "delay", was.delay.below)
    has_above = bool(typed.text("above"))
    above = _seconds(typed, "above", was.delay.above or 0) if has_above else None
    chosen: dict[str, Any] = {
        "channel": Channel(typed.one_of("channel", _CHANNELS, was.channel)),
        "delay": Delay(below, above),
        "since": typed.one_of("since", ("start", "step"), was.since),
        "fallback": _maybe(typed, "fallback", _CHANNELS),
        "words": typed.one_of("words", kinds, was.words),
        "rich": _maybe(typed, "rich", ("mms", "rcs")),
    }
    if chosen["fallback"]:
        chosen["fallback"] = Channel(chosen["fallback"])
    ticks = {name: typed.is_ticked(name) for name in ("asks_why", "page")}
    when = condition_fields.read(typed, was.when, currency)
    return replace(was, **chosen, **ticks, incentive=_incentive(typed, was.incentive), when=when)


def _maybe(typed: Typed, name: str, choices: Collection[str]) -> str | None:
    return typed.one_of(name, choices, "") or None if typed.text(name) else None


def _delay_fields(name: str, seconds: int | None) -> dict[str, str]:
    if seconds is None:
        return {name: "", f"{name}_unit": "60"}
    unit = next(each for each in UNITS if seconds % each == 0) if seconds else 60
    return {name: str(seconds // unit), f"{name}_unit": str(unit)}


def _seconds(typed: Typed, name: str, else_: int) -> int:
    unit = int(typed.one_of(f"{name}_unit", tuple(map(str, UNITS)), "60"))
    before = len(typed.wrong)
    found = typed.number(name, Decimal(0)) * unit
    if len(typed.wrong) == before and found == int(found) and abs(found) <= LONGEST_DELAY:
        return int(found)
    del typed.wrong[before:]
    typed.tell(name, _DELAY)
    return else_


def _incentive_fields(incentive: Incentive | None) -> dict[str, str]:
    if incentive is None:
        return {"gift": ""}
    keys = () if incentive.lines == "cart" else incentive.lines
    return {
        "gift": incentive.kind,
        "value": written(incentive.value),
        "days": str(incentive.days),
        "minimum": "" if incentive.minimum is None else written(incentive.minimum),
        "lines": "cart" if incentive.lines == "cart" else "some" if keys else "whole",
        "products": "\n".join(keys),
        "unless_made": incentive.unless_made,
    }


def _incentive(typed: Typed, was: Incentive | None) -> Incentive | None:
    if not typed.text("gift"):
        return None
    was = was or Incentive("percent")
    kind: Any = typed.one_of("gift", _KINDS, was.kind)
    is_free = kind == "free_shipping" and not typed.text("value")
    unless: Any = typed.one_of("unless_made", ("send_without", "wait"), was.unless_made)
    return Incentive(
        kind=kind,
        value=Decimal(0) if is_free else typed.number("value", was.value),
        days=typed.whole("days", was.days),
        minimum=typed.number("minimum", Decimal(0)) if typed.text("minimum") else None,
        lines=_lines(typed, was),
        unless_made=unless,
    )


def _lines(typed: Typed, was: Incentive) -> Any:
    chosen = typed.one_of("lines", ("whole", "cart", "some"), "whole")
    if chosen != "some":
        return "cart" if chosen == "cart" else ()
    said = typed.text("products").replace("\r\n", "\n")
    if was.lines != "cart" and said == "\n".join(was.lines).strip():
        return was.lines
    keys = tuple(filter(None, map(str.strip, said.split("\n"))))
    if not keys:
        typed.tell("products", ("Name a product.", "Nommez un produit."))
    return keys
