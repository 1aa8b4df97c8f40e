"""Whether a condition holds for a cart: data in, an answer and its reason out.

An answer is yes, no, or not known (Kleene's three values). A fact we do not know is neither:
`Not` of it is not known either, `AllOf` is no as soon as one is no, `AnyOf` is yes as soon as
one is yes. What is not known does not hold: a step for new customers is not sent to somebody
who may be an old one, and neither is a step for everybody but new customers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from recovery.borders import converted
from recovery.condition_names import amount_of, fact_error
from recovery.model import Channel
from recovery.programme_form import AllOf, AnyOf, Condition, Fact, Not

__all__ = ["Known", "Verdict", "fact_error", "holds"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a cart, its shopper and the shop when a condition is asked.

    None always means "not known". `amount` is the cart's total in `currency`. `items` counts
    all quantities, `lines` the lines. A None inside `products` or `categories` stands for a
    line whose product or category is not told. `country` is ISO 3166 alpha-2; `language` a
    locale ("fr", "fr-CA"). `orders` counts this shopper's orders at this shop before the
    cart; `days_since_order` are whole days. `abandonments` counts earlier carts that were
    abandoned. `consents` are the channels with a yes in the ledger. `source` is one of
    `condition_names.SOURCES`.
    """

    amount: Decimal | None = None
    currency: str | None = None
    lines: int | None = None
    items: int | None = None
    products: frozenset[str | None] | None = None
    categories: frozenset[str | None] | None = None
    country: str | None = None
    language: str | None = None
    orders: int | None = None
    days_since_order: int | None = None
    abandonments: int | None = None
    consents: frozenset[Channel] | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, and the facts that decided it.

    `truth` is None when it is not known. `because` holds the facts that suffice for the
    answer: the one that is no in an "all", every one in an "all" that is yes.
    """

    truth: bool | None
    because: tuple[Fact, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Yes; "not known" does not hold."""
        return self.truth is True

    @property
    def why(self) -> Fact | None:
        """The fact that decided, the first of them where several did; None for no condition."""
        return self.because[0] if self.because else None


def holds(condition: Condition | None, known: Known) -> Verdict:
    """Whether `condition` holds for what is known; None, no condition, holds.

    A fact with an unknown name, operator or value is not known, it raises nothing;
    `programme_checks` tells of it before a programme is saved.
    """
    if condition is None:
        return Verdict(True)
    if isinstance(condition, Fact):
        return Verdict(_truth(condition, known), (condition,))
    if isinstance(condition, Not):
        of = holds(condition.of, known)
        return Verdict(None if of.truth is None else not of.truth, of.because)
    return _joined(condition, [holds(each, known) for each in condition.of])


def _joined(condition: AllOf | AnyOf, verdicts: list[Verdict]) -> Verdict:
    """One that is no decides an "all", one that is yes an "any"; else all of them together."""
    decides = isinstance(condition, AnyOf)
    for truth in (decides, None):
        found = next((each for each in verdicts if each.truth is truth), None)
        if found is not None:
            return found
    return Verdict(not decides, tuple(fact for each in verdicts for fact in each.because))


def _truth(fact: Fact, known: Known) -> bool | None:
    return None if fact_error(fact) else _TRUTHS[fact.name](fact, known)


def _amount(fact: Fact, known: Known) -> bool | None:
    wanted = amount_of(fact.value)
    if wanted is None or known.amount is None or known.currency is None:
        return None
    border = converted(wanted.amount, wanted.currency, known.currency)
    if border is None or not known.amount.is_finite():
        return None
    return known.amount >= border if fact.op == "at_least" else known.amount < border


def _count(fact: Fact, count: int | None) -> bool | None:
    if count is None or not isinstance(fact.value, int):
        return None
    if fact.op == "is":
        return count == fact.value
    return count >= fact.value if fact.op == "at_least" else count <= fact.value


def _days(fact: Fact, known: Known) -> bool | None:
    # Who never ordered has no last order: neither long ago nor lately.
    return False if known.orders == 0 else _count(fact, known.days_since_order)


def _customer(fact: Fact, known: Known) -> bool | None:
    return None if known.orders is None else (known.orders > 0) == (fact.value == "returning")


def _among(fact: Fact, there: frozenset[str | None] | None, plain: Callable[[str], str]) -> Truth:
    """Whether one of the values is there. A None among what is there leaves a "no" open."""
    if there is None or not isinstance(fact.value, tuple):
        return None
    wanted = {plain(value) for value in fact.value}
    found: Truth = any(plain(each) in wanted for each in there if each is not None)
    if not found and None in there:
        return None
    return found if fact.op == "any_of" else not found


Truth = bool | None
_Read = Callable[[Fact, Known], Truth]


def _one(value: str | None) -> frozenset[str | None] | None:
    return None if value is None or not value.strip() else frozenset({value})


def _exact(value: str) -> str:
    return value


def _loose(value: str) -> str:
    return " ".join(value.split()).casefold()


def _language(value: str) -> str:
    return value.strip().replace("_", "-").split("-")[0].lower()


_TRUTHS: Mapping[str, _Read] = {
    "amount": _amount,
    "lines": lambda fact, known: _count(fact, known.lines),
    "items": lambda fact, known: _count(fact, known.items),
    "product": lambda fact, known: _among(fact, known.products, _exact),
    "category": lambda fact, known: _among(fact, known.categories, _loose),
    "country": lambda fact, known: _among(fact, _one(known.country), _loose),
    "language": lambda fact, known: _among(fact, _one(known.language), _language),
    "customer": _customer,
    "orders": lambda fact, known: _count(fact, known.orders),
    "days_since_order": _days,
    "abandonments": lambda fact, known: _count(fact, known.abandonments),
    "consent": lambda fact, known: _among(
        fact,
        None if known.consents is None else frozenset(each.value for each in known.consents),
        _exact,
    ),
    "source": lambda fact, known: _among(fact, _one(known.source), _exact),
}
