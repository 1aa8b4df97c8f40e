"""A step's message as it would leave now, for one of the shop's carts or a made-up one.

It is made by what sends (`letters`), with a made-up person: nobody's name or address is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from msgspec import structs
from sqlalchemy import Connection, select

from recovery import letters, lines, tables
from recovery.accounts import AccountRow
from recovery.fresh_codes import LETTERS
from recovery.model import Channel, Email, Line, Message
from recovery.offer_facts import Gift, Terms
from recovery.offer_rows import Promised
from recovery.offer_texts import offer_phrase
from recovery.offers import end_of_day
from recovery.prices import locale_of
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from recovery.programmes import CART, Running
from recovery.shops import ShopRow
from recovery.sms_count import Count, count, worst
from recovery.step_times import place_of

_CARTS = tables.carts
MOST_CARTS = 5
#: Somebody who does not exist. The second name is the kind that costs: its letter is not GSM 7.
FIRST_NAME, DEAR_NAME = "Camille", "Jérôme"
_EMAIL = "camille@example.com"
_CODE = f"ABCD-{LETTERS[:5]}-{LETTERS[5:10]}"  # as long as they are
_SENDER = "+33700000000"  # while there is no account: one that can be answered
_YEAR = 366
_ANY_STEP = Step(1, Channel.SMS, Delay(0))


@dataclass(frozen=True, slots=True)
class Sample:
    """What a message is made from: a row of `carts` and of `reminders`, as far as words go."""

    id: int  # of the cart; 0: the made-up one
    lines: str
    currency: str
    total: Decimal
    country: str | None
    region: str | None
    locale: str | None
    left_at: datetime
    channel: str = Channel.SMS
    first_name: str | None = FIRST_NAME
    phone: str | None = None
    email: str | None = _EMAIL
    reminder_id: int = 0
    shop_id: int = 0
    programme: str = CART
    step: int = 1
    words: str | None = None
    rich: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it would leave. `instead`: in our words, as the merchant's cannot be filled."""

    message: Message
    instead: bool
    count: Count | None  # of a text


def samples(db: Connection, shop: ShopRow, now: datetime) -> list[Sample]:
    """The made-up cart, and the shop's latest ones, of nobody."""
    names = ("id", "lines", "currency", "total", "country", "region", "locale", "left_at")
    asked = select(*(_CARTS.c[name] for name in names)).where(_CARTS.c.shop_id == shop.id)
    asked = asked.order_by(_CARTS.c.created_at.desc()).limit(4 * MOST_CARTS)
    found = [Sample(**row._mapping) for row in db.execute(asked)]
    return [made_up(shop, now), *[each for each in found if lines.read(each.lines)][:MOST_CARTS]]


def made_up(shop: ShopRow, now: datetime) -> Sample:
    """A cart of two lines that no shop has."""
    goods = (
        Line("Teapot", 1, Decimal("34.00"), Decimal("34.00"), product_key="1"),
        Line("Blue cup", 2, Decimal("12.50"), Decimal("25.00"), product_key="2"),
    )
    currency = shop.currency or "EUR"
    return Sample(
        0, lines.written(goods), currency, Decimal("59.00"), shop.country, None, shop.locale, now
    )


def of_step(
    shop: ShopRow,
    account: AccountRow | None,
    step: Step,
    sample: Sample,
    language: str,
    links_at: str,
    now: datetime,
) -> Shown:
    """What leaves by `step` on the channel of `sample`, for a person of that language.

    An offer is taken as given, with a code as long as real ones. Raises ValueError, KeyError
    where a message cannot be written at all.
    """
    row = _for(sample, shop, step, language)
    promised = None if step.incentive is None else _promised(step.incentive, row, shop, now)
    form = Programme(start=Start.CART, steps=(step,))
    sender = account or _stand_in(row.channel)
    message, instead = letters.as_it_leaves(
        row, shop, sender, links_at, now, Running(CART, None, form), promised
    )
    is_mail = isinstance(message, Email)
    return Shown(message, instead, None if is_mail else count(message.text))


def at_worst(
    shop: ShopRow,
    account: AccountRow | None,
    step: Step,
    sample: Sample,
    language: str,
    links_at: str,
    now: datetime,
) -> Count:
    """The dearest text of this step for such a cart: with a dear name, and the longest promise."""
    at = now if step.incentive is None else _longest_at(step.incentive, sample, shop, language, now)
    people = (replace(sample, first_name=name) for name in (FIRST_NAME, DEAR_NAME, None))
    shown = (of_step(shop, account, step, each, language, links_at, at) for each in people)
    return worst(each.message.text for each in shown)


def promise(step: Step, sample: Sample, shop: ShopRow, language: str, now: datetime) -> str:
    """The longest words in which the offer of this step may be put for such a cart; or ""."""
    if step.incentive is None:
        return ""
    at = _longest_at(step.incentive, sample, shop, language, now)
    return _phrase(step.incentive, _for(sample, shop, step, language), shop, at)


def with_words(step: Step, language: str, text: str | None, subject: str | None) -> Step:
    """The step with these words in that language; None: ours."""
    texts = {k: v for k, v in step.texts.items() if k != language}
    subjects = {k: v for k, v in step.subjects.items() if k != language}
    return structs.replace(
        step,
        texts=texts if text is None else texts | {language: text},
        subjects=subjects if subject is None else subjects | {language: subject},
    )


def _for(sample: Sample, shop: ShopRow, step: Step, language: str) -> Sample:
    fits = sample.locale and locale_of(sample.locale).language == language
    locale = sample.locale if fits else language
    return replace(sample, locale=locale, step=step.number, shop_id=shop.id)


def _stand_in(channel: str) -> AccountRow:
    return AccountRow(0, "", "", channel, _SENDER, None, "", None, 1.0, None, None)


def _promised(asked: Incentive, row: Sample, shop: ShopRow, now: datetime) -> Promised:
    zone = place_of(row, shop).zones[0]
    terms = _terms(asked, row, shop)
    ends = end_of_day(now, terms.days, zone)
    return Promised(replace(terms, ends_at=ends), 0, zone, _CODE, ends)


def _terms(asked: Incentive, row: Sample, shop: ShopRow) -> Terms:
    """What the step asks for, as `offers` would grant it to a person who ordered nothing yet."""
    in_cart = dict.fromkeys(line.product_key for line in lines.read(row.lines))
    keys = tuple(filter(None, in_cart)) if asked.lines == "cart" else asked.lines
    in_money = asked.kind == "amount" or asked.minimum
    currency = (shop.currency if in_money else None) or row.currency
    value = Decimal(0) if asked.kind == "free_shipping" else asked.value
    return Terms(Gift.NOW, asked.kind, value, currency, asked.days, asked.minimum, keys)


def _phrase(asked: Incentive, row: Sample, shop: ShopRow, at: datetime) -> str:
    promised = _promised(asked, row, shop, at)
    cart = lines.read(row.lines)
    return offer_phrase(promised.terms, (row.locale, shop.locale), promised.zone, at, None, cart)


def _longest_at(
    asked: Incentive, sample: Sample, shop: ShopRow, language: str, now: datetime
) -> datetime:
    """The day of the coming year on which the offer takes most words: long days, long months."""
    row = _for(sample, shop, _ANY_STEP, language)
    return _longest_day(asked, row, shop, now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=100)
def _longest_day(asked: Incentive, row: Sample, shop: ShopRow, now: datetime) -> datetime:
    days = [now + timedelta(days=ahead) for ahead in range(0, _YEAR, 5)]
    return max(days, key=lambda day: len(_phrase(asked, row, shop, day)))
