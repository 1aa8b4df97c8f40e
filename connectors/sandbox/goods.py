"""What the sandbox shop sells, and what a cart of it costs. Pure: no file, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

CURRENCY = "EUR"
CENT = Decimal("0.01")
SHIPPING = Decimal("4.90")
FREE_FROM = Decimal("60.00")
GREATEST_QUANTITY = 20


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on the shelf; `titles` and `stories` by language."""

    key: str
    price: Decimal
    titles: Mapping[str, str]
    stories: Mapping[str, str]

    @property
    def sku(self) -> str:
        """The shop's own number of it."""
        return f"SBX-{self.key.upper()}"


def _product(key: str, price: str, en: str, fr: str, tale: str, conte: str) -> Product:
    return Product(key, Decimal(price), {"en": en, "fr": fr}, {"en": tale, "fr": conte})


_SHELF = (
    _product(
        "mug",
        "18.00",
        "Stoneware mug",
        "Tasse en grès",
        "Thrown by hand, holds a long morning.",
        "Tournée à la main, contient une longue matinée.",
    ),
    _product(
        "lamp",
        "64.00",
        "Reading lamp",
        "Lampe de lecture",
        "Warm light for one more chapter.",
        "Une lumière chaude pour encore un chapitre.",
    ),
    _product(
        "socks",
        "12.50",
        "Wool socks",
        "Chaussettes en laine",
        "Two of them. They stay a pair.",
        "Il y en a deux. Elles restent ensemble.",
    ),
    _product(
        "tea",
        "9.80",
        "Garden tea",
        "Thé du jardin",
        "Verbena, mint and a little patience.",
        "Verveine, menthe et un peu de patience.",
    ),
    _product(
        "plant",
        "24.00",
        "Easy plant",
        "Plante facile",
        "Forgives a forgotten week.",
        "Pardonne une semaine d'oubli.",
    ),
    _product(
        "notebook",
        "14.20",
        "Dotted notebook",
        "Carnet pointillé",
        "160 pages for plans that change.",
        "160 pages pour des projets qui changent.",
    ),
)
SHELF: Mapping[str, Product] = {each.key: each for each in _SHELF}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a discount code gives: with `products` on those alone, an amount once for them all."""

    code: str
    ends_at: datetime
    percent: Decimal | None = None
    amount: Decimal | None = None
    free_shipping: bool = False
    minimum: Decimal | None = None
    email: str | None = None
    products: tuple[str, ...] = ()  # none: the whole order, but for `left_out`
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sums:
    """What a cart costs. `discount` is what the code takes off the goods."""

    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    total: Decimal


def line_total(product: str, quantity: int) -> Decimal:
    """The price of one line."""
    return SHELF[product].price * quantity


def sums(lines: Sequence[tuple[str, int]], terms: Terms | None) -> Sums:
    """What `lines` (product, quantity) cost with a code that holds for them."""
    subtotal = sum((line_total(*line) for line in lines), Decimal("0.00"))
    reached = _reached(lines, terms)
    discount = _discount(reached, terms)
    given = terms is not None and terms.free_shipping and _applies(reached, terms)
    free = not lines or subtotal >= FREE_FROM or given
    shipping = Decimal("0.00") if free else SHIPPING
    return Sums(subtotal, discount, shipping, subtotal - discount + shipping)


def holds(terms: Terms, lines: Sequence[tuple[str, int]], email: str, now: datetime) -> bool:
    """True when the code may be used for this cart at `now`."""
    reached = _reached(lines, terms)
    if now >= terms.ends_at or reached < (terms.minimum or 0) or (lines and not reached):
        return False
    return terms.email is None or terms.email.casefold() == email.strip().casefold()


def _reached(lines: Sequence[tuple[str, int]], terms: Terms | None) -> Decimal:
    """What the lines cost that the code is for; shipping is free for all of them or for none."""
    if terms and terms.free_shipping and any(line[0] in terms.left_out for line in lines):
        return Decimal("0.00")
    mine = [line for line in lines if terms is None or _is_for(terms, line[0])]
    return sum((line_total(*line) for line in mine), Decimal("0.00"))


def _is_for(terms: Terms, product: str) -> bool:
    return product not in terms.left_out and (not terms.products or product in terms.products)


def _applies(reached: Decimal, terms: Terms) -> bool:
    return reached > 0 and reached >= (terms.minimum or 0)


def _discount(reached: Decimal, terms: Terms | None) -> Decimal:
    if terms is None or not _applies(reached, terms):
        return Decimal("0.00")
    if terms.percent is not None:
        off = reached * terms.percent / 100
    else:
        off = terms.amount or Decimal(0)
    return min(off, reached).quantize(CENT, rounding=ROUND_HALF_UP)
