"""When a sender account's credit is too little, and who is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recovery import credits
from recovery.model import Credit


@pytest.mark.parametrize(
    ("left", "spent", "reloads", "low"),
    [
        ("2", "0", False, False),
        ("1.99", "0", False, True),
        ("-0.10", "0", False, True),
        ("30", "70", False, False),  # three days at ten a day
        ("29.99", "70", False, True),
        ("0", "70", True, False),
    ],
)
def test_credit_is_low_when_it_lasts_less_than_three_days(
    left: str, spent: str, reloads: bool, low: bool
) -> None:
    assert credits.is_low(Credit(Decimal(left), "EUR", reloads), Decimal(spent)) is low
