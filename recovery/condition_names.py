"""The closed list of what a condition may ask: names, operators, and what a value must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.core import get_global
from babel.numbers import get_currency_precision

from recovery.borders import BORDERS
from recovery.model import Channel, Money
from recovery.prices import locale_of
from recovery.programme_form import Fact

#: Where a cart was left → (English, French).
SOURCES: dict[str, tuple[str, str]] = {
    "cart": ("before the checkout", "avant la caisse"),
    "checkout": ("in the checkout", "à la caisse"),
    "unpaid": ("at the payment", "au paiement"),
}
CUSTOMERS = frozenset({"new", "returning"})
MOST_VALUES = 50
MOST_COUNT = 100_000
LONGEST_VALUE = 200
_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)(?: ([A-Z]{3}))?", re.ASCII)
_TERRITORY = re.compile(r"[A-Z]{2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """Which operators a name has, which value is right, and that said in both languages."""

    ops: tuple[str, ...]
    fits: Callable[[Any], bool]
    value_en: str
    value_fr: str


def amount_of(value: object) -> Money | None:
    """The amount a fact names: "99.90" is in EUR, "99.90 CHF" in its currency; else None.

    The currency is one of the table of `borders`, so that it can be compared with any cart;
    the amount has no more decimals than it has (none for JPY).
    """
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    amount, currency = Decimal(found[1]), found[2] or "EUR"
    if currency not in BORDERS or round(amount, get_currency_precision(currency)) != amount:
        return None
    return Money(amount, currency)


def _is_count(value: Any) -> bool:
    # True is an int to Python, and would be "1 order".
    return type(value) is int and 0 <= value <= MOST_COUNT


def _are(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    def right(value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and 1 <= len(value) <= MOST_VALUES
            and all(len(each) <= LONGEST_VALUE and fits(each) for each in value)
        )

    return right


def is_country(value: str) -> bool:
    """An ISO 3166 alpha-2 code that people live under ("FR"); not a region like "EU"."""
    return (
        _TERRITORY.fullmatch(value) is not None
        and value not in {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
        and value in locale_of("en").territories
    )


def is_language(value: str) -> bool:
    """A language code that Babel has words for ("fr"), without a region."""
    return _LANGUAGE.fullmatch(value) is not None and value in _LANGUAGES


_LANGUAGES = frozenset(get_global("likely_subtags")) | frozenset(locale_of("en").languages)


def _is_said(value: str) -> bool:
    return bool(value.strip())


_COUNTS = (("at_least", "at_most", "is"), _is_count, "a whole number", "un nombre entier")
_CHOICE = ("any_of", "none_of")

KINDS: Mapping[str, Kind] = {
    "amount": Kind(
        ("at_least", "below"),
        lambda value: amount_of(value) is not None,
        'an amount such as "100" (EUR) or "99.90 CHF"',
        "un montant comme « 100 » (EUR) ou « 99.90 CHF »",
    ),
    "lines": Kind(*_COUNTS),
    "items": Kind(*_COUNTS),
    "product": Kind(_CHOICE, _are(_is_said), "keys of products", "des clés de produits"),
    "category": Kind(_CHOICE, _are(_is_said), "categories", "des catégories"),
    "country": Kind(_CHOICE, _are(is_country), "codes such as FR", "des codes comme FR"),
    "language": Kind(_CHOICE, _are(is_language), "codes such as fr", "des codes comme fr"),
    "customer": Kind(
        ("is",),
        lambda value: isinstance(value, str) and value in CUSTOMERS,
        "new or returning",
        "new ou returning",
    ),
    "orders": Kind(*_COUNTS),
    "days_since_order": Kind(("at_least", "at_most"), *_COUNTS[1:]),
    "abandonments": Kind(*_COUNTS),
    "consent": Kind(_CHOICE, _are(set(Channel).__contains__), "sms, email", "sms, email"),
    "source": Kind(_CHOICE, _are(SOURCES.__contains__), ", ".join(SOURCES), ", ".join(SOURCES)),
}


def fact_error(fact: Fact) -> tuple[str, str] | None:
    """What is wrong with a fact, in English and French; None: it can be asked."""
    kind = KINDS.get(fact.name)
    if kind is None:
        names = ", ".join(KINDS)
        return (
            f"{_quoted(fact.name)} is not a thing that can be asked. There are: {names}.",
            f"{_quoted(fact.name)} ne peut pas être demandé. Il y a : {names}.",
        )
    if fact.op not in kind.ops:
        ops = ", ".join(kind.ops)
        return (
            f"{fact.name}: {_quoted(fact.op)} is not possible here, only {ops}.",
            f"{fact.name} : {_quoted(fact.op)} n’est pas possible ici, seulement {ops}.",
        )
    if not kind.fits(fact.value):
        return (
            f"{fact.name}: the value must be {kind.value_en}.",
            f"{fact.name} : la valeur doit être {kind.value_fr}.",
        )
    return None


def _quoted(word: str) -> str:
    return f'"{word[:40]}"'
