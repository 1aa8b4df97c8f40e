"""A condition in words for the merchant, in French and English.

"panier d’au moins 100 € et client nouveau". Where a condition lies inside another one,
brackets say what belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from recovery.condition_names import SOURCES, amount_of, fact_error
from recovery.conditions import Verdict
from recovery.model import Money
from recovery.prices import locale_of
from recovery.programme_form import AllOf, AnyOf, Condition, Fact, Not

_Forms = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Language:
    """All fixed words of one language. `counts`: name → a form for each of Babel's plurals."""

    at: int  # its place in pairs (English, French)
    both: str
    either: str
    none: str
    everything: str
    nothing: str
    unknown: str
    not_known: str
    ops: Mapping[str, str]
    counts: Mapping[str, _Forms]
    sets: Mapping[tuple[str, str], str]
    customer: Mapping[str, str]
    amount: Mapping[str, str]


_ENGLISH = _Language(
    at=0,
    both="and",
    either="or",
    none="not",
    everything="every cart",
    nothing="no cart",
    unknown="a question that cannot be asked",
    not_known="not known: {}",
    ops={"at_least": "at least", "at_most": "at most", "is": "exactly"},
    counts={
        "lines": {"one": "{op} {n} line in the cart", "other": "{op} {n} lines in the cart"},
        "items": {"one": "{op} {n} item in the cart", "other": "{op} {n} items in the cart"},
        "orders": {"one": "{op} {n} order so far", "other": "{op} {n} orders so far"},
        "days_since_order": {
            "one": "last order {op} {n} day ago",
            "other": "last order {op} {n} days ago",
        },
        "abandonments": {
            "one": "{op} {n} cart abandoned before",
            "other": "{op} {n} carts abandoned before",
        },
    },
    sets={
        ("product", "any_of"): "cart with the product {}",
        ("product", "none_of"): "cart without the product {}",
        ("category", "any_of"): "cart with something from {}",
        ("category", "none_of"): "cart with nothing from {}",
        ("country", "any_of"): "country: {}",
        ("country", "none_of"): "country other than {}",
        ("language", "any_of"): "language: {}",
        ("language", "none_of"): "language other than {}",
        ("consent", "any_of"): "consent to {}",
        ("consent", "none_of"): "no consent to {}",
        ("source", "any_of"): "left {}",
        ("source", "none_of"): "not left {}",
    },
    customer={"new": "new customer", "returning": "returning customer"},
    amount={"at_least": "cart of at least {}", "below": "cart below {}"},
)

_FRENCH = _Language(
    at=1,
    both="et",
    either="ou",
    none="non",
    everything="tous les paniers",
    nothing="aucun panier",
    unknown="une question qui ne peut pas être posée",
    not_known="non connu : {}",
    ops={"at_least": "au moins", "at_most": "au plus", "is": "exactement"},
    counts={
        "lines": {
            "one": "{op} {n} ligne dans le panier",
            "other": "{op} {n} lignes dans le panier",
        },
        "items": {
            "one": "{op} {n} article dans le panier",
            "other": "{op} {n} articles dans le panier",
        },
        "orders": {
            "one": "{op} {n} commande à ce jour",
            "other": "{op} {n} commandes à ce jour",
        },
        "days_since_order": {
            "one": "dernière commande il y a {op} {n} jour",
            "other": "dernière commande il y a {op} {n} jours",
        },
        "abandonments": {
            "one": "{op} {n} panier abandonné auparavant",
            "other": "{op} {n} paniers abandonnés auparavant",
        },
    },
    sets={
        ("product", "any_of"): "panier avec le produit {}",
        ("product", "none_of"): "panier sans le produit {}",
        ("category", "any_of"): "panier avec un article de {}",
        ("category", "none_of"): "panier sans article de {}",
        ("country", "any_of"): "pays : {}",
        ("country", "none_of"): "pays autre que {}",
        ("language", "any_of"): "langue : {}",
        ("language", "none_of"): "langue autre que {}",
        ("consent", "any_of"): "accord pour {}",
        ("consent", "none_of"): "pas d’accord pour {}",
        ("source", "any_of"): "abandonné {}",
        ("source", "none_of"): "non abandonné {}",
    },
    customer={"new": "client nouveau", "returning": "client fidèle"},
    amount={"at_least": "panier d’au moins {}", "below": "panier de moins de {}"},
)

_CHANNELS = {"sms": ("SMS", "SMS"), "email": ("e-mail", "e-mail")}


def in_words(condition: Condition | None, language: str) -> str:
    """The condition as a phrase in `language` ("fr", "fr-CA": French; any other: English).

    Amounts and lists are written as people of that locale write them. A fact that cannot be
    asked is said to be one; nothing is raised.
    """
    locale = locale_of(language)
    if locale.language not in ("en", "fr"):
        locale = Locale("en")
    return _words(condition, locale)


