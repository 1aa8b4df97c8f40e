"""A shop's rules for offers as they are kept: JSON in `shops.offer_policy`, "" for the defaults.

Only what differs from the defaults of `offer_facts.Policy` is written. Amounts are texts in the
shop's currency, which is named beside them: in another one they would mean something else.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from recovery.offer_facts import Gift, Policy

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_AMOUNTS = ("budget", "person_budget", "smallest_cart", "usual_shipping")
_DEFAULTS = Policy(currency="")

_Step = Annotated[int, msgspec.Meta(ge=1, le=8)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_Hours = Annotated[int, msgspec.Meta(ge=1, le=24 * 90)]
_Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class UnreadablePolicy(ValueError):
    """The JSON holds no rules for offers. The message says where, for the merchant's agency."""


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    currency: str = ""
    prospect: Gift = _DEFAULTS.prospect
    customer: Gift = _DEFAULTS.customer
    first_step_now: _Step = _DEFAULTS.first_step_now
    first_step_next: _Step = _DEFAULTS.first_step_next
    order_within_hours: _Hours = _DEFAULTS.order_within // _HOUR
    left_carts: _Count = _DEFAULTS.left_carts
    left_within_days: _Days = _DEFAULTS.left_within // _DAY
    plain_orders: _Count = _DEFAULTS.plain_orders
    taken_within_days: _Days = _DEFAULTS.taken_within // _DAY
    budget: Decimal | None = None
    person_budget: Decimal | None = None
    person_offers: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = _DEFAULTS.person_offers
    smallest_cart: Decimal | None = None
    excluded_products: tuple[str, ...] = ()
    businesses: bool = False
    usual_shipping: Decimal | None = None
    most_percent: Decimal | None = None
    margin: Decimal | None = None
    margin_floor: Decimal | None = None


_USUAL = _Form()
_DECODER = msgspec.json.Decoder(_Form)
#: The rules that are kept as they are; the lengths of time are kept as whole numbers.
_ALIKE = {each.name for each in fields(Policy)} & set(_Form.__struct_fields__)


def read(text: str, currency: str) -> Policy:
    """The rules that `text` holds, for a shop that sells in `currency`; "": the defaults.

    Raises `UnreadablePolicy`, also for amounts in another currency than the shop's.
    """
    if not text.strip():
        return Policy(currency=currency)
    try:
        form = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadablePolicy(str(error)) from error
    _check_amounts(form, currency)
    _check_shares(form)
    kept: dict[str, Any] = {name: getattr(form, name) for name in _ALIKE}
    kept |= {"currency": currency, "excluded_products": frozenset(form.excluded_products)}
    return Policy(
        order_within=form.order_within_hours * _HOUR,
        left_within=form.left_within_days * _DAY,
        taken_within=form.taken_within_days * _DAY,
        **kept,
    )


def written(policy: Policy) -> str:
    """The JSON of it; `read` gives the same again. Raises `UnreadablePolicy` for senseless rules.

    Lengths of time are cut to whole hours and days. All defaults are written as "".
    """
    if policy == Policy(currency=policy.currency):
        return ""
    kept: dict[str, Any] = {name: getattr(policy, name) for name in _ALIKE}
    kept |= {"excluded_products": tuple(sorted(policy.excluded_products))}
    kept |= {
        "order_within_hours": policy.order_within // _HOUR,
        "left_within_days": policy.left_within // _DAY,
        "taken_within_days": policy.taken_within // _DAY,
    }
    # Only what differs: of numbers, msgspec itself leaves out the very same object alone.
    usual = {name: getattr(_USUAL, name) for name in kept}
    form = _Form(**{name: value for name, value in kept.items() if value != usual[name]})
    text = msgspec.json.encode(form).decode()
    read(text, policy.currency)  # what could not be read back is not written
    return text


def _check_shares(form: _Form) -> None:
    for name in ("most_percent", "margin", "margin_floor"):
        share = getattr(form, name)
        if share is not None and not (share.is_finite() and 0 <= share < 100):
            raise UnreadablePolicy(f"{name}: a percentage from 0 to below 100 was expected")


def _check_amounts(form: _Form, currency: str) -> None:
    amounts = {name: getattr(form, name) for name in _AMOUNTS}
    told = {name: amount for name, amount in amounts.items() if amount is not None}
    for name, amount in told.items():
        if not amount.is_finite() or not 0 <= amount < 10**12:
            raise UnreadablePolicy(f"{name}: an amount of zero or more was expected")
    if told and form.currency != currency:
        said = form.currency or "no currency"
        raise UnreadablePolicy(f"the amounts are in {said}, but the shop sells in {currency}")
