"""The fixed table of what counts as a large cart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision

from recovery.borders import BORDERS, converted, is_above

#: One euro on 30 October 2026, by the European Central Bank.
REFERENCE = {
    line.split()[0]: Decimal(line.split()[1])
    for line in """USD 1.1172
    JPY 175.68
    CZK 24.353
    DKK 7.4735
    GBP 0.8338
    HUF 366.33
    PLN 4.4038
    RON 5.3447
    SEK 10.978
    CHF 0.9194
    ISK 136
    NOK 10.312
    TRY 55.8015
    AUD 1.5904
    BRL 6.0692
    CAD 1.5606
    CNY 7.4326
    HKD 8.7652
    IDR 20275.17
    ILS 3.495
    INR 106.084
    KRW 1491.76
    MXN 21.1237
    MYR 4.5325
    NZD 1.9823
    PHP 71.143
    SGD 1.4282
    THB 37.683
    ZAR 18.6455
    XOF 655.957
    XAF 655.957
    XPF 119.33""".splitlines()
}
DOLLAR = {
    "AED": "3.6725",
    "BHD": "0.376",
    "JOD": "0.709",
    "KWD": "0.307",
    "OMR": "0.3845",
    "QAR": "3.64",
    "SAR": "3.75",
}
RATES = REFERENCE | {name: Decimal(rate) * REFERENCE["USD"] for name, rate in DOLLAR.items()}


@pytest.mark.parametrize("currency", sorted(set(BORDERS) - {"EUR"}))
def test_a_border_is_near_100_eur_at_the_rates_of_its_day(currency: str) -> None:
    exact = RATES[currency] * 100
    assert abs(BORDERS[currency] - exact) <= exact * Decimal("0.06")


@pytest.mark.parametrize("currency", sorted(BORDERS))
def test_a_border_is_a_round_amount_that_can_be_paid(currency: str) -> None:
    amount = BORDERS[currency]
    digits = str(int(amount)).rstrip("0")
    assert amount == int(amount) > 0
    assert len(digits) <= 2 or (len(digits) == 3 and digits.endswith("5"))
    assert get_currency_precision(currency) in (0, 2, 3)


@pytest.mark.parametrize(
    ("amount", "currency", "border", "expected"),
    [
        ("99.99", "EUR", "100", False),
        ("100", "EUR", "100", True),
        ("100.00", "EUR", "100", True),
        ("109.99", "USD", "100", False),
        ("110", "USD", "100", True),
        ("17499", "JPY", "100", False),
        ("17500", "JPY", "100", True),
        ("149999", "KRW", "100", False),
        ("150000", "KRW", "100", True),
        ("41.999", "BHD", "100", False),
        ("42.000", "BHD", "100", True),
        ("54.99", "USD", "50", False),
        ("55", "USD", "50", True),
        ("0", "EUR", "100", False),
        ("-5", "EUR", "100", False),
        ("100", "XYZ", "100", None),
        ("100", "", "100", None),
        ("NaN", "EUR", "100", None),
        ("Infinity", "EUR", "100", None),
    ],
)
def test_a_cart_of_exactly_the_border_is_above_it(
    amount: str, currency: str, border: str, expected: bool | None
) -> None:
    assert is_above(Decimal(amount), currency, Decimal(border)) is expected


def test_the_same_currency_stays_exact_even_where_the_table_lacks_it() -> None:
    assert converted(Decimal("99.99"), "XYZ", "XYZ") == Decimal("99.99")
    assert converted(Decimal(1), "XYZ", "EUR") is None
    assert converted(Decimal(1), "EUR", "XYZ") is None
    assert converted(Decimal(85), "GBP", "USD") == 110
