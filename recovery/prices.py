"""Amounts of money in a shopper's own way of writing, fit for an SMS."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency

# Babel separates with no-break spaces, and some locales write ’ and −; each of
# them is outside GSM 03.38 and would turn 160 characters into 70.
_FOR_SMS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "−": "-", "\u200e": "", "\u200f": ""}
)


def money(
    amount: Decimal, currency: str, locale: str | None, shop_locale: str | None = None
) -> str:
    """`amount` with its currency as people of `locale` write it, else of the shop's, else English.

    The currency decides the decimals (JPY none, KWD three). Plain spaces only.
    Raises ValueError for an amount that is no number.
    """
    if not amount.is_finite():
        raise ValueError("an amount of money must be a finite number")
    written: str = format_currency(amount, currency, locale=locale_of(locale, shop_locale))
    return written.translate(_FOR_SMS)


@lru_cache(maxsize=500)
def locale_of(*wanted: str | None) -> Locale:
    """The first of `wanted` that is a locale ("fr-CA", "fr_FR.UTF-8", "zh-Hant-TW"), else English.

    An unknown region falls back to its language before the next one is tried.
    """
    found = (_parsed(tag) for name in wanted if name for tag in _shorter_and_shorter(name))
    return next((locale for locale in found if locale is not None), Locale("en"))


def _shorter_and_shorter(name: str) -> list[str]:
    words = name.strip()[:40].split(".")[0].split("@")[0].replace("-", "_").split("_")
    return ["_".join(words[:length]) for length in range(len(words), 0, -1)]


def _parsed(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag)
    except (ValueError, UnknownLocaleError, TypeError):
        return None
