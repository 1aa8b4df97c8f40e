"""By what leave marketing may reach a person: a table by hand, from the laws, not from the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from recovery.consent import Word
from recovery.leave import CUSTOMERS, countries_of, last_sales, missing_leave
from recovery.model import Channel
from recovery.reasons import Reason

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
OK, NO, WAITS = None, Reason.NO_CONSENT, Reason.NOT_CONFIRMED
YES_SAID, NO_SAID, SILENT, TICKED = "yes", "no", "", "ticked, not confirmed"
ON, OFF = True, False

# country, channel, what they said, days since their last sale (None: none), the merchant's
# switch for customers; then what is wanting.
TABLE: list[tuple[str, str, str, int | None, bool, Reason | None]] = [
    # A yes is leave everywhere, customer or not, whatever the merchant set.
    ("FR", "sms", YES_SAID, None, OFF, OK),
    ("FR", "email", YES_SAID, None, OFF, OK),
    ("US", "sms", YES_SAID, None, OFF, OK),
    ("PL", "sms", YES_SAID, None, OFF, OK),
    ("JP", "sms", YES_SAID, None, OFF, OK),
    ("IT", "sms", YES_SAID, 5, ON, OK),
    # A no is none, customer or not.
    ("FR", "sms", NO_SAID, 5, ON, NO),
    ("FR", "email", NO_SAID, 5, ON, NO),
    ("US", "email", NO_SAID, 5, ON, NO),
    ("GB", "sms", NO_SAID, None, OFF, NO),
    # A tick that waits for the number's own reply is none yet, and no customer's rule helps.
    ("DE", "sms", TICKED, None, OFF, WAITS),
    ("DE", "sms", TICKED, 5, ON, WAITS),
    ("FR", "sms", TICKED, None, OFF, WAITS),
    # Silence: a prospect gets nothing, in any country.
    ("FR", "sms", SILENT, None, ON, NO),
    ("FR", "email", SILENT, None, ON, NO),
    ("GB", "email", SILENT, None, ON, NO),
    ("US", "email", SILENT, None, ON, NO),
    # Silence, a customer, but the merchant has not said that it applies.
    ("FR", "sms", SILENT, 5, OFF, NO),
    ("FR", "email", SILENT, 5, OFF, NO),
    ("US", "email", SILENT, 5, OFF, NO),
    # Silence, a customer, and the merchant has said so: where the law has the exception.
    ("FR", "sms", SILENT, 5, ON, OK),
    ("FR", "email", SILENT, 5, ON, OK),
    ("FR", "email", SILENT, 1500, ON, OK),
    ("DE", "sms", SILENT, 5, ON, OK),
    ("ES", "email", SILENT, 5, ON, OK),
    ("NO", "sms", SILENT, 5, ON, OK),
    ("GB", "sms", SILENT, 5, ON, OK),
    ("CH", "email", SILENT, 5, ON, OK),
    ("fr", "sms", SILENT, 5, ON, OK),
    # Italy: by mail alone.
    ("IT", "email", SILENT, 5, ON, OK),
    ("IT", "sms", SILENT, 5, ON, NO),
    # Ireland: twelve months after the sale.
    ("IE", "email", SILENT, 359, ON, OK),
    ("IE", "email", SILENT, 370, ON, NO),
    ("IE", "sms", SILENT, 370, ON, NO),
    # Canada: two years.
    ("CA", "email", SILENT, 700, ON, OK),
    ("CA", "sms", SILENT, 700, ON, OK),
    ("CA", "email", SILENT, 740, ON, NO),
    # The United States: mails need no consent, texts a written one.
    ("US", "email", SILENT, 5, ON, OK),
    ("US", "sms", SILENT, 5, ON, NO),
    # No exception at all, or none that is clear.
    ("PL", "email", SILENT, 5, ON, NO),
    ("HU", "sms", SILENT, 5, ON, NO),
    ("AU", "email", SILENT, 5, ON, NO),
    ("JP", "email", SILENT, 5, ON, NO),
    ("", "email", SILENT, 5, ON, NO),
]


def wanting(
    country: str, channel: str, said: str, days: int | None, switched_on: bool
) -> Reason | None:
    word = Word(1, channel, "x", said != NO_SAID, "box", "", NOW) if said else None
    bought_at = None if days is None else NOW - timedelta(days=days)
    return missing_leave(
        Channel(channel),
        (country,) if country else (),
        word,
        is_unconfirmed=said == TICKED,
        bought_at=bought_at,
        customers_may=switched_on,
        now=NOW,
    )


@pytest.mark.parametrize("case", TABLE, ids=lambda case: " ".join(map(str, case[:5])))
def test_who_may_be_written_to_by_which_leave(case: Any) -> None:
    *facts, expected = case
    assert wanting(*facts) is expected


def test_the_table_of_leave_is_long_enough() -> None:
    assert len(TABLE) == len({case[:5] for case in TABLE}) >= 30


def test_every_country_of_the_table_has_its_source() -> None:
    assert all(rule.source for rule in CUSTOMERS.values())
    assert all(len(country) == 2 and country.isupper() for country in CUSTOMERS)


def test_of_two_countries_the_stricter_one_counts() -> None:
    facts = {"is_unconfirmed": False, "bought_at": NOW, "customers_may": True, "now": NOW}
    for countries in (("FR", "US"), ("US", "FR")):
        assert missing_leave(Channel.SMS, countries, None, **facts) is NO  # type: ignore[arg-type]
    assert missing_leave(Channel.SMS, ("FR", "GB"), None, **facts) is OK  # type: ignore[arg-type]


def test_a_text_is_judged_by_its_number_too_and_a_mail_by_the_cart_alone() -> None:
    assert countries_of(Channel.SMS, "+12125550123", "FR", "FR") == ("US", "FR")
    assert countries_of(Channel.SMS, "+33612345678", None, "FR") == ("FR",)
    assert countries_of(Channel.SMS, None, None, None) == ()
    assert countries_of(Channel.EMAIL, "+12125550123", None, "FR") == ("FR",)
    assert countries_of(Channel.EMAIL, "+12125550123", "CA", "FR") == ("CA",)


def test_a_sale_is_a_checkout_that_was_not_cancelled() -> None:
    def order(days: int, origin: str = "checkout", **more: Any) -> Any:
        row = {"shop_id": 1, "email": "a@example.com", "phone": None, "origin": origin}
        row |= {"placed_at": NOW - timedelta(days=days), "cancelled_at": None}
        return SimpleNamespace(**(row | more))

    several = [order(9), order(5), order(1, cancelled_at=NOW), order(2, "subscription")]
    assert last_sales(several) == {(1, "email", "a@example.com"): NOW - timedelta(days=5)}
    assert last_sales([order(1, cancelled_at=NOW)]) == {}
