"""By what leave may marketing reach this person: their yes, or the country's rule for customers.

Pure: facts in, a reason or None out. A yes in the ledger is leave; a no is none, whatever
else holds; a stop is asked elsewhere and outweighs both. Without a word of theirs there is
one exception, which the merchant switches on for each channel and thereby says that it
applies (similar products, told as the address was left, a way out each time): an existing
customer. Where the law has no such exception, or it is not clear that it has, the switch
changes nothing. The table is careful: a country that is not listed has none. It is not
legal advice; whoever knows better for a country changes its row, with its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.consent import Word
from recovery.contacts import region_of
from recovery.model import Channel
from recovery.reasons import Reason

_BOTH = frozenset(Channel)
_MAILS = frozenset({Channel.EMAIL})
_NONE: frozenset[Channel] = frozenset()
_MONTH = timedelta(days=30)
_UNCONFIRMED = {
    Channel.SMS: Reason.NOT_CONFIRMED,
    Channel.EMAIL: Reason.EMAIL_NOT_CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class CustomerRule:
    """On which channels a customer may be written to without a yes, and how long after a sale.

    `within` None: the law names no end.
    """

    channels: frozenset[Channel]
    source: str
    within: timedelta | None = None


_EU = CustomerRule(
    _BOTH,
    "Directive 2002/58/EC art. 13(2), as the country has taken it over; texts are electronic "
    "mail there (art. 2(h), recital 40)",
)
_EEA = CustomerRule(_BOTH, f"{_EU.source}; by the EEA agreement, annex XI")

#: By country. To change one, change its row.
CUSTOMERS: dict[str, CustomerRule] = {
    **dict.fromkeys(
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR LT LU LV MT NL PT RO SE SI SK".split(), _EU
    ),
    **dict.fromkeys(("IS", "LI", "NO"), _EEA),
    "FR": CustomerRule(_BOTH, "Code des postes et des communications électroniques, art. L34-5"),
    "DE": CustomerRule(_BOTH, "UWG § 7(3)"),
    "AT": CustomerRule(_BOTH, "TKG 2021 § 174(4)"),
    "ES": CustomerRule(_BOTH, "LSSI (Ley 34/2002) art. 21.2"),
    "NL": CustomerRule(_BOTH, "Telecommunicatiewet art. 11.7"),
    "IE": CustomerRule(
        _BOTH,
        "S.I. 336/2011 reg. 13(11): a sale not more than 12 months ago",
        within=12 * _MONTH,
    ),
    "IT": CustomerRule(
        _MAILS,
        "Codice privacy (d.lgs. 196/2003) art. 130(4): by e-mail alone",
    ),
    "PL": CustomerRule(
        _NONE,
        "Prawo komunikacji elektronicznej (12.7.2024) art. 398: prior consent, no exception",
    ),
    "HU": CustomerRule(_NONE, "Act XLVIII of 2008 § 6(1): prior consent of natural persons"),
    "GB": CustomerRule(_BOTH, "Privacy and Electronic Communications Regulations 2003 reg. 22(3)"),
    "CH": CustomerRule(_BOTH, "UWG (SR 241) art. 3(1)(o)"),
    "US": CustomerRule(
        _MAILS,
        "texts: 47 CFR 64.1200(a)(2), prior express written consent, no exception for customers; "
        "mails: CAN-SPAM, 15 USC 7704, asks for a way out and no consent",
    ),
    "CA": CustomerRule(
        _BOTH,
        "CASL (S.C. 2010, c. 23) s. 10(9)-(10): implied for two years after a purchase; its "
        "electronic addresses include telephone accounts (s. 1(1))",
        within=24 * _MONTH,
    ),
    "AU": CustomerRule(
        _NONE,
        "Spam Act 2003, sched. 2 cl. 2: inferred from conduct and relationship, which one "
        "purchase may not be",
    ),
}


def missing_leave(
    channel: Channel,
    countries: Iterable[str],
    word: Word | None,
    *,
    is_unconfirmed: bool,
    bought_at: datetime | None,
    customers_may: bool,
    now: datetime,
) -> Reason | None:
    """What leave is wanting to send marketing on that channel; None: nothing.

    `word` is the person's latest in the ledger, for that address; `is_unconfirmed`: it waits
    for a reply, or for a button. `bought_at` is their last sale that was not cancelled,
    `customers_may` the merchant's switch for the channel. `countries` is `countries_of`.
    """
    if word is not None:
        if not word.granted:
            return Reason.NO_CONSENT
        return _UNCONFIRMED[channel] if is_unconfirmed else None
    is_customer = bought_at is not None and may_customers(channel, countries, bought_at, now)
    return None if customers_may and is_customer else Reason.NO_CONSENT


def may_customers(
    channel: Channel, countries: Iterable[str], bought_at: datetime, now: datetime
) -> bool:
    """Whether the law lets a customer of that day be written to without a yes.

    It must, in each of the countries; of nowhere nothing is known.
    """
    rules = [CUSTOMERS.get(country.upper()) for country in countries]
    return bool(rules) and all(
        rule is not None
        and channel in rule.channels
        and (rule.within is None or bought_at >= now - rule.within)
        for rule in rules
    )


def countries_of(channel: Channel, phone: str | None, *others: str | None) -> tuple[str, ...]:
    """The countries whose law may hold for a person, of which the strictest counts.

    Of a text: that of the number, and that of the cart (the first of `others` that is known:
    cart, then shop). Of a mail: the latter alone; an address tells no country.
    """
    known = next((each for each in others if each), None)
    of_number = region_of(phone) if channel is Channel.SMS else None
    return tuple(dict.fromkeys(each for each in (of_number, known) if each))


def last_sales(
    orders: Iterable[Any], marks: Iterable[str] = ("email", "phone")
) -> dict[tuple[int, str, str], datetime]:
    """By (shop, mark, value) the last sale; rows of `orders`.

    A checkout is one, unless it was cancelled. What a program, the till or a renewal made is
    left out: there nobody was told what the address is used for.
    """
    found: dict[tuple[int, str, str], datetime] = {}
    for row in orders:
        if row.origin == "checkout" and row.cancelled_at is None:
            for mark in marks:
                if getattr(row, mark):
                    key = (row.shop_id, mark, getattr(row, mark))
                    found[key] = max(found.get(key, row.placed_at), row.placed_at)
    return found
