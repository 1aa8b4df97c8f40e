"""By what a shop credits an order to a message: data alone, kept as JSON on the shop.

Unless the merchant says otherwise: a click within seven days before the order, or a code.
A window ("it left within so many hours") is off: that a message left does not show that it
was read, and in a shop with many messages nearly each order follows one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

CLICK, CODE, WINDOW = "click", "code", "window"


class CreditRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`click_days` 0: never by a click; `window_hours` 0: never by time alone."""

    click_days: Annotated[int, Meta(ge=0, le=90)] = 7
    code: bool = True
    window_hours: Annotated[int, Meta(ge=0, le=168)] = 0

    @property
    def clicked_within(self) -> timedelta:
        """How long before the order a click counts."""
        return timedelta(days=self.click_days)

    @property
    def left_within(self) -> timedelta:
        """How long before the order a message may have left."""
        return timedelta(hours=self.window_hours)


class UnreadableRule(ValueError):
    """The JSON is no rule. The message says where, for the merchant's agency."""


DEFAULT = CreditRule()
_DECODER = msgspec.json.Decoder(CreditRule)


def read(text: str | bytes) -> CreditRule:
    """The rule that `text` (JSON) holds; of nothing, the default. Raises `UnreadableRule`."""
    try:
        return _DECODER.decode(text) if text else DEFAULT
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableRule(str(error)) from error


def written(rule: CreditRule) -> str:
    """The JSON of it; `read` gives the same again. Raises `UnreadableRule` for impossible spans."""
    text = msgspec.json.encode(rule).decode()
    read(text)  # an instance may hold what the form forbids
    return text
