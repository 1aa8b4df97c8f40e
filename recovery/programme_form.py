"""The form a programme is written in: data alone, kept as JSON with every version.

`read` is the one way in and `written` the one way out, so that what a row holds is always
one of these structures. Words for the merchant, and what is allowed beyond the form, are
said by `programme_checks`.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from recovery.model import Channel

LONGEST_NAME = 40
MOST_STEPS = 8
MOST_VARIANTS = 4


class Start(StrEnum):
    """What sets a programme off."""

    CART = "cart"  # a cart is abandoned now
    BROWSE = "browse"
    QUIET = "quiet"
    ORDER = "order"


class End(StrEnum):
    """What ends a run before its last step."""

    ORDER = "order"
    OPT_OUT = "opt_out"
    REPLY = "reply"
    EMPTIED = "emptied"
    AGE = "age"


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Frozen, and nothing unknown in it."""


class Fact(_Form, frozen=True, tag="fact"):
    """One question about the cart, its shopper or the shop: `name` `op` `value`.

    Which names there are, their kinds and operators, is listed in `recovery.conditions`.
    """

    name: str
    op: str
    value: str | int | bool | tuple[str, ...]  # an amount is text, "99.90"


class AllOf(_Form, frozen=True, tag="all"):
    """Every one of them holds; of none: holds."""

    of: tuple[Condition, ...]


class AnyOf(_Form, frozen=True, tag="any"):
    """At least one of them holds; of none: does not hold."""

    of: tuple[Condition, ...]


class Not(_Form, frozen=True, tag="not"):
    """It does not hold."""

    of: Condition


Condition = Fact | AllOf | AnyOf | Not


class Delay(_Form, frozen=True):
    """Seconds; `above` from the border amount on (None: the same)."""

    below: int
    above: int | None = None


class Incentive(_Form, frozen=True):
    """What a step may offer. Who really gets it is decided by `recovery.offers`.

    `value` is a percentage (1–100) or an amount in the shop's currency; without meaning for
    free shipping. `days` is how long its code lives. `lines` "cart": what is in the cart, and
    nothing that is put into it later.
    """

    kind: Literal["percent", "amount", "free_shipping"]
    value: Decimal = Decimal(0)
    days: int = 3
    minimum: Decimal | None = None
    lines: tuple[str, ...] | Literal["cart"] = ()  # product keys; none: the whole order
    unless_made: Literal["send_without", "wait"] = "send_without"


class Step(_Form, frozen=True):
    """One message of a programme. `texts` and `subjects` are templates by language.

    Where a language has none, ours for `words` are taken ("reminder", "calm", "last", …).
    `since` is what the delay counts from: the start, or the step before.
    """

    number: int
    channel: Channel
    delay: Delay
    since: Literal["start", "step"] = "start"
    fallback: Channel | None = None
    words: str = "reminder"
    texts: dict[str, str] = {}
    subjects: dict[str, str] = {}
    asks_why: bool = False
    page: bool = False  # the link leads to our page, not straight to the checkout
    rich: Literal["mms", "rcs"] | None = None  # of a text: with a picture, where that can be
    incentive: Incentive | None = None
    when: Condition | None = None


class Variant(_Form, frozen=True):
    """Steps that stand in for those of the same number, for some of the people.

    `weight` is a share of 100 among the treated; what the variants leave over gets the
    programme as it stands ("control").
    """

    name: str
    weight: int
    steps: tuple[Step, ...]


class Programme(_Form, frozen=True):
    """A whole programme. `border` is an amount in EUR; other currencies use the fixed table.

    `holdout` is the share (0–0.5) of people who get nothing from it, for comparison.
    `source` says where its delays come from.
    """

    start: Start
    steps: tuple[Step, ...]
    trade: str = ""
    when: Condition | None = None
    holdout: float = 0.10
    variants: tuple[Variant, ...] = ()
    ends: tuple[End, ...] = tuple(End)
    ends_after_days: int = 14
    border: Decimal = Decimal(100)
    adaptive: bool = False
    source: str = ""


class UnreadableProgramme(ValueError):
    """The JSON is no programme. The message says where, for the merchant's agency."""


_DECODER = msgspec.json.Decoder(Programme)


def read(text: str | bytes) -> Programme:
    """The programme that `text` (JSON) holds. Raises `UnreadableProgramme`."""
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableProgramme(str(error)) from error


def written(programme: Programme) -> str:
    """The JSON of it; `read` gives the same again."""
    return msgspec.json.encode(programme).decode()
