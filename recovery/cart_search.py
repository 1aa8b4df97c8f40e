"""The carts of a shop, newest first, fifty at a time: all, or those that what was typed finds.

Typed is an e-mail or a phone (whole, or how it begins), the number of an order, or words: of
names, of titles and keys of products. All words must be found; one that is nowhere as it
stands is taken for a beginning. Each question is answered from an index: see
`docs/decisions/0023-search.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from phonenumbers import country_code_for_region
from sqlalchemy import ColumnElement, Connection, Table, and_, exists, or_, select, true

from recovery import tables
from recovery.contacts import e164, email_key
from recovery.planner import aside
from recovery.search_words import apart
from recovery.shops import ShopRow
from recovery.states import CartState

PAGE = 50
LONGEST_TYPED = 200
BROUGHT_BACK = "brought_back"
STATES = (*(state.value for state in CartState), BROUGHT_BACK)
_CARTS, _ORDERS = tables.carts, tables.orders
_WORDS = (tables.cart_words, tables.name_words)
_MOST_WORDS, _MOST_ENDINGS, _MOST_BY_CONTACT = 5, 20, 500
_ENOUGH = 1000  # rows of a word beyond which it is not worth counting further
_PHONE = re.compile(r"[\d\s().+/-]+", re.ASCII)
_LAST = "\U0010ffff"
_NAMES = (
    *("id", "shop_id", "name", "state", "ended_because", "origin", "bot", "email", "phone"),
    *("phone_raw", "customer_key", "first_name", "currency", "total", "lines", "item_count"),
    *("created_at", "changed_at", "left_at", "abandoned_at", "recorded_at", "silenced_at"),
)
_COLUMNS = [_CARTS.c[name] for name in _NAMES]

Place = tuple[datetime, int]  # of a cart in the list: when it began, its id


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `state` one of `STATES` or ""; carts begun in [since, until)."""

    typed: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of `carts`, newest first; `more` is where the next page begins, None at the end."""

    rows: Sequence[Any] = field(default=())
    more: Place | None = None


def find(db: Connection, shop: ShopRow, asked: Asked, after: Place | None = None) -> Found:
    """The page of carts that comes after that place."""
    limits = _limits(shop.id, asked)
    typed = asked.typed.strip()[:LONGEST_TYPED].replace("\x00", "")
    if not typed:
        return _page(_listed(db, shop.id, limits, after))
    ids = _by_contact(db, shop, typed) | _by_order(db, shop.id, typed)
    if ids:
        return _page(_listed(db, shop.id, [*limits, _CARTS.c.id.in_(ids)], after))
    if "@" in typed:
        return Found()  # an address is no words: nobody else's name is to be found by its parts
    words = [_spelled(db, shop.id, word) for word in _of(typed)]
    if not words or not all(words):
        return Found()
    return _page(_of_words(db, shop.id, words, asked, after))


def _limits(shop_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if asked.since is not None:
        limits.append(_CARTS.c.created_at >= asked.since)
    if asked.until is not None:
        limits.append(_CARTS.c.created_at < asked.until)
    if asked.state == BROUGHT_BACK:
        limits.append(_is_brought_back(shop_id, _CARTS.c.id))
    elif asked.state in STATES:
        limits.append(_CARTS.c.state == asked.state)
    return limits


def _is_brought_back(shop_id: int, cart_id: Any) -> ColumnElement[bool]:
    # As one set: asked of cart after cart, a shop where nobody came back would be read wholly.
    credited = (_ORDERS.c.reminder_id.is_not(None), _ORDERS.c.cart_id.is_not(None))
    theirs = select(_ORDERS.c.cart_id).where(_ORDERS.c.shop_id == shop_id, *credited)
    is_it: ColumnElement[bool] = cart_id.in_(theirs)
    return is_it


def _listed(
    db: Connection, shop_id: int, limits: Iterable[ColumnElement[bool]], after: Place | None
) -> Sequence[Any]:
    here = (_CARTS.c.shop_id == shop_id, *limits)
    asked = select(*_COLUMNS).where(*here, _before(_CARTS.c.created_at, _CARTS.c.id, after))
    newest = asked.order_by(_CARTS.c.created_at.desc(), _CARTS.c.id.desc())
    return db.execute(newest.limit(PAGE + 1)).all()


def _before(at: Any, number: Any, after: Place | None) -> ColumnElement[bool]:
    if after is None:
        return true()
    return and_(at <= after[0], or_(at < after[0], number < after[1]))


def _page(rows: Sequence[Any]) -> Found:
    shown = rows[:PAGE]
    more = (shown[-1].created_at, shown[-1].id) if len(rows) > PAGE else None
    return Found(shown, more)


# -- by what stands in the rows themselves --------------------------------------------------------


def _by_contact(db: Connection, shop: ShopRow, typed: str) -> set[int]:
    if "@" in typed:
        key = email_key(typed)
        found = set() if key is None else _with(db, shop.id, "email", key)
        return found or _beginning(db, shop.id, "email", typed.casefold())
    if not _PHONE.fullmatch(typed):
        return set()
    number = e164(typed, shop.country)
    found = set() if number is None else _with(db, shop.id, "phone", number)
    begins = _begins(typed, shop.country) if not found else []
    return found.union(*(_beginning(db, shop.id, "phone", each) for each in begins))


def _begins(typed: str, country: str | None) -> list[str]:
    """How an E.164 number begins of which so much was typed, national or not."""
    digits = re.sub(r"\D", "", typed)
    if len(digits) < 4:
        return []
    if typed.strip().startswith("+"):
        return [f"+{digits}"]
    if digits.startswith("00"):
        return [f"+{digits[2:]}"]
    code = country_code_for_region((country or "").upper())
    national = [f"+{code}{digits.removeprefix('0')}"] if code else []
    return [*national, f"+{digits}"]


def _with(db: Connection, shop_id: int, name: str, value: str) -> set[int]:
    mine = (_CARTS.c[name] == value, _CARTS.c.shop_id == shop_id)
    newest = select(_CARTS.c.id).where(*mine).order_by(_CARTS.c.id.desc())
    return set(db.scalars(newest.limit(_MOST_BY_CONTACT)))


def _beginning(db: Connection, shop_id: int, name: str, value: str) -> set[int]:
    column = _CARTS.c[name]
    if db.dialect.name == "sqlite":
        range_ = (column >= value, column < value + _LAST)
    else:  # by bytes, whatever the database's order of letters: as the index is
        range_ = (column.op("~>=~")(value), column.op("~<~")(value + _LAST))
    asked = select(_CARTS.c.id).where(*range_, aside(_CARTS.c.shop_id) == shop_id)
    return set(db.scalars(asked.limit(_MOST_BY_CONTACT)))


def _by_order(db: Connection, shop_id: int, typed: str) -> set[int]:
    bare = typed.lstrip("#").strip()
    if not bare or len(bare) > 80:
        return set()
    here = (_ORDERS.c.shop_id == shop_id, _ORDERS.c.cart_id.is_not(None))
    names = (_ORDERS.c.name.in_({typed, bare, f"#{bare}"}), _ORDERS.c.key == bare)
    found: set[int] = set()
    for name in names:  # one by one: an OR over the two reads the shop's every order
        found.update(db.scalars(select(_ORDERS.c.cart_id).where(*here, name).limit(PAGE)))
    return found


# -- by words -------------------------------------------------------------------------------------


def _of(typed: str) -> list[str]:
    return list(dict.fromkeys(apart(typed)))[:_MOST_WORDS]


def _spelled(db: Connection, shop_id: int, word: str) -> list[str]:
    """The word, if some cart has it; else the words that begin with it, the first of them."""
    for table in _WORDS:
        its = (table.c.shop_id == shop_id, table.c.word == word)
        if db.execute(select(table.c.word).where(*its).limit(1)).first() is not None:
            return [word]
    return [each for table in _WORDS for each in _endings(db, table, shop_id, word)]


def _endings(db: Connection, table: Table, shop_id: int, begin: str) -> list[str]:
    # From word to word: each is one look into the index, however many carts have it.
    found: list[str] = []
    last = begin
    while len(found) < _MOST_ENDINGS:
        its = (table.c.word > last, table.c.word < begin + _LAST)
        asked = select(table.c.word).where(table.c.shop_id == shop_id, *its)
        word = db.execute(asked.order_by(table.c.word).limit(1)).scalar()
        if word is None:
            break
        found.append(last := str(word))
    return found


def _of_words(
    db: Connection, shop_id: int, words: list[list[str]], asked: Asked, after: Place | None
) -> Sequence[Any]:
    """Along the rarest of the words; each cart on the way is asked for the others."""
    first, *others = sorted(words, key=lambda spelled: _how_many(db, shop_id, spelled))
    places: set[Place] = set()
    for word in first:
        for table in _WORDS:
            places |= _along(db, table, shop_id, word, others, asked, after)
    chosen = sorted(places, reverse=True)[: PAGE + 1]
    rows = db.execute(select(*_COLUMNS).where(_CARTS.c.id.in_([number for _, number in chosen])))
    return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)


def _along(
    db: Connection,
    table: Table,
    shop_id: int,
    word: str,
    others: list[list[str]],
    asked: Asked,
    after: Place | None,
) -> set[Place]:
    its = [table.c.shop_id == shop_id, table.c.word == word]
    if asked.since is not None:
        its.append(table.c.created_at >= asked.since)
    if asked.until is not None:
        its.append(table.c.created_at < asked.until)
    its += [_has(table, shop_id, other) for other in others]
    its.append(_before(table.c.created_at, table.c.cart_id, after))
    places = select(table.c.created_at, table.c.cart_id)
    if asked.state == BROUGHT_BACK:
        its.append(_is_brought_back(shop_id, table.c.cart_id))
    elif asked.state in STATES:
        places = places.join(_CARTS, _CARTS.c.id == table.c.cart_id)
        its.append(_CARTS.c.state == asked.state)
    newest = places.where(*its).order_by(table.c.created_at.desc(), table.c.cart_id.desc())
    return {(row.created_at, row.cart_id) for row in db.execute(newest.limit(PAGE + 1))}


def _has(table: Table, shop_id: int, spelled: list[str]) -> ColumnElement[bool]:
    """Whether the cart of this row has one of these words, too."""
    each = []
    for other in _WORDS:
        also = other.alias()
        same = (also.c.cart_id == table.c.cart_id, also.c.created_at == table.c.created_at)
        its = (also.c.shop_id == shop_id, also.c.word.in_(spelled))
        each.append(exists().where(*its, *same))
    return or_(*each)


def _how_many(db: Connection, shop_id: int, spelled: list[str]) -> int:
    many = 0
    for table in _WORDS:
        its = (table.c.shop_id == shop_id, table.c.word.in_(spelled))
        many += len(db.execute(select(table.c.cart_id).where(*its).limit(_ENOUGH)).all())
    return many