def question(name: str, op: str, language: str) -> str:
    """What may be asked by that name and operator, "…" where a value belongs."""
    said = _FRENCH if locale_of(language).language == "fr" else _ENGLISH
    if name in said.counts:
        return said.counts[name]["other"].format(op=said.ops[op], n="…")
    words = said.amount[op] if name == "amount" else said.sets[name, op]
    return words.format("…")


def verdict_in_words(verdict: Verdict, language: str) -> str:
    """What decided: the facts of the verdict, "not known: …" where that is why; else "every cart".

    The facts are said as the condition asks them, also when they do not hold.
    """
    words = in_words(AllOf(verdict.because) if verdict.because else None, language)
    french = locale_of(language).language == "fr"
    said = (_FRENCH if french else _ENGLISH).not_known
    return said.format(words) if verdict.truth is None else words


def _words(condition: Condition | None, locale: Locale) -> str:
    said = _said(locale)
    if isinstance(condition, Fact):
        return _fact(condition, locale)
    if isinstance(condition, Not):
        opposite = _opposite(condition.of)
        return (
            _words(opposite, locale)
            if opposite
            else f"{said.none} ({_words(condition.of, locale)})"
        )
    if condition is None:
        return said.everything
    if not condition.of:
        return said.everything if isinstance(condition, AllOf) else said.nothing
    word = said.both if isinstance(condition, AllOf) else said.either
    if len(condition.of) == 1:
        return _words(condition.of[0], locale)
    return f" {word} ".join(_part(each, locale) for each in condition.of)


_OPPOSITES = {"any_of": "none_of", "none_of": "any_of"}
_AMOUNTS = {"at_least": "below", "below": "at_least"}
_CUSTOMERS = {"new": "returning", "returning": "new"}


def _opposite(condition: Condition) -> Fact | None:
    """The fact that is yes, no and not known wherever "not this one" is; None: there is none."""
    if not isinstance(condition, Fact) or fact_error(condition):
        return None
    if condition.name == "customer":
        return Fact(condition.name, condition.op, _CUSTOMERS[str(condition.value)])
    op = (_AMOUNTS if condition.name == "amount" else _OPPOSITES).get(condition.op)
    return Fact(condition.name, op, condition.value) if op else None


def _part(condition: Condition, locale: Locale) -> str:
    words = _words(condition, locale)
    return f"({words})" if _joins(condition) else words


def _joins(condition: Condition) -> bool:
    """Whether its words would run together with their neighbours'."""
    if isinstance(condition, AllOf | AnyOf):
        return len(condition.of) > 1 or (len(condition.of) == 1 and _joins(condition.of[0]))
    if isinstance(condition, Not):
        return _joins(_opposite(condition.of) or _ALONE)
    return isinstance(condition.value, tuple) and len(condition.value) > 1


_ALONE = Fact("", "", "")


def _said(locale: Locale) -> _Language:
    return _FRENCH if locale.language == "fr" else _ENGLISH


def _fact(fact: Fact, locale: Locale) -> str:
    said = _said(locale)
    if fact_error(fact):
        return said.unknown
    if isinstance(fact.value, tuple):
        names = [_named(fact.name, value, locale) for value in fact.value]
        listed = format_list(names, style="or", locale=locale)
        return said.sets[fact.name, fact.op].format(_typographic(listed))
    if isinstance(fact.value, int):
        return _counted(fact, fact.value, locale)
    if fact.name == "customer":
        return said.customer[fact.value]
    wanted = amount_of(fact.value)
    return said.amount[fact.op].format(_money(wanted, locale)) if wanted else said.unknown


def _counted(fact: Fact, count: int, locale: Locale) -> str:
    said = _said(locale)
    forms = said.counts[fact.name]
    form = forms.get(locale.plural_form(count), forms["other"])
    return form.format(op=said.ops[fact.op], n=format_decimal(count, locale=locale))


def _named(name: str, value: str, locale: Locale) -> str:
    said: str | None = None
    if name == "country":
        said = locale.territories.get(value)
    if name == "language":
        said = locale.languages.get(value)
    if name == "consent":
        said = _CHANNELS[value][_said(locale).at]
    if name == "source":
        said = SOURCES[value][_said(locale).at]
    return said or " ".join(value.split())


def _money(wanted: Money, locale: Locale) -> str:
    """100 € rather than 100,00 €; 99,90 € all the same."""
    pattern = locale.currency_formats["standard"].pattern
    if wanted.amount == wanted.amount.to_integral_value():
        pattern = re.sub(r"\.0+", "", pattern)
        return _written(wanted, locale, pattern, digits=False)
    return _written(wanted, locale, pattern, digits=True)


def _written(wanted: Money, locale: Locale, pattern: str, digits: bool) -> str:
    written: str = format_currency(
        wanted.amount, wanted.currency, pattern, locale=locale, currency_digits=digits
    )
    return re.sub(r"(?<=[A-Z]{3})(?=\d)", "\u00a0", written)  # CHF 99.90


def _typographic(text: str) -> str:
    return text.replace("'", "’")
