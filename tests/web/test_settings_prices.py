"""Beside the price of a text stands what the texts of the last calendar month cost."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from tests.recovery.report_stories import left, reminded
from tests.recovery.stories import a_shopper
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get

OCTOBER = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)


def cells(page: str, country: str) -> list[str]:
    """What the last two columns say of a country."""
    (row,) = re.findall(rf"<tr>\s*<th[^>]*><label[^>]*>{country}</label>.*?</tr>", page, re.DOTALL)
    return [" ".join(each.split()) for each in re.findall(r'<td class="n">(.*?)</td>', row)]


def test_what_last_month_cost_stands_beside_the_price(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop(timezone="Europe/Berlin")
    sums = {"price": Decimal("0.0451"), "price_currency": "EUR", "parts": 1}
    numbers = ("+33612345678", "+4915112345678", "+4915112345679", "+819012345678")
    for number, recipient in enumerate(numbers):
        cart = left(stage.database, shop, OCTOBER, f"token:{number}", a_shopper(OCTOBER))
        price = sums if number != 2 else {}
        reminded(stage.database, shop, cart, OCTOBER, recipient=recipient, **price)
    owner = a_browser(stage, shop)
    page = get(owner, f"/shops/{shop.key}/settings/prices/").text
    assert "Texts in October 2026" in page
    assert cells(page, "France") == ["1", "€0.05"]
    assert cells(page, "Germany") == ["2", "€0.05"]
    assert cells(page, "Spain") == ["0", "–"]
    assert cells(page, "Japan") == ["1", "€0.05"]  # no example of ours, yet texts went there
    assert "the provider has not told: 1." in page
    french = get(
        owner, f"/shops/{shop.key}/settings/prices/", headers={"Accept-Language": "fr"}
    ).text
    assert "SMS en octobre 2026" in french
