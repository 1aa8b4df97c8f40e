"""What counts as a large cart: a round amount in each currency, about equal to 100 EUR.

The table is fixed, so that the same cart gets the same delay on every day. Nothing is paid
or charged by it. Rates are those of 30 October 2026.
"""

from __future__ import annotations

from decimal import Decimal

BORDER_EUR = Decimal(100)
RATES_OF = "2026-10-30"

#: Currency → what is taken for 100 EUR, rounded to about two digits (within 6 %).
#: Euro foreign exchange reference rates of the European Central Bank.
_BY_REFERENCE_RATE = {
    "EUR": 100,
    "AUD": 160,
    "BRL": 600,
    "CAD": 160,
    "CHF": 90,
    "CNY": 750,
    "CZK": 2_400,
    "DKK": 750,
    "GBP": 85,
    "HKD": 880,
    "HUF": 37_000,
    "IDR": 2_000_000,
    "ILS": 350,
    "INR": 10_500,
    "ISK": 14_000,
    "JPY": 17_500,
    "KRW": 150_000,
    "MXN": 2_100,
    "MYR": 450,
    "NOK": 1_000,
    "NZD": 200,
    "PHP": 7_000,
    "PLN": 440,
    "RON": 530,
    "SEK": 1_100,
    "SGD": 140,
    "THB": 3_800,
    "TRY": 5_500,
    "USD": 110,
    "ZAR": 1_900,
}

#: By their official fixed rate to the dollar (AED 3.6725, BHD 0.376, JOD 0.709, OMR 0.3845,
#: QAR 3.64, SAR 3.75) or to the euro (XAF and XOF 655.957, XPF 119.33). The Kuwaiti dinar
#: follows a basket that is not published: 0.307 to the dollar is our own estimate.
_BY_FIXED_RATE = {
    "AED": 410,
    "BHD": 42,
    "JOD": 80,
    "KWD": 34,
    "OMR": 43,
    "QAR": 410,
    "SAR": 420,
    "XAF": 65_000,
    "XOF": 65_000,
    "XPF": 12_000,
}

BORDERS: dict[str, Decimal] = {
    currency: Decimal(amount)
    for currency, amount in sorted((_BY_REFERENCE_RATE | _BY_FIXED_RATE).items())
}


def converted(amount: Decimal, currency: str, wanted: str) -> Decimal | None:
    """`amount` of `currency` in the currency `wanted`, by the table; the same stays exact.

    None where a currency is not in the table. Good for "a large cart", not for paying:
    the table is rounded.
    """
    if currency == wanted:
        return amount
    if currency not in BORDERS or wanted not in BORDERS:
        return None
    return amount * BORDERS[wanted] / BORDERS[currency]


def is_above(amount: Decimal, currency: str, border_eur: Decimal = BORDER_EUR) -> bool | None:
    """Whether a cart of `amount` in `currency` reaches the border, which is given in EUR.

    A cart of exactly the border is above. None: the currency is not in the table, or the
    amount is no number; the caller then takes the delay for small carts.
    """
    border = converted(border_eur, "EUR", currency)
    if border is None or not amount.is_finite():
        return None
    return amount >= border
