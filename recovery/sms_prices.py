"""What one part of an SMS costs by country: the merchant's table, kept as JSON with the shop.

It serves to show a cost before a programme is switched on. What was really charged is what
the provider's receipts say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from recovery.programme_problems import Problem

CURRENCY = "EUR"
LONGEST_TABLE = 20_000  # characters of JSON; all countries take about 4,000
DEAREST = Decimal(5)  # for one part; more is a slip of the decimal point
MOST_DECIMALS = 5

#: EXAMPLES, NOT PRICES: round amounts in EUR of the size that texts commonly have, chosen by
#: us so that a new shop sees a sum at all. They are from no provider's list. The merchant
#: is to put those of his own contract in their place, and is told so beside each sum.
EXAMPLES: Mapping[str, Decimal] = MappingProxyType(
    {
        country: Decimal(price)
        for price, countries in {
            "0.01": "CA US",
            "0.05": "GB PL PT SE",
            "0.10": "AT BE CH DE DK ES FI FR IE IT LU NL NO",
        }.items()
        for country in countries.split()
    }
)

_AMOUNT = re.compile(rf"\d{{1,3}}(?:[.,]\d{{1,{MOST_DECIMALS}}})?", re.ASCII)


class BadPrices(ValueError):
    """The table cannot be used. `problems` says all that is wrong; `where` is the country."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{each.where}: {each.words_en}" for each in problems))
        self.problems = problems


def read(text: str) -> dict[str, Decimal]:
    """The merchant's own rows out of JSON: {"FR": "0.075"}; "" has none. Raises `BadPrices`."""
    if not text.strip():
        return {}
    if len(text) > LONGEST_TABLE:
        raise BadPrices((_TOO_LONG,))
    try:
        rows = json.loads(text, object_pairs_hook=_Rows, parse_int=_Amount, parse_float=_Amount)
    except (ValueError, RecursionError) as error:
        raise BadPrices((_NO_JSON,)) from error
    if not isinstance(rows, _Rows):
        raise BadPrices((_NO_TABLE,))
    return from_rows(rows)


def from_rows(rows: list[tuple[str, Any]]) -> dict[str, Decimal]:
    """The same out of typed rows of country and amount ("0,075" is read as well as "0.075").

    Raises `BadPrices` with every problem at once.
    """
    prices: dict[str, Decimal] = {}
    problems = []
    for country, amount in ((typed.strip().upper(), amount) for typed, amount in rows):
        price = _price(amount)
        problem = _problem(country, price, country in prices)
        if problem:
            problems.append(problem)
        if price is not None:
            prices[country] = price
    if problems:
        raise BadPrices(tuple(problems))
    return prices


def written(prices: Mapping[str, Decimal]) -> str:
    """JSON for the shop's column; `read` gives the same rows again. Raises `BadPrices`."""
    rows = from_rows([(country, format(price, "f")) for country, price in prices.items()])
    if not rows:
        return ""
    return json.dumps({country: str(price) for country, price in sorted(rows.items())})


def with_examples(own: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """All known prices: the merchant's rows, and our examples where they have none.

    A sum for a country that is not in `own` rests on an example, and is to be shown as one.
    """
    return {**EXAMPLES, **own}


class _Rows(list[tuple[str, Any]]):
    """The members of a JSON object, repeated ones too, that a dict would swallow."""


class _Amount(str):
    """A JSON number as it is written."""

    __slots__ = ()


def _price(amount: object) -> Decimal | None:
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount.strip()):
        return None
    return Decimal(amount.strip().replace(",", "."))


def _problem(country: str, price: Decimal | None, is_repeated: bool) -> Problem | None:
    where = country[:20]
    if country == "UK":
        return Problem(where, "The code of the United Kingdom is GB.", _FR_UK)
    if country not in SUPPORTED_REGIONS:
        return Problem(where, "This is no country code of two letters, such as FR.", _FR_COUNTRY)
    if is_repeated:
        return Problem(where, "This country stands there twice.", _FR_TWICE)
    if price is None:
        return Problem(where, f"A price is an amount such as 0.075; {_EN_DECIMALS}.", _FR_PRICE)
    if price > DEAREST:
        return Problem(where, f"More than {DEAREST} EUR for one part is a slip.", _FR_DEAR)
    return None


_EN_DECIMALS = f"it has at most {MOST_DECIMALS} decimals"
_FR_UK = "Le code du Royaume-Uni est GB."
_FR_COUNTRY = "Ce n’est pas un code de pays à deux lettres, comme FR."
_FR_TWICE = "Ce pays figure deux fois."
_FR_PRICE = f"Un prix est un montant comme 0,075 ; il a au plus {MOST_DECIMALS} décimales."
_FR_DEAR = f"Plus de {DEAREST} EUR par segment est une erreur de frappe."
_TOO_LONG = Problem(
    "",
    f"The table is longer than {LONGEST_TABLE} characters.",
    f"Le tableau dépasse {LONGEST_TABLE} caractères.",
)
_NO_JSON = Problem("", "The table is no JSON.", "Le tableau n’est pas du JSON.")
_NO_TABLE = Problem(
    "",
    'The table is one JSON object of countries and prices: {"FR": "0.075"}.',
    'Le tableau est un objet JSON de pays et de prix : {"FR": "0.075"}.',
)
