"""The rows that reports are counted from: a shop's carts of some time, with all that followed.

Carts that programs, staff or nobody we could know left are in no report: bots', those not of a
checkout, empty ones, and a browser's cart without any name (see `recovery.sights`); nor are those
that were left before the install, whom nobody could write to. Everything
is read in groups, by the indexes of the carts, and counted in `recovery.reports`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, FromClause, and_, or_, select, union

from recovery import reasons, tables, takings
from recovery.attribution import PERSONS
from recovery.believable import FIRST_DAY, SKEW
from recovery.borders import converted
from recovery.model import Channel, Origin
from recovery.reasons import Reason
from recovery.states import BEFORE_THE_INSTALL, ReminderState

_CARTS, _ORDERS, _REMINDERS = tables.carts, tables.orders, tables.reminders
_MARKS = ("customer_key", "email", "phone")
_ADDRESSES = ((Channel.SMS, "phone"), (Channel.EMAIL, "email"))
#: Of the amount in EUR, by the fixed table of `recovery.borders`.
BANDS = (Decimal(50), Decimal(100), Decimal(250), Decimal(500))
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sale:
    """An order: what it left, and whether it stands (neither cancelled nor a renewal)."""

    id: int
    currency: str
    net: Decimal
    stands: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A planned message of a cart, what became of it, and the orders credited to it."""

    id: int
    programme: str
    step: int
    channel: str
    variant: str  # "": nobody was compared with anybody
    state: ReminderState
    reasons: tuple[Reason, ...]
    price: Decimal | None
    price_currency: str | None
    clicked: bool  # by a person
    sales: tuple[Sale, ...]
    offers: tuple[Decimal | None, ...]  # what each code taken cost; None: not known

    @property
    def earned(self) -> bool:
        """Whether an order that stands is credited to it."""
        return any(sale.stands for sale in self.sales)

    @property
    def left(self) -> bool:
        """Whether it is known to have left: accepted, or its reader came."""
        return self.state in _LEFT or self.clicked or self.earned

    @property
    def arrived(self) -> bool:
        """Whether nothing speaks against it having arrived."""
        return self.left and (
            self.state is not ReminderState.UNDELIVERED or self.clicked or self.earned
        )


