"""How Shopify writes amounts and times, in GraphQL and in webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

NO_DECIMALS = frozenset("BIF CLP DJF GNF JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals(currency: str) -> int:
    """Digits after the point in `currency`."""
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def plain(amount: Decimal, currency: str) -> str:
    """As webhooks write it: "19.90", "1000", "1.250"."""
    return f"{amount:.{decimals(currency)}f}"


def bare(amount: Decimal, currency: str) -> str:
    """As GraphQL writes it: no closing zeros, but one digit after the point: "19.9", "1000.0"."""
    whole, _, part = plain(amount, currency).partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def money(amount: Decimal, currency: str) -> dict[str, Any]:
    """A MoneyV2."""
    return {"amount": bare(amount, currency), "currencyCode": currency}


def bag(amount: Decimal, currency: str) -> dict[str, Any]:
    """A MoneyBag; a stand-in shop presents in its own currency."""
    return {"shopMoney": money(amount, currency), "presentmentMoney": money(amount, currency)}


def price_set(amount: Decimal, currency: str) -> dict[str, Any]:
    """A `…_set` of a webhook."""
    both = {"amount": plain(amount, currency), "currency_code": currency}
    return {"shop_money": both, "presentment_money": dict(both)}


def zulu(at: datetime | None) -> str | None:
    """As GraphQL writes a time: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
