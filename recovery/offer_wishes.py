"""A shop's rules for offers as a form, and who would get what by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from recovery import offer_policy, offers
from recovery.model_parts import ZERO
from recovery.offer_facts import (
    CartFacts,
    Decision,
    EarlierOffer,
    Gift,
    Incentive,
    PersonFacts,
    Policy,
    PriorOrder,
    Spent,
    Terms,
)
from recovery.offer_policy import UnreadablePolicy
from recovery.shop_wishes import (
    TICK,
    Field,
    NotSo,
    NotTogether,
    Section,
    Values,
    amount,
    line,
    maybe,
    number,
    one_of,
)
from recovery.shops import ShopRow

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MOST_PRODUCTS = 200
_MONEY = Field(maybe(amount(Decimal(999_999_999))), is_amount=True)
_SHARE = Field(maybe(amount(Decimal("99.9"))), is_amount=True)
_STEP = Field(number(1, 8))
_GIFTS = tuple(gift.value for gift in Gift)
_SPANS = {"order_within": _HOUR, "left_within": _DAY, "taken_within": _DAY}


def _products(words: str) -> frozenset[str]:
    keys = frozenset(line(each, 64) for each in words.replace(",", "\n").splitlines())
    if len(keys) > _MOST_PRODUCTS:
        raise NotSo("too_many", most=_MOST_PRODUCTS)
    return keys - {""}


def _gift(*names: str) -> Field:
    read = one_of(*names)
    return Field(lambda words: Gift(read(words)))


#: The names are those of `offer_facts.Policy`.
_FIELDS = {
    "prospect": _gift(*_GIFTS),
    "customer": _gift(*_GIFTS),
    "first_step_now": _STEP,
    "first_step_next": _STEP,
    "order_within": Field(number(1, 24 * 90)),
    "most_percent": _SHARE,
    "margin": _SHARE,
    "margin_floor": _SHARE,
    "smallest_cart": _MONEY,
    "usual_shipping": _MONEY,
    "budget": _MONEY,
    "person_budget": _MONEY,
    "person_offers": Field(maybe(number(0, 1000))),
    "left_carts": Field(number(1, 1000)),
    "left_within": Field(number(1, 3650)),
    "plain_orders": Field(number(1, 1000)),
    "taken_within": Field(number(1, 3650)),
    "excluded_products": Field(_products, lambda keys: "\n".join(sorted(keys))),
    "businesses": TICK,
}


def stored(text: str, shop: ShopRow) -> Policy:
    """The rules that are kept; the defaults where they cannot be read."""
    try:
        return offer_policy.read(text, shop.currency or "")
    except UnreadablePolicy:
        return Policy(currency=shop.currency or "")


def _split(stands: Values, shop: ShopRow) -> dict[str, Any]:
    policy = stored(stands["offer_policy"], shop)
    found = {name: getattr(policy, name) for name in _FIELDS}
    return found | {name: found[name] // span for name, span in _SPANS.items()}


def _joined(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    margin, floor = values["margin"], values["margin_floor"]
    if (margin is None) != (floor is None):
        lacks = "margin" if margin is None else "margin_floor"
        raise NotTogether({lacks: NotSo("both_margins")})
    if margin is not None and floor >= margin:
        raise NotTogether({"margin_floor": NotSo("floor_above_margin")})
    told = any(values[name] is not None for name, each in _FIELDS.items() if each is _MONEY)
    if told and not shop.currency:
        raise NotTogether({"budget": NotSo("no_currency")})
    return {"offer_policy": written(values, shop)}


def policy_of(values: Values, shop: ShopRow) -> Policy:
    """The rules that fields which were read make."""
    spans = {name: values[name] * span for name, span in _SPANS.items()}
    return Policy(currency=shop.currency or "", **{**values, **spans})


def written(values: Values, shop: ShopRow) -> str:
    """Those rules as JSON, with the currency of their amounts."""
    return offer_policy.written(policy_of(values, shop))


OFFERS = Section("offers", ("offer_policy",), _FIELDS, _split, _joined)


# -- who gets what ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """What a made-up shopper gets: by name ("new", "customer", "serial"), at two steps."""

    who: str
    first: Decision
    second: Decision


def samples(policy: Policy, asked: Incentive, total: Decimal, now: datetime) -> list[Sample]:
    """What three shoppers with a cart of `total` get when steps 1 and 2 ask for `asked`."""
    return [
        Sample(who, *(_decided(policy, asked, total, person, step, now) for step in (1, 2)))
        for who, person in _people(policy, now).items()
    ]


def _decided(
    policy: Policy, asked: Incentive, total: Decimal, person: PersonFacts, step: int, now: datetime
) -> Decision:
    cart = CartFacts(key="sample", currency=policy.currency, total=total, step=step, shipping=ZERO)
    return offers.decide(asked, person, cart, policy, Spent(), now)


def _people(policy: Policy, now: datetime) -> dict[str, PersonFacts]:
    before = now - min(policy.left_within, 30 * _DAY)
    terms = Terms(Gift.NOW, "percent", Decimal(10), policy.currency, 3)
    ended = EarlierOffer("", "", cart_is_open=False, left_at=before, terms=terms, over=True)
    left = tuple(
        replace(ended, key=str(each), cart_key=f"left {each}") for each in range(policy.left_carts)
    )
    return {
        "new": PersonFacts(orders=0),
        "customer": PersonFacts(orders=2, prior_orders=(PriorOrder(before, plain=True),)),
        "serial": PersonFacts(orders=0, earlier=left),
    }