_LEFT = (ReminderState.SENT, ReminderState.DELIVERED, ReminderState.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class CartSeen:
    """A cart of a shopper. `agreed`: a message was allowed when it was left, on some channel."""

    id: int
    day: str  # of the shop
    language: str
    country: str
    amount: str
    returning: bool  # this person had ordered before
    has_contact: bool
    agreed: bool
    abandoned: bool
    messages: tuple[Message, ...]
    sales: tuple[Sale, ...]  # orders that came from it


def of_carts(db: Connection, shop_id: int, since: datetime, until: datetime) -> list[CartSeen]:
    """The carts begun from `since` to before `until`, by id. Raises LookupError for no shop."""
    columns = ("timezone", "customers_may_be_texted", "customers_may_be_mailed")
    shops = tables.shops
    asked = select(*(shops.c[name] for name in columns)).where(shops.c.id == shop_id)
    shop = db.execute(asked).first()
    if shop is None:
        raise LookupError("no such shop")
    cohort = _cohort(shop_id, since, until)
    rows = db.execute(select(cohort).order_by(cohort.c.id)).all()
    messages = _messages(db, cohort)
    sales = _sales(db, cohort, _ORDERS.c.cart_id == cohort.c.id, cohort.c.id)
    returning = _returning(db, cohort)
    words, stops = _words(db, cohort), _stops(db, cohort)
    zone = zone_of(shop.timezone)
    found = []
    for row in rows:
        was = row.id in returning
        agreed = _agrees(row, shop, was, words, stops)
        mine = (tuple(messages.get(row.id, ())), tuple(sales.get(row.id, ())))
        found.append(_seen(row, zone, was, agreed, *mine))
    return found


def zone_of(name: str | None) -> tzinfo:
    """The shop's zone; UTC where none is known."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; or a path, a folder
        return ZoneInfo("UTC")


def band(amount: Decimal, currency: str) -> str:
    """The band of an amount, in EUR: "0-50", "50-100" and so on, or "500+"."""
    euros = converted(amount, currency, "EUR")
    if euros is None:
        return UNKNOWN
    low = max((each for each in BANDS if each <= euros), default=Decimal(0))
    high = min((each for each in BANDS if each > euros), default=None)
    return f"{low}+" if high is None else f"{low}-{high}"


def language(locale: str | None) -> str:
    """The language of a locale: "fr" of "fr-CA" and of "fr_FR"."""
    return (locale or "").replace("_", "-").partition("-")[0].lower() or UNKNOWN


def _cohort(shop_id: int, since: datetime, until: datetime) -> FromClause:
    names = [*("id", "shop_id", "created_at", "left_at", "abandoned_at"), *_MARKS]
    names += ["locale", "country", "currency", "total"]
    return (
        select(*(_CARTS.c[name] for name in names))
        .where(
            _CARTS.c.shop_id == shop_id,
            _CARTS.c.created_at >= since,
            _CARTS.c.created_at < until,
            _CARTS.c.bot.is_(None),
            _CARTS.c.origin == Origin.CHECKOUT.value,
            _CARTS.c.item_count > 0,
            _CARTS.c.sources != "cart",
            or_(
                _CARTS.c.ended_because.is_(None),
                _CARTS.c.ended_because != BEFORE_THE_INSTALL,
            ),
        )
        .subquery("cohort")
    )


def _seen(
    row: Any,
    zone: tzinfo,
    returning: bool,
    agreed: bool,
    messages: tuple[Message, ...],
    sales: tuple[Sale, ...],
) -> CartSeen:
    written = any(each.left for each in messages)  # by whatever leave there was
    return CartSeen(
        id=row.id,
        day=row.created_at.astimezone(zone).date().isoformat(),
        language=language(row.locale),
        country=row.country or UNKNOWN,
        amount=band(row.total, row.currency),
        returning=returning,
        has_contact=bool(row.email or row.phone) or written,
        agreed=agreed or written,
        abandoned=row.abandoned_at is not None or written,
        messages=messages,
        sales=sales,
    )


# -- leave to write -----------------------------------------------------------------------------

_Asked = tuple[int, str]  # a cart, and a channel


def _moment(row: Any) -> datetime:
    """When leave was first needed; a platform's clock may be a little ahead of ours."""
    moment: datetime = row.abandoned_at or row.left_at
    return moment + SKEW


def _words(db: Connection, cohort: FromClause) -> dict[_Asked, bool]:
    """The last word on each channel by the time it was needed; a "no" wins a draw."""
    found: dict[_Asked, tuple[datetime, bool]] = {}
    for row in _told(db, cohort, tables.consents, "granted"):
        said = (row.at, not row.granted)
        if row.at <= _moment(row) and said > found.get((row.id, row.channel), (FIRST_DAY, False)):
            found[row.id, row.channel] = said
    return {key: not refused for key, (_, refused) in found.items()}


def _stops(db: Connection, cohort: FromClause) -> set[_Asked]:
    """Where a stop stood then."""
    return {
        (row.id, row.channel)
        for row in _told(db, cohort, tables.suppressions, "lifted_at")
        if row.at <= _moment(row) and (row.lifted_at is None or row.lifted_at > _moment(row))
    }


def _told(db: Connection, cohort: FromClause, table: Any, name: str) -> Iterator[Any]:
    carts = [cohort.c[each] for each in ("id", "abandoned_at", "left_at")]
    columns = (*carts, table.c.at, table.c.channel, table.c[name])
    for channel, address in _ADDRESSES:
        theirs = and_(
            table.c.shop_id == cohort.c.shop_id,
            table.c.channel == channel.value,
            table.c.address == cohort.c[address],
        )
        yield from db.execute(select(*columns).join_from(cohort, table, theirs))


def _agrees(
    cart: Any, shop: Any, returning: bool, words: Mapping[_Asked, bool], stops: set[_Asked]
) -> bool:
    customers = {
        Channel.SMS: shop.customers_may_be_texted,
        Channel.EMAIL: shop.customers_may_be_mailed,
    }
    return any(
        bool(getattr(cart, address))
        and (cart.id, channel.value) not in stops
        and words.get((cart.id, channel.value), customers[channel] and returning)
        for channel, address in _ADDRESSES
    )


def _returning(db: Connection, cohort: FromClause) -> set[int]:
    """The carts whose person had ordered before, by any mark."""
    earlier = [
        select(cohort.c.id)
        .join_from(cohort, _ORDERS, _ORDERS.c[name] == cohort.c[name])
        .where(
            _ORDERS.c.shop_id == cohort.c.shop_id,
            _ORDERS.c.placed_at < cohort.c.created_at,
            _ORDERS.c.cancelled_at.is_(None),
        )
        for name in _MARKS
    ]
    return set(db.execute(union(*earlier)).scalars())


# -- messages and orders ------------------------------------------------------------------------


def _messages(db: Connection, cohort: FromClause) -> dict[int, list[Message]]:
    names = ["id", "cart_id", "programme", "step", "channel", "arm", "state", "reasons"]
    names += ["price", "price_currency"]
    rows = db.execute(
        select(*(_REMINDERS.c[name] for name in names))
        .join_from(cohort, _REMINDERS, _of(cohort))
        .order_by(_REMINDERS.c.id)
    ).all()
    clicked = _clicked(db, cohort)
    credited = _ORDERS.c.reminder_id == _REMINDERS.c.id
    sales = _sales(db, cohort.join(_REMINDERS, _of(cohort)), credited, _REMINDERS.c.id)
    offers = _offers(db, cohort)
    found: dict[int, list[Message]] = defaultdict(list)
    for row in rows:
        message = Message(
            id=row.id,
            programme=row.programme,
            step=row.step,
            channel=row.channel,
            variant=row.arm or "",
            state=ReminderState(row.state),
            reasons=_reasons(row.reasons),
            price=row.price,
            price_currency=row.price_currency,
            clicked=row.id in clicked,
            sales=tuple(sales.get(row.id, ())),
            offers=tuple(offers.get(row.id, ())),
        )
        found[row.cart_id].append(message)
    return found


@lru_cache(maxsize=1_000)
def _reasons(text: str | None) -> tuple[Reason, ...]:
    return tuple(reasons.read(text))


def _of(cohort: FromClause) -> Any:
    """The condition that a reminder is of a cart of these."""
    return _REMINDERS.c.cart_id == cohort.c.id


def _clicked(db: Connection, cohort: FromClause) -> set[int]:
    """The reminders whose link a person followed; previews and programs are none."""
    links, clicks = tables.links, tables.clicks
    by_link = (
        select(links.c.reminder_id)
        .join_from(cohort, links, links.c.cart_id == cohort.c.id)
        .where(links.c.first_clicked_at.is_not(None), links.c.purpose != "stop")
    )
    by_visit = (
        select(clicks.c.reminder_id)
        .select_from(cohort.join(_REMINDERS, _of(cohort)))
        .join(clicks, clicks.c.reminder_id == _REMINDERS.c.id)
        .where(clicks.c.who.in_(PERSONS))
    )
    return set(db.execute(union(by_link, by_visit)).scalars())


def _sales(db: Connection, beside: FromClause, mine: Any, key: Any) -> dict[int, list[Sale]]:
    columns = (key.label("key"), _ORDERS.c.id, *takings.COLUMNS)
    found: dict[int, list[Sale]] = defaultdict(list)
    for row in db.execute(select(*columns).join_from(beside, _ORDERS, mine).order_by(_ORDERS.c.id)):
        sale = Sale(row.id, row.currency, takings.net(row), takings.counts(row))
        found[row.key].append(sale)
    return found


def _offers(db: Connection, cohort: FromClause) -> dict[int, list[Decimal | None]]:
    """By reminder, what each of its codes took off orders that stand."""
    offers = tables.offers
    rows = db.execute(
        select(offers.c.reminder_id, offers.c.took_off)
        .join_from(cohort, offers, offers.c.cart_id == cohort.c.id)
        .join(_ORDERS, _ORDERS.c.id == offers.c.used_by)
        .where(offers.c.used_at.is_not(None), _ORDERS.c.cancelled_at.is_(None))
    )
    found: dict[int, list[Decimal | None]] = defaultdict(list)
    for row in rows:
        found[row.reminder_id].append(row.took_off)
    return found
